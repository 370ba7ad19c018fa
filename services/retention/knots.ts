import { selectKnots, type Knot } from '#services/consumption/knots.ts';
import { readSettled, type SampleSource } from '#services/consumption/samples.ts';
import type { CounterContext } from '#services/consumption/unroll.ts';

/**
 * The knots of a counter in a range that is about to lose its raw readings, chosen in the light of what lies before and
 * after it: consumption on 15-minute boundaries is what raw gave.
 * @param source knots before the range, raw readings in it and after it
 */
export async function chooseKnots(
  source: SampleSource,
  range: { pointId: number; fromMs: number; toMs: number },
  context: CounterContext,
): Promise<Knot[]> {
  const [fromUs, toUs] = [range.fromMs * 1_000, range.toMs * 1_000];
  const settled = await readSettled(source, { pointId: range.pointId, fromUs, toUs }, context);
  const knots = selectKnots(settled.samples, settled.context, toUs);
  return knots.filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs);
}
