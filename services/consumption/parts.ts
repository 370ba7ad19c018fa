/** What a person should know of an interval's consumption, in the order it is told. */
export const intervalFlags = [
  'estimated',
  'uncertain',
  'replacement',
  'rollover',
  'reset',
  'outlier',
  'implausible',
  'accepted',
  'left-out',
  'incomplete',
] as const;
export type IntervalFlag = (typeof intervalFlags)[number];

/** Closed-open, epoch µs. */
export interface Interval {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface IntervalConsumption extends Interval {
  /** In the counter's unit; null where the interval overlaps nothing that is known. Never negative. */
  readonly value: number | null;
  /** Share of the interval that lies in gaps of at most twice the expected interval, 0 to 1. */
  readonly coverage: number;
  readonly flags: readonly IntervalFlag[];
  /** False where it is cut at the first or last sample: what two such intervals show cannot be compared. */
  readonly isWhole: boolean;
}

/**
 * An interval's consumption as it is kept, and put together with its neighbours: what is true of parts in a row is true
 * of the whole.
 */
export interface ConsumptionPart extends Interval {
  readonly value: number | null;
  /** How much of it lies in gaps of at most twice the expected interval, µs. */
  readonly coveredUs: number;
  /** Flags by their place in {@link intervalFlags}, and the three bits below; kept in tables, so places never change. */
  readonly bits: number;
}

/** The value at its begin (its end) is interpolated in a long gap; of the whole, only the outer ends are told. */
export const estimatedBeginBit = 1 << 16;
export const estimatedEndBit = 1 << 17;
/** It is not known throughout. */
export const cutBit = 1 << 18;

export function bitOf(flag: IntervalFlag): number {
  return 1 << intervalFlags.indexOf(flag);
}

/** Bits that two parts in a row hand on to what they make together. */
const shared = cutBit | intervalFlags.reduce((bits, flag) => bits | bitOf(flag), 0);

/** Parts in a row, without holes between them, as one. */
export function joinParts(parts: readonly ConsumptionPart[]): IntervalConsumption {
  const { fromUs, toUs, value, coveredUs, bits } = sumParts(parts);
  return {
    fromUs,
    toUs,
    value,
    coverage: toUs > fromUs ? coveredUs / (toUs - fromUs) : 0,
    flags: flagsOf(bits),
    isWhole: (bits & cutBit) === 0,
  };
}

/**
 * Parts in a row as a part. Values are added up in order of time, so that the same parts always give the same bits.
 * @throws Error of none
 */
export function sumParts(parts: readonly ConsumptionPart[]): ConsumptionPart {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) throw new Error('No part of an interval was given');
  if (parts.length === 1) return first;
  let [value, coveredUs, bits]: [number | null, number, number] = [null, 0, 0];
  for (const part of parts) {
    bits |= part.bits & shared;
    coveredUs += part.coveredUs;
    if (part.value === null) continue;
    bits = (bits & ~estimatedEndBit) | (part.bits & estimatedEndBit);
    if (value === null) bits |= part.bits & estimatedBeginBit;
    value = (value ?? 0) + part.value;
  }
  return { fromUs: first.fromUs, toUs: last.toUs, value, coveredUs, bits };
}

/** In telling order. What is cut at the first or last sample, or known nowhere, is `incomplete`. */
export function flagsOf(bits: number): IntervalFlag[] {
  const isEstimated = (bits & (estimatedBeginBit | estimatedEndBit)) !== 0;
  const isCut = (bits & cutBit) !== 0;
  return intervalFlags.filter(
    (flag) =>
      (bits & bitOf(flag)) !== 0 || (flag === 'estimated' && isEstimated) || (flag === 'incomplete' && isCut),
  );
}

/**
 * Several counters of one unit together, interval by interval. A counter of which nothing is known adds nothing;
 * coverage is the mean over all of them; flags are those of any, so one that is not known throughout makes the total
 * `incomplete`.
 */
export function totalOf(series: readonly (readonly IntervalConsumption[])[]): IntervalConsumption[] {
  const [first = []] = series;
  return first.map(({ fromUs, toUs }, at) => {
    const parts = series.flatMap((one) => one[at] ?? []);
    const known = parts.flatMap(({ value }) => value ?? []);
    const flags = new Set(parts.flatMap((part) => part.flags));
    return {
      fromUs,
      toUs,
      value: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0),
      coverage: parts.reduce((sum, { coverage }) => sum + coverage, 0) / parts.length,
      flags: intervalFlags.filter((flag) => flags.has(flag)),
      isWhole: parts.every((part) => part.isWhole),
    };
  });
}
