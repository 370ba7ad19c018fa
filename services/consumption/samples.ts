import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { RegisterSample } from './judge.ts';
import { unroll, type CounterContext, type Unrolled } from './unroll.ts';

/**
 * Where samples of counters come from, in order of time: raw readings, and beyond their horizon the knots that were kept
 * of them, which give the same line (knots.ts).
 */
export interface SampleSource {
  /** How many samples to ask for first, before a range and after it; enough for most counters. */
  readonly page: { readonly lead: number; readonly tail: number };
  /** Closed-open, at most `most` of the earliest. */
  between(range: LineRange, most: number): Promise<readonly RegisterSample[]>;
  /** Closed-open, at most `most` of the last; `fromUs` may be -Infinity. */
  before(range: LineRange, most: number): Promise<readonly RegisterSample[]>;
  /** The first at or after a time. */
  from(pointId: number, timeUs: number, most: number): Promise<readonly RegisterSample[]>;
}

/** Samples of a counter from its knots before an instant, and from raw readings since. */
export function joinSources(of: {
  readonly knots: SampleSource;
  readonly raw: SampleSource;
  readonly sinceUs: () => Promise<number>;
}): SampleSource {
  const { knots, raw, sinceUs } = of;
  return {
    page: raw.page,
    async between(range, most) {
      const atUs = await sinceUs();
      if (range.fromUs >= atUs) return raw.between(range, most);
      const early = await knots.between({ ...range, toUs: Math.min(range.toUs, atUs) }, most);
      if (range.toUs <= atUs || early.length >= most) return early;
      return [...early, ...(await raw.between({ ...range, fromUs: atUs }, most - early.length))];
    },
    async before(range, most) {
      const atUs = await sinceUs();
      if (range.toUs <= atUs) return knots.before(range, most);
      // Days before that instant may still stand, dropped one by one: they are not looked into.
      const late = await raw.before({ ...range, fromUs: Math.max(range.fromUs, atUs) }, most);
      if (late.length >= most || range.fromUs >= atUs) return late;
      return [...(await knots.before({ ...range, toUs: atUs }, most - late.length)), ...late];
    },
    async from(pointId, timeUs, most) {
      const atUs = await sinceUs();
      if (timeUs >= atUs) return raw.from(pointId, timeUs, most);
      const early = await knots.between({ pointId, fromUs: timeUs, toUs: atUs }, most);
      if (early.length >= most) return early;
      return [...early, ...(await raw.from(pointId, atUs, most - early.length))];
    },
  };
}

/**
 * Samples of one source with those of days whose readings came when they were older than the horizon. A local day of a
 * counter is in one of the two.
 * @param of.late samples of the second
 * @param of.span between which instants there may be any, epoch µs; empty where there is none
 */
export function withLate(
  base: SampleSource,
  of: { readonly late: SampleSource; readonly span: () => Promise<{ fromUs: number; toUs: number }> },
): SampleSource {
  const { late, span } = of;
  return {
    page: base.page,
    async between(range, most) {
      const [samples, { fromUs, toUs }] = [await base.between(range, most), await span()];
      if (range.toUs <= fromUs || range.fromUs >= toUs) return samples;
      return inTime([...samples, ...(await late.between(range, most))]).slice(0, most);
    },
    async before(range, most) {
      const [samples, { fromUs, toUs }] = [await base.before(range, most), await span()];
      const sinceUs = samples.length < most ? range.fromUs : (samples[0]?.timeUs ?? range.fromUs);
      if (range.toUs <= fromUs || sinceUs >= toUs) return samples;
      return inTime([...samples, ...(await late.before(range, most))]).slice(-most);
    },
    async from(pointId, timeUs, most) {
      const [samples, { fromUs, toUs }] = [await base.from(pointId, timeUs, most), await span()];
      const untilUs = samples.length < most ? Infinity : (samples.at(-1)?.timeUs ?? Infinity);
      if (timeUs >= toUs || untilUs <= fromUs) return samples;
      return inTime([...samples, ...(await late.from(pointId, timeUs, most))]).slice(0, most);
    },
  };
}

function inTime(samples: readonly RegisterSample[]): RegisterSample[] {
  return samples.toSorted((a, b) => a.timeUs - b.timeUs);
}

