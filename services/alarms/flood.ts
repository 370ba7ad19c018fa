import { bucketMs, floodBegins, floodEnds } from '#schemas/alarm-figures.ts';
import type { FloodCause, floodCauses } from '#schemas/api/alarm-figures.ts';
import { severities, type Severity } from '#schemas/device-class.ts';

/** Whether an operator position is flooded, and by what; pure. */

export interface FloodState {
  /** When the flood began; null while there is none. */
  readonly beganMs: number | null;
  /** Most in ten minutes since then. */
  readonly peak: number;
}

/**
 * Goes on from one look to the next: a flood begins with more than ten announced alarms in ten minutes and is over
 * when ten minutes bring fewer than five.
 * @param timesMs when alarms were announced within the last ten minutes, ascending
 */
export function followFlood(state: FloodState, timesMs: readonly number[], nowMs: number): FloodState {
  const recent = timesMs.filter((timeMs) => timeMs > nowMs - bucketMs && timeMs <= nowMs);
  if (state.beganMs === null) {
    const [firstMs] = recent;
    return recent.length > floodBegins && firstMs !== undefined
      ? { beganMs: firstMs, peak: recent.length }
      : state;
  }
  if (recent.length < floodEnds) return { beganMs: null, peak: state.peak };
  return { beganMs: state.beganMs, peak: Math.max(state.peak, recent.length) };
}

/** An alarm of a flood, with what it may have in common with others. */
export interface FloodAlarm {
  readonly id: string;
  readonly severity: Severity;
  readonly acknowledged: boolean;
  readonly raisedMs: number;
  readonly deviceId: string;
  readonly deviceName: string;
  /** The device right above. */
  readonly parentId: string | null;
  readonly parentName: string | null;
  /** The gateway of ours that hears the device; null unless the alarm is one of silence. */
  readonly silentSource: string | null;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleNameEn: string | null;
  readonly spaceId: string | null;
  readonly spaceName: string | null;
}

type CauseKind = (typeof floodCauses)[number];

interface Candidate {
  readonly kind: CauseKind;
  readonly id: string;
  readonly name: string;
  readonly nameEn: string | null;
}

/** Fewer have nothing in common worth telling. */
const fewest = 3;
const idsTold = 500;

/**
 * Groups the alarms of a flood by what most of them have in common, again and again with those that are left: the
 * device above, the gateway that fell silent, one device, one rule, one space; in this order where it is as many.
 * @param idsMost alarms of each cause that are named
 * @returns most first, the rest as `other` at the end
 */
export function groupByCause(alarms: readonly FloodAlarm[], idsMost = idsTold): FloodCause[] {
  const causes: FloodCause[] = [];
  let left = alarms;
  while (left.length > 0) {
    const best = bestCandidate(left);
    if (best === undefined) break;
    const key = keyOf(best);
    const isOf = (alarm: FloodAlarm) => candidatesOf(alarm).some((candidate) => keyOf(candidate) === key);
    causes.push(tell(best, left.filter(isOf), idsMost));
    left = left.filter((alarm) => !isOf(alarm));
  }
  if (left.length > 0) causes.push(tell({ kind: 'other', id: '', name: '', nameEn: null }, left, idsMost));
  return causes;
}

function bestCandidate(alarms: readonly FloodAlarm[]): Candidate | undefined {
  const counts = new Map<string, { readonly candidate: Candidate; readonly place: number; count: number }>();
  for (const alarm of alarms) {
    for (const [place, candidate] of candidatesOf(alarm).entries()) {
      const known = counts.get(keyOf(candidate));
      if (known === undefined) counts.set(keyOf(candidate), { candidate, place, count: 1 });
      else known.count++;
    }
  }
  const [best] = [...counts.values()]
    .filter(({ count }) => count >= fewest)
    .toSorted((a, b) => b.count - a.count || order(a.candidate.kind) - order(b.candidate.kind));
  return best?.candidate;
}

const kindOrder: readonly CauseKind[] = ['parent', 'gateway', 'device', 'rule', 'space', 'other'];
const order = (kind: CauseKind) => kindOrder.indexOf(kind);

function keyOf({ kind, id }: Candidate): string {
  // A device is its own cause and that of those below it: one group.
  return `${kind === 'parent' ? 'device' : kind}/${id}`;
}

function candidatesOf(alarm: FloodAlarm): Candidate[] {
  const { parentId, parentName, silentSource, spaceId, spaceName } = alarm;
  return [
    ...(parentId === null
      ? []
      : [{ kind: 'parent' as const, id: parentId, name: parentName ?? parentId, nameEn: null }]),
    ...(silentSource === null
      ? []
      : [{ kind: 'gateway' as const, id: silentSource, name: silentSource, nameEn: null }]),
    { kind: 'device' as const, id: alarm.deviceId, name: alarm.deviceName, nameEn: null },
    { kind: 'rule' as const, id: alarm.ruleId, name: alarm.ruleName, nameEn: alarm.ruleNameEn },
    ...(spaceId === null
      ? []
      : [{ kind: 'space' as const, id: spaceId, name: spaceName ?? spaceId, nameEn: null }]),
  ];
}

function tell(candidate: Candidate, alarms: readonly FloodAlarm[], idsMost: number): FloodCause {
  const urgent = alarms.toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.raisedMs - b.raisedMs,
  );
  return {
    ...candidate,
    count: alarms.length,
    unacknowledged: alarms.filter((alarm) => !alarm.acknowledged).length,
    severity: urgent[0]?.severity ?? 'low',
    firstAt: new Date(Math.min(...alarms.map((alarm) => alarm.raisedMs))).toISOString(),
    ids: urgent.slice(0, idsMost).map((alarm) => alarm.id),
  };
}
