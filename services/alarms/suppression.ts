import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import { severities, type Severity } from '#schemas/device-class.ts';

/** An active alarm of silence, with what may explain it. */
export interface SilentAlarm {
  readonly id: number;
  readonly deviceId: string;
  readonly severity: Severity;
  /** Why it is suppressed now; null when it is not. */
  readonly suppressedReason: string | null;
  /** The gateway of ours that heard the device last; null when none ever did. */
  readonly source: string | null;
  /** That gateway has heard nobody for half of the time after which this alarm is raised. */
  readonly isSourceSilent: boolean;
}

/** What is known of devices that stand above others. */
export interface Parents {
  /** The devices above a device: its gateway, its recorder. */
  readonly of: ReadonlyMap<string, readonly string[]>;
  /** Devices with an active alarm that says they are away: offline, or silent. */
  readonly away: ReadonlySet<string>;
  /** Those that say so by their state. */
  readonly offline: ReadonlySet<string>;
}

/**
 * Which alarms of silence another active alarm explains; pure. A device that is offline is silent, which is one alarm. A parent explains its children, at any depth, only
 * while an alarm of its own says that it is away: something is always left to see. Devices in a ring explain nothing
 * of one another. Where a whole gateway of ours falls silent, its most severe alarm, then its oldest, stays.
 * @returns reasons by alarm id; absent: not suppressed
 */
export function judgeSuppression(alarms: readonly SilentAlarm[], parents: Parents): Map<number, AlarmFacts> {
  const reasons = new Map<number, AlarmFacts>();
  for (const alarm of alarms) {
    const parent = awayAbove(alarm.deviceId, parents);
    if (parents.offline.has(alarm.deviceId)) reasons.set(alarm.id, { code: 'offline-already' });
    else if (parent !== undefined) reasons.set(alarm.id, { code: 'parent-away', device: parent });
  }
  const left = alarms.filter(
    (alarm) => !reasons.has(alarm.id) && alarm.isSourceSilent && alarm.source !== null,
  );
  for (const [source, ofSource] of Map.groupBy(left, (alarm) => alarm.source)) {
    const [first, ...others] = ofSource.toSorted(
      (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.id - b.id,
    );
    for (const alarm of others)
      reasons.set(alarm.id, { code: 'gateway-silent', source: source ?? '', alarm: String(first?.id) });
  }
  return reasons;
}

/** The nearest device above that is away; none for a device that stands above itself. */
function awayAbove(deviceId: string, { of, away }: Parents): string | undefined {
  let found: string | undefined;
  const seen = new Set<string>();
  let level = of.get(deviceId) ?? [];
  while (level.length > 0) {
    if (level.includes(deviceId)) return undefined;
    found ??= level.find((id) => away.has(id));
    for (const id of level) seen.add(id);
    level = level.flatMap((id) => of.get(id) ?? []).filter((id) => !seen.has(id));
  }
  return found;
}