/** What a knot covers is known from the knot before it; behind a late sample it is the gap between the two. Pure. */
export function afterLate(samples: readonly RegisterSample[]): RegisterSample[] {
  return samples.map((sample, at) => {
    if (sample.coveredUs === undefined || samples[at - 1]?.isLate !== true) return sample;
    const { timeUs, value, quality } = sample;
    return { timeUs, value, quality };
  });
}

export interface LineRange {
  readonly pointId: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** An idle counter is followed further and further back. */
const pageGrowth = 8;
/** A counter that shows the same for so long is taken as if its history began there: off by a dip at most. */
const mostLead = 20_000;
const mostTail = 10_000;

/**
 * The line of a counter over a range, exactly as its whole history gives it.
 * @throws ParkError `too-many-values`
 */
export async function readLine(
  source: SampleSource,
  range: LineRange,
  context: CounterContext,
): Promise<Unrolled> {
  return (await readSettled(source, range, context)).line;
}

/** What a line over a range was unrolled from. */
export interface Settled {
  readonly samples: readonly RegisterSample[];
  /** Without the replacements beyond the samples. */
  readonly context: CounterContext;
  readonly line: Unrolled;
  /**
   * A sample (or a recorded replacement) that comes or changes before the one, or after the other, changes nothing here;
   * infinite where the counter has no further sample.
   */
  readonly dependsFromUs: number;
  readonly dependsToUs: number;
}

/**
 * The samples that decide a range: read back to where the line is settled, and on until what lies at the end of the range
 * is final.
 * @throws ParkError `too-many-values`
 */
export async function readSettled(
  source: SampleSource,
  range: LineRange,
  context: CounterContext,
): Promise<Settled> {
  const inner = await source.between(range, limits.consumptionSamples + 1);
  if (inner.length > limits.consumptionSamples) {
    const detail = `A counter has more than ${limits.consumptionSamples} samples in this range; ask for a shorter one`;
    throw new ParkError('too-many-values', detail);
  }
  const lead = await readLead(source, range, context);
  const known = [...lead.samples, ...inner];
  const dependsFromUs = lead.isAll ? -Infinity : (known[0]?.timeUs ?? -Infinity);
  for (let most = source.page.tail, tail: readonly RegisterSample[] = []; ; most *= pageGrowth) {
    const last = tail.at(-1);
    const more = await source.from(range.pointId, last === undefined ? range.toUs : last.timeUs + 1, most);
    tail = [...tail, ...more];
    const hasEnded = more.length < most;
    // Replacements before the lead stand there too: what is settled does not depend on them.
    const toUs = hasEnded ? Infinity : (tail.at(-1)?.timeUs ?? Infinity);
    const part = within(context, { fromUs: -Infinity, toUs });
    const samples = afterLate([...known, ...tail]);
    const line = unroll(samples, part);
    if (hasEnded || most > mostTail || isFinalAt(line, range.toUs)) {
      return { samples, context: part, line, dependsFromUs, dependsToUs: toUs };
    }
  }
}

/** The samples before the range that its line depends on. */
async function readLead(
  source: SampleSource,
  { pointId, fromUs }: LineRange,
  context: CounterContext,
): Promise<{ readonly samples: readonly RegisterSample[]; readonly isAll: boolean }> {
  let samples: readonly RegisterSample[] = [];
  for (let most = source.page.lead; ; most *= pageGrowth) {
    const more = await source.before(
      { pointId, fromUs: -Infinity, toUs: samples[0]?.timeUs ?? fromUs },
      most,
    );
    samples = afterLate([...more, ...samples]);
    if (more.length < most) return { samples, isAll: true };
    const part = within(context, { fromUs: samples[0]?.timeUs ?? fromUs, toUs: fromUs });
    const isSettled = unroll(samples, part).settledFromUs !== null;
    if (isSettled || most >= mostLead) return { samples, isAll: false };
  }
}

/** Replacements outside of what was read would stand beside samples that are not their neighbours. */
function within(context: CounterContext, span: { fromUs: number; toUs: number }): CounterContext {
  const replacements = context.replacements.filter(
    ({ timeUs }) => timeUs > span.fromUs && timeUs <= span.toUs,
  );
  return { ...context, replacements };
}

/** All marks but the last are final (unroll.ts): two at or after the end of the range are enough. */
function isFinalAt({ marks }: Unrolled, toUs: number): boolean {
  return (marks.at(-2)?.timeUs ?? -Infinity) >= toUs;
}
