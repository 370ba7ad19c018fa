import { selectKnots, type Knot } from '#services/consumption/knots.ts';
import { readSettled, type SampleSource } from '#services/consumption/samples.ts';
import type { CounterContext } from '#services/consumption/unroll.ts';

/** Knots of a range. */
export interface Chosen {
  readonly knots: readonly Knot[];
  /** The first knot behind the range, with what it covers now; null where none is behind it. */
  readonly next: Knot | null;
}

interface Range {
  readonly pointId: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The knots of a counter in a range that is about to lose its raw readings, chosen in the light of what lies before and
 * after it: consumption on 15-minute boundaries is what raw gave. Late readings stay where they are.
 * @param source knots before the range, raw readings in it and after it
 */
export async function chooseKnots(
  source: SampleSource,
  range: Range,
  context: CounterContext,
): Promise<Knot[]> {
  const { knots, lateUs } = await choose(source, range, context);
  return knots.filter(({ timeUs }) => !lateUs.has(timeUs));
}

/** The same of a day that came late and is closed now. */
export function chooseLateKnots(
  source: SampleSource,
  range: Range,
  context: CounterContext,
): Promise<Chosen> {
  return choose(source, range, context);
}

async function choose(
  source: SampleSource,
  range: Range,
  context: CounterContext,
): Promise<Chosen & { lateUs: ReadonlySet<number> }> {
  const [fromUs, toUs] = [range.fromMs * 1_000, range.toMs * 1_000];
  const settled = await readSettled(source, { pointId: range.pointId, fromUs, toUs }, context);
  const knots = selectKnots(settled.samples, settled.context, toUs);
  return {
    knots: knots.filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs),
    next: knots.find(({ timeUs }) => timeUs >= toUs) ?? null,
    lateUs: new Set(settled.samples.flatMap(({ timeUs, isLate }) => (isLate === true ? timeUs : []))),
  };
}
