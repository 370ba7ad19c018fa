import type { Bilingual, Severity } from '#schemas/device-class.ts';

/** What is known of an alarm when somebody is to be told of it; serialisable, in no language yet. */
export interface NoticeFacts {
  readonly alarmId: number;
  readonly ruleId: string;
  readonly rule: Bilingual;
  /** Of the rule; empty where it names none. */
  readonly category: string;
  /** The responsible team of the rule; empty where it names none. */
  readonly team: string;
  readonly severity: Severity;
  readonly point: string;
  readonly metric: Bilingual;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceClass: string;
  /** The device's space and every space above it, the nearest first. */
  readonly spaces: readonly { readonly id: string; readonly name: string }[];
  readonly value: number | null;
  readonly state: Bilingual | null;
  readonly unit: string;
  readonly limit: number | null;
  readonly reason: string;
  readonly action: Bilingual;
  readonly raisedMs: number;
  readonly provenance: string;
}

/** Where an alarm stands now. */
export interface AlarmStanding {
  readonly clearedMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly assignee: string | null;
  /** Why nobody is to be told: shelved, suppressed, out of service; null otherwise. */
  readonly held: 'shelved' | 'suppressed' | 'out-of-service' | null;
}
