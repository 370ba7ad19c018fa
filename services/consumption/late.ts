import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import { readRawKeptSince } from '#services/rollup/journal-store.ts';
import type { Traits } from '#services/rollup/traits.ts';
import { readKnownContexts } from './contexts.ts';
import { insertDue } from './day-store.ts';
import { mergeLate, type Knot } from './knots.ts';
import type { RegisterSample } from './judge.ts';
import * as store from './late-store.ts';
import { samplesIn } from './store.ts';
import type { CounterContext } from './unroll.ts';

/** Counters whose late samples are weighed in one run, and samples of one of them in one transaction. */
const pointsAtOnce = 200;
const samplesAtOnce = 200;
/** Knots that a late sample is weighed against. */
const around = { before: 32, after: 8 };

interface LateDeps {
  readonly db: Database;
  readonly fence: (client: DatabaseClient) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Weighs samples of counters that came when their day was closed against the knots: what changes a step enters them and
 * makes the days that depend on it due. Those of days of which raw readings are still whole wait for their knots.
 */
export async function mergeLateSamples(deps: LateDeps, traits: () => Promise<Traits>): Promise<void> {
  const beforeUs = (await readRawKeptSince(deps.db)) * 1_000;
  if (beforeUs === -Infinity) return;
  const points = await store.readLateCounters(deps.db, { beforeUs, most: pointsAtOnce });
  for (const pointId of points) {
    deps.signal.throwIfAborted();
    await transaction(deps.db, async (client) => {
      const samples = await store.takeLateSamples(client, { pointId, beforeUs, most: samplesAtOnce });
      const [context] = (await readKnownContexts(client, [pointId], await traits())).values();
      if (context !== undefined) {
        for (const sample of samples) await mergeOne(client, { pointId, sample, context });
      }
      await deps.fence(client);
    });
  }
}

async function mergeOne(
  client: DatabaseClient,
  of: { readonly pointId: number; readonly sample: RegisterSample; readonly context: CounterContext },
): Promise<void> {
  const { pointId, sample, context } = of;
  const source = samplesIn(client, 'register_knot');
  const knots: Knot[] = [
    ...(await source.before({ pointId, fromUs: -Infinity, toUs: sample.timeUs }, around.before)),
    ...(await source.from(pointId, sample.timeUs, around.after)),
  ].map((knot) => ({ ...knot, coveredUs: knot.coveredUs ?? 0 }));
  const merge = mergeLate(knots, sample, context);
  if (merge.kind !== 'merged') return;
  await store.writeKnot(client, pointId, merge.knot);
  if (merge.next !== null) await store.writeKnot(client, pointId, merge.next);
  await insertDue(client, 'late-book', [{ pointId, fromUs: sample.timeUs, toUs: sample.timeUs }]);
}
