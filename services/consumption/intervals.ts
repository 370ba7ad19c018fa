import type { CounterFacts, Mark, Step } from './judge.ts';
import {
  bitOf,
  cutBit,
  estimatedBeginBit,
  estimatedEndBit,
  joinParts,
  type ConsumptionPart,
  type Interval,
  type IntervalConsumption,
} from './parts.ts';
import type { Unrolled } from './unroll.ts';

/** A gap longer than this many expected intervals is estimated and does not count as covered (DESIGN §6). */
const longGapIntervals = 2;

/**
 * What the counter advanced in each interval (DESIGN §6). The parts of an interval sum to the whole within rounding of
 * the sum, because a boundary is one number for the interval that ends there and the one that begins.
 */
export function consumptionIn(
  unrolled: Unrolled,
  intervals: readonly Interval[],
  facts: CounterFacts,
): IntervalConsumption[] {
  return partsIn(unrolled, intervals, facts).map((part) => joinParts([part]));
}

/** The same, so that it can be put together with its neighbours. */
export function partsIn(
  unrolled: Unrolled,
  intervals: readonly Interval[],
  facts: CounterFacts,
): ConsumptionPart[] {
  const line = createLine(unrolled, facts);
  return intervals.map((interval) => line.over(interval));
}

/** The time of a gap that readings cover, µs; a knot says it itself. */
export function coveredUs(from: Mark, to: Mark, facts: CounterFacts): number {
  const gapUs = to.timeUs - from.timeUs;
  if (to.coveredUs !== undefined) return Math.min(to.coveredUs, gapUs);
  return isLong(gapUs, facts) ? 0 : gapUs;
}

function isLong(gapUs: number, facts: CounterFacts): boolean {
  return gapUs > longGapIntervals * facts.expectedIntervalUs;
}

/** A place on the line: at mark `at`, or that share of the way to the next. */
interface Place {
  readonly at: number;
  readonly share: number;
}

interface Line {
  over(interval: Interval): ConsumptionPart;
}

function createLine({ marks, steps, leftOut }: Unrolled, facts: CounterFacts): Line {
  const first = marks[0];
  const last = marks.at(-1);
  const jumps = placesOf(steps, (step) => step.isJump);
  const uncertain = placesOf(marks, (mark) => mark.quality === 1);
  const coveredBefore = [0];
  marks.forEach((mark, at) => {
    const from = marks[at - 1];
    if (from !== undefined) coveredBefore.push((coveredBefore[at - 1] ?? 0) + coveredUs(from, mark, facts));
  });

  const placeOf = (timeUs: number): Place => {
    const at = lastAtOrBefore(marks, timeUs);
    const [from, to] = [marks[at], marks[at + 1]];
    if (from === undefined || to === undefined || from.timeUs === timeUs) return { at, share: 0 };
    return { at, share: (timeUs - from.timeUs) / (to.timeUs - from.timeUs) };
  };
  const coveredTo = (place: Place): number => {
    const before = coveredBefore[place.at] ?? 0;
    const step = (coveredBefore[place.at + 1] ?? before) - before;
    return before + Math.round(step * place.share);
  };
  const gapAt = (place: Place): number =>
    place.share === 0 ? 0 : (marks[place.at + 1]?.timeUs ?? 0) - (marks[place.at]?.timeUs ?? 0);

  const over = ({ fromUs, toUs }: Interval): ConsumptionPart => {
    const cutFromUs = Math.max(fromUs, first?.timeUs ?? Infinity);
    const cutToUs = Math.min(toUs, last?.timeUs ?? -Infinity);
    let bits = cutFromUs === fromUs && cutToUs === toUs ? 0 : cutBit;
    for (const one of leftOut) if (one.timeUs >= fromUs && one.timeUs < toUs) bits |= bitOf(one.reason);
    if (cutFromUs >= cutToUs) {
      // Nothing is known over it; a meter may still have been changed in it, at the very end of what is known.
      for (const at of jumps) if (isWithin(marks, at, { fromUs, toUs })) bits |= stepBits(steps[at]);
      return { fromUs, toUs, value: null, coveredUs: 0, bits: bits | cutBit };
    }
    const [begin, end] = [placeOf(cutFromUs), placeOf(cutToUs)];
    if (isLong(gapAt(begin), facts)) bits |= estimatedBeginBit;
    if (isLong(gapAt(end), facts)) bits |= estimatedEndBit;
    const endMark = end.at + (end.share > 0 ? 1 : 0);
    if ((uncertain[firstFrom(uncertain, begin.at)] ?? Infinity) <= endMark) bits |= bitOf('uncertain');
    const beginMark = begin.share > 0 ? begin.at : firstOfTime(marks, begin.at);
    for (const at of within(jumps, beginMark, endMark)) {
      if (touches(marks, at, { fromUs, toUs })) bits |= stepBits(steps[at]);
    }
    const value = riseBetween({ marks, steps, jumps }, begin, end);
    return { fromUs, toUs, value, coveredUs: coveredTo(end) - coveredTo(begin), bits };
  };
  return { over };
}

