import type { DayFacts, ItemFacts } from '../../measure.ts';
import type { LiveMarks, PlacedDevice } from '../../live.ts';

/** Something that happened, and who outside says so. */
export interface OccurrenceFacts {
  readonly time: string;
  /** The device or adapter that confirms it. */
  readonly deviceId: string;
  /** Type of the event, id of the rule, name of the command, kind of the channel. */
  readonly what: string;
  /** Where it stands: `event:17`, `alarm:4`, `command:…`, `delivery:9`. */
  readonly ref: string;
  /** A person, a channel, or the other side of a linkage. */
  readonly by: string | null;
}

export interface DeclaredSpace {
  readonly spaceId: string;
  readonly name: string;
}

export interface LiveFacts {
  readonly kind: 'live';
  readonly candidates: readonly LiveMarks[];
  /** The declared spaces that the proof asks for; empty when it asks for none. */
  readonly spaces: readonly (DeclaredSpace & { readonly deviceIds: readonly string[] })[];
}

export interface StateFacts {
  readonly kind: 'state';
  readonly devices: readonly {
    readonly deviceId: string;
    readonly point: string;
    /** Null when there is no good reading of the last day of the period; the state's name, or its code. */
    readonly reading: { readonly time: string; readonly state: string } | null;
  }[];
}

export interface DueFacts {
  readonly kind: 'due';
  /** `date` is what the attribute says, as it is written; null when it says nothing. */
  readonly devices: readonly { readonly deviceId: string; readonly date: string | null }[];
  /** The local day at whose begin or within which the period ends. */
  readonly lastDay: string;
}

export interface RuleFacts {
  readonly kind: 'rule';
  readonly rules: readonly { readonly ruleId: string; readonly version: number }[];
}

/** Of every proof that asks for something that happened. */
export interface HappenedFacts {
  readonly kind: 'event' | 'alarm' | 'command' | 'linkage' | 'delivery' | 'onboarded';
  /** Begin of the window; it ends with the period. */
  readonly from: string;
  /** The newest few. */
  readonly occurrences: readonly OccurrenceFacts[];
  /** Devices that could have confirmed it. */
  readonly suitable: number;
  /** What was tried on our side, confirmed or not; null where nothing is counted. */
  readonly attempts: number | null;
}

export interface PublicationFacts {
  readonly kind: 'publication';
  readonly from: string;
  /** Displays in service at the end of the period. */
  readonly displays: readonly string[];
  /** The newest ones that reached the displays as it is asked; with the displays that reported them. */
  readonly publications: readonly {
    readonly publication: string;
    readonly time: string;
    readonly deviceIds: readonly string[];
  }[];
}

export type ProofFacts = LiveFacts | StateFacts | DueFacts | RuleFacts | HappenedFacts | PublicationFacts;

export interface FunctionsFacts extends ItemFacts {
  /** The complete local days of the period; empty when no proof looks at days. */
  readonly days: readonly DayFacts[];
  /** Every device that is named below, by id. */
  readonly devices: readonly PlacedDevice[];
  /** Of each function that has proofs, in the order of the item: the facts in the order of its proofs. */
  readonly functions: readonly { readonly id: string; readonly proofs: readonly ProofFacts[] }[];
  /** Of an item whose events must carry one and the same value: the functions that the best value proves. */
  readonly shared: { readonly functions: readonly string[] } | null;
}
