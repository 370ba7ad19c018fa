import { coveredUs } from './intervals.ts';
import { judgeStep, type Mark, type RegisterSample } from './judge.ts';
import { inOrder, unroll, type CounterContext, type Unrolled } from './unroll.ts';

/** Consumption on these boundaries survives the raw readings (DESIGN §5, Horizon). */
export const knotQuarterUs = 15 * 60_000_000;

/** A sample that is kept, with how much of the time since the knot before it readings covered. */
export type Knot = RegisterSample & { readonly coveredUs: number };

/**
 * The samples to keep, so that consumption, coverage and flags on 15-minute boundaries are bit for bit what all samples
 * gave: around each boundary the last at or before and the first after; at each step that is not plain forward or
 * is implausible both samples and a neighbour on either side; the first uncertain sample of each quarter of an hour; the
 * first and the last of all; and whole runs that would look implausible if bridged. `knots` of knots are themselves.
 *
 * To close a part of a counter's history, give samples from where its state is settled (`settledFromUs`) until two marks
 * after the part, and keep what lies in it.
 * @param partEndUs end of such a part: the last sample before it is kept too, for a raw sample that follows it cannot
 *   carry the coverage of what is left out between
 */
export function selectKnots(
  samples: readonly RegisterSample[],
  context: CounterContext,
  partEndUs = Infinity,
): Knot[] {
  const ordered = inOrder(samples);
  const unrolled = unroll(ordered, context);
  const keptMarks = markKept(unrolled, context, partEndUs);
  const byTime = new Map<number, number>();
  let sinceUs = 0;
  unrolled.marks.forEach((mark, at) => {
    const before = unrolled.marks[at - 1];
    if (before !== undefined) sinceUs += coveredUs(before, mark, context.facts);
    if (keptMarks[at] !== true) return;
    if (mark.origin === 'sample') byTime.set(mark.timeUs, sinceUs);
    sinceUs = 0;
  });
  return ordered.flatMap(({ timeUs, value, quality }) => {
    const since = byTime.get(timeUs) ?? (unrolled.witnessesUs.has(timeUs) ? 0 : undefined);
    return since === undefined || quality === 2 ? [] : { timeUs, value, quality, coveredUs: since };
  });
}

/** Which marks are kept; recorded registers always are, they stand in a table of their own. */
function markKept({ marks, witnessesUs }: Unrolled, context: CounterContext, partEndUs: number): boolean[] {
  // A knot stands in the store whatever is selected after it: to leave it out would count what it covers twice.
  const isKnot = ({ coveredUs: since }: RegisterSample) => since !== undefined;
  const kept = marks.map((mark) => mark.origin !== 'sample' || isKnot(mark) || witnessesUs.has(mark.timeUs));
  let uncertainQuarter = -1;
  marks.forEach((mark, at) => {
    const next = marks[at + 1];
    if (at === 0 || next === undefined) kept[at] = true;
    if (next !== undefined && mark.timeUs < partEndUs && next.timeUs >= partEndUs) kept[at] = true;
    if (next !== undefined && crossesQuarter(mark, next)) [kept[at], kept[at + 1]] = [true, true];
    const quarter = Math.floor(mark.timeUs / knotQuarterUs);
    if (mark.quality === 1 && quarter !== uncertainQuarter) [kept[at], uncertainQuarter] = [true, quarter];
  });
  keepUnbridgeable(marks, kept, context);
  return kept;
}

/** Whether a boundary lies at or after `from` and before `to`. */
function crossesQuarter(from: Mark, to: Mark): boolean {
  return Math.ceil(from.timeUs / knotQuarterUs) * knotQuarterUs < to.timeUs;
}

/** Each step may count one digit beyond the rate: two plain steps together can look implausible. */
function keepUnbridgeable(marks: readonly Mark[], kept: boolean[], { facts }: CounterContext): void {
  let lastKept = 0;
  for (let at = 1; at < marks.length; at += 1) {
    if (kept[at] !== true) continue;
    const [from, to] = [marks[lastKept], marks[at]];
    if (from !== undefined && to !== undefined && at > lastKept + 1) {
      const bridge = judgeStep(facts, from, to);
      if (bridge.kind !== 'forward' || !bridge.isPlausible) kept.fill(true, lastKept, at);
    }
    lastKept = at;
  }
}

/** What became of a sample that came after raw readings of its time were dropped. */
export type Merge =
  /** It stands there already. */
  | { readonly kind: 'duplicate' }
  /** Another value stands there; it stays. */
  | { readonly kind: 'conflict'; readonly standing: Knot }
  /** It lies plainly between two knots, away from every boundary. */
  | { readonly kind: 'unchanged' }
  /** `knot` is new, and `next`, where there is one, now counts its covered time from it. */
  | { readonly kind: 'merged'; readonly knot: Knot; readonly next: Knot | null };

/** Judges a late sample of a counter beyond the horizon against the knots around it (in order). Pure. */
export function mergeLate(knots: readonly Knot[], late: RegisterSample, context: CounterContext): Merge {
  const standing = knots.find((knot) => knot.timeUs === late.timeUs);
  if (standing !== undefined) {
    const isSame = standing.value === late.value && standing.quality === late.quality;
    return isSame ? { kind: 'duplicate' } : { kind: 'conflict', standing };
  }
  if (late.quality === 2) return { kind: 'unchanged' };
  const { timeUs, value, quality } = late;
  const place = knots.findIndex((knot) => knot.timeUs > timeUs);
  const next = place < 0 ? undefined : knots[place];
  const before = place < 0 ? knots.at(-1) : knots[place - 1];
  const fresh: RegisterSample = { timeUs, value, quality };
  const selected = selectKnots([...knots, fresh], context);
  if (!selected.some((knot) => knot.timeUs === timeUs)) return { kind: 'unchanged' };
  const limitUs = 2 * context.facts.expectedIntervalUs;
  const share = (gapUs: number) => {
    if (before === undefined || next === undefined || gapUs <= limitUs) return gapUs <= limitUs ? gapUs : 0;
    return Math.min(gapUs, Math.floor((next.coveredUs * gapUs) / (next.timeUs - before.timeUs)));
  };
  return {
    kind: 'merged',
    knot: { ...fresh, coveredUs: before === undefined ? 0 : share(timeUs - before.timeUs) },
    next: next === undefined ? null : { ...next, coveredUs: share(next.timeUs - timeUs) },
  };
}
