import type { ChangeCause } from '#schemas/api/consumption.ts';
import type { Due, DueCause, Quarters } from './day-store.ts';
import { sumParts, type ConsumptionPart, type Interval } from './parts.ts';

/** Consumption that was known and is another now. */
export interface Change extends Interval {
  readonly before: ConsumptionPart;
  readonly after: ConsumptionPart;
}

/**
 * Where two computations of a day differ: each run of quarters of an hour in a row that are not what they were, as one
 * change. Pure.
 */
export function changesOf(quarters: readonly Interval[], before: Quarters, after: Quarters): Change[] {
  const changes: Change[] = [];
  let fromAt: number | null = null;
  for (let at = 0; at <= quarters.length; at += 1) {
    const differs = at < quarters.length && isOther(before, after, at);
    if (differs) fromAt ??= at;
    if (differs || fromAt === null) continue;
    const run = quarters.slice(fromAt, at);
    const [old, now] = [before, after].map((one) => sumParts(partsOf(run, one, fromAt ?? 0)));
    if (old !== undefined && now !== undefined) {
      changes.push({ fromUs: old.fromUs, toUs: old.toUs, before: old, after: now });
    }
    fromAt = null;
  }
  return changes;
}

function isOther(before: Quarters, after: Quarters, at: number): boolean {
  return (
    (before.values[at] ?? null) !== (after.values[at] ?? null) ||
    before.coveredUs[at] !== after.coveredUs[at] ||
    before.bits[at] !== after.bits[at]
  );
}

function partsOf(run: readonly Interval[], { values, coveredUs, bits }: Quarters, fromAt: number) {
  return run.map((interval, index) => ({
    ...interval,
    value: values[fromAt + index] ?? null,
    coveredUs: coveredUs[fromAt + index] ?? 0,
    bits: bits[fromAt + index] ?? 0,
  }));
}

export function quartersOf(parts: readonly ConsumptionPart[]): Quarters {
  return {
    values: parts.map(({ value }) => value),
    coveredUs: parts.map(({ coveredUs }) => coveredUs),
    bits: parts.map(({ bits }) => bits),
  };
}

const telling: readonly Exclude<DueCause, 'reading'>[] = ['facts', 'replacement', 'review', 'late-book'];

/** Why a day is another now, the most telling of what was due. Pure. */
export function causeOf(
  due: readonly (Due & { readonly cause: DueCause })[],
  { dayEndUs, isCorrected }: { readonly dayEndUs: number; readonly isCorrected: boolean },
): ChangeCause {
  const causes = new Set(due.map(({ cause }) => cause));
  const told = telling.find((cause) => causes.has(cause));
  if (told !== undefined) return told;
  if (isCorrected) return 'correction';
  return due.some(({ fromUs }) => fromUs < dayEndUs) ? 'late' : 'later';
}
