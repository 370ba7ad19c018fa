import type { Queryable } from '#infra/postgres.ts';
import type { PointTraits } from '#services/rollup/traits.ts';
import { counterFacts } from './facts.ts';
import { readDecisions, readReplacements } from './review-store.ts';
import { readCounters } from './store.ts';
import type { CounterContext } from './unroll.ts';

/**
 * What the lines of these points depend on, beside their samples, for those that are counters; also of those whose
 * device is gone, by what is left to know.
 */
export async function readKnownContexts(
  db: Queryable,
  pointIds: readonly number[],
  traits: ReadonlyMap<number, PointTraits>,
): Promise<Map<number, CounterContext>> {
  const counters = pointIds.flatMap((id) => {
    const point = traits.get(id);
    return point?.kind === 'counter' ? point : [];
  });
  const ids = counters.map(({ pointId }) => pointId);
  if (ids.length === 0) return new Map();
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