/** A step without length (a meter changed, a sample of that very instant) belongs to the interval that holds it. */
function touches(marks: readonly Mark[], at: number, { fromUs, toUs }: Interval): boolean {
  const beginUs = marks[at]?.timeUs ?? Infinity;
  const endUs = marks[at + 1]?.timeUs ?? -Infinity;
  return beginUs < toUs && (endUs > fromUs || beginUs >= fromUs);
}

function isWithin(marks: readonly Mark[], at: number, { fromUs, toUs }: Interval): boolean {
  return (marks[at]?.timeUs ?? -Infinity) >= fromUs && (marks[at + 1]?.timeUs ?? Infinity) < toUs;
}

function stepBits(step: Step | undefined): number {
  if (step === undefined) return 0;
  const { kind, isAccepted } = step;
  return (isAccepted ? bitOf('accepted') : 0) | (kind !== 'forward' && kind !== 'dip' ? bitOf(kind) : 0);
}

/**
 * How far the line rises between two places: register differences between jumps, and what each jump counts. Every
 * term is at least 0, so nothing cancels; terms depend only on marks at jumps and around the two places.
 */
function riseBetween(
  line: { marks: readonly Mark[]; steps: readonly Step[]; jumps: readonly number[] },
  begin: Place,
  end: Place,
): number {
  const { marks, steps, jumps } = line;
  const register = (at: number) => marks[at]?.register ?? 0;
  const counted = (at: number) => steps[at]?.counted ?? 0;
  const isJump = (at: number) => steps[at]?.isJump === true;
  /** The register at a place on a plain step; a share is never so near to 1 that rounding could pass the next mark. */
  const between = ({ at, share }: Place): number =>
    share === 0 ? register(at) : register(at) + (register(at + 1) - register(at)) * share;

  if (begin.at === end.at && isJump(begin.at))
    return counted(begin.at) * end.share - counted(begin.at) * begin.share;
  let sum = 0;
  let standing = between(begin);
  let at = begin.at;
  if (begin.share > 0 && isJump(begin.at)) {
    sum = counted(begin.at) - counted(begin.at) * begin.share;
    at = begin.at + 1;
    standing = register(at);
  }
  for (const jump of within(jumps, at, end.at)) {
    sum += register(jump) - standing;
    sum += counted(jump);
    standing = register(jump + 1);
  }
  if (end.share > 0 && isJump(end.at)) {
    return sum + (register(end.at) - standing) + counted(end.at) * end.share;
  }
  return sum + (between(end) - standing);
}

function placesOf<T>(list: readonly T[], isWanted: (item: T) => boolean): number[] {
  return list.flatMap((item, at) => (isWanted(item) ? at : []));
}

/** Place in a rising list of the first number that is at least `from`. */
function firstFrom(list: readonly number[], from: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? Infinity) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Numbers of a rising list from `from` to before `to`. */
function within(list: readonly number[], from: number, to: number): readonly number[] {
  return list.slice(firstFrom(list, from), firstFrom(list, to));
}

/** The last mark at or before a time; -1 when all are later. */
function lastAtOrBefore(marks: readonly Mark[], timeUs: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.timeUs ?? Infinity) <= timeUs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The first of the marks that share the time of this one: a meter that is changed has three at once. */
function firstOfTime(marks: readonly Mark[], at: number): number {
  let first = at;
  while (first > 0 && marks[first - 1]?.timeUs === marks[at]?.timeUs) first -= 1;
  return first;
}
