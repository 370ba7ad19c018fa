import type { Queryable } from '#infra/postgres.ts';
import { counterFacts } from '#services/consumption/facts.ts';
import { selectKnots, type Knot } from '#services/consumption/knots.ts';
import { readDecisions, readReplacements } from '#services/consumption/review-store.ts';
import { readSettled, type SampleSource } from '#services/consumption/samples.ts';
import { readCounters } from '#services/consumption/store.ts';
import type { CounterContext } from '#services/consumption/unroll.ts';
import type { PointTraits } from '#services/rollup/traits.ts';

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

/** What the lines of counters depend on; also of those whose device is gone, by what is left to know. */
export async function readCounterContexts(
  db: Queryable,
  counters: readonly PointTraits[],
): Promise<Map<number, CounterContext>> {
  const ids = counters.map(({ pointId }) => pointId);
  const rows = new Map((await readCounters(db, ids)).map((row) => [row.pointId, row]));
  const replacements = Map.groupBy(await readReplacements(db, ids), (row) => row.pointId);
  const decisions = Map.groupBy(await readDecisions(db, ids), (row) => row.pointId);
  return new Map(
    counters.map(({ pointId, expectedIntervalMs }) => {
      const row = rows.get(pointId);
      const facts = (row === undefined ? null : counterFacts(row)) ?? {
        resolution: 0,
        modulus: null,
        maxRatePerH: null,
        expectedIntervalUs: expectedIntervalMs * 1_000,
      };
      const decided = (decisions.get(pointId) ?? []).map(({ decision }) => decision);
      return [pointId, { facts, replacements: replacements.get(pointId) ?? [], decisions: decided }];
    }),
  );
}
