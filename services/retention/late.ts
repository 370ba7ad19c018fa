import { transaction } from '#infra/postgres.ts';
import { readKnownContexts } from '#services/consumption/contexts.ts';
import { keptSamples } from '#services/consumption/store.ts';
import { isBehind, readRawKeptSince } from '#services/rollup/journal-store.ts';
import { localDay, type LocalDay } from '#services/rollup/local-day.ts';
import { readTraits, type Traits } from '#services/rollup/traits.ts';
import type { RetentionDeps } from './job.ts';
import { allowCompressed, copyLate, readOldestKept } from './keep-store.ts';
import { preparePartition } from './keep.ts';
import { chooseLateKnots } from './knots.ts';
import * as store from './store.ts';

const dayMs = 86_400_000;
/** Days of a point that are closed in one run; the next goes on. */
const daysAtOnce = 5_000;
/** Points of one transaction, for which those who store late readings wait. */
const pointsAtOnce = 20;

/**
 * Closes days whose readings came when they were older than the horizon, one horizon after the first of them: of counters
 * the knots are kept, and the readings go, those of classes that are kept longer to the copies. Repeatable. Returns how many days of a point were closed.
 */
export async function closeLateDays(deps: RetentionDeps): Promise<number> {
  const { db, calendar, clock, horizonDays, signal } = deps;
  const untilMs = await readRawKeptSince(db);
  if (untilMs === -Infinity) return 0;
  const due = { beforeMs: clock.nowMs() - horizonDays * dayMs, untilMs, most: daysAtOnce };
  const byDay = Map.groupBy(await store.readLateDays(db, due), ({ day }) => day);
  if (byDay.size === 0) return 0;
  const traits = await readTraits(db);
  const keptFromMs = await readOldestKept(db);
  let closed = 0;
  for (const [name, points] of byDay) {
    const day = localDay(calendar, name);
    if ((await store.readUnsettledDays(db, [name])).length > 0) continue;
    if (day.toMs > keptFromMs) for (const ms of [day.fromMs, day.toMs - 1]) await preparePartition(deps, ms);
    for (let at = 0; at < points.length; at += pointsAtOnce) {
      signal.throwIfAborted();
      const ids = points.slice(at, at + pointsAtOnce).map(({ pointId }) => pointId);
      closed += await closeOf(deps, { day, pointIds: ids, traits });
    }
  }
  return closed;
}

async function closeOf(
  deps: RetentionDeps,
  of: { readonly day: LocalDay; readonly pointIds: readonly number[]; readonly traits: Traits },
): Promise<number> {
  const { day, pointIds, traits } = of;
  return transaction(deps.db, async (client) => {
    await store.lockLateDays(client);
    // Whatever is stored is known to its derived rows, and nothing more comes until this is over.
    if (await isBehind(client, day)) return 0;
    const source = keptSamples(client);
    for (const [pointId, context] of await readKnownContexts(client, pointIds, traits)) {
      const { knots, next } = await chooseLateKnots(source, { pointId, ...day }, context);
      await store.writeKnots(client, { pointId, ...day }, knots);
      if (next !== null) await store.writeCovered(client, pointId, next);
    }
    await allowCompressed(client, deps.dialect);
    await copyLate(client, { ...day, pointIds });
    await store.dropLateDay(client, day, pointIds);
    await deps.fence(client);
    return pointIds.length;
  });
}
