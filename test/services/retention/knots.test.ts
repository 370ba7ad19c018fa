import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { transaction, type Database } from '#infra/postgres.ts';
import { consumptionIn } from '#services/consumption/intervals.ts';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { joinSources, readLine, type SampleSource } from '#services/consumption/samples.ts';
import { keptSamples } from '#services/consumption/store.ts';
import type { CounterContext } from '#services/consumption/unroll.ts';
import { chooseKnots } from '#services/retention/knots.ts';
import { writeKnots, writeRawKeptSince } from '#services/retention/store.ts';
import { quarterMs } from '#services/rollup/buckets.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { anyHistory, meterHistory, type History } from '#test/kit/register-history.ts';

vi.setConfig({ testTimeout: 180_000 });
const dayMs = 86_400_000;
const baseUs = (Math.floor(Date.now() / dayMs) * dayMs - dayMs) * 1_000;
const quarterUs = quarterMs * 1_000;
const pointId = 7;

/** The history as if it had begun with yesterday: the test's partitions stand around today. */
function moved({ samples, context }: History): History {
  const byUs = baseUs - Math.floor((samples[0]?.timeUs ?? 0) / quarterUs) * quarterUs;
  const move = <T extends { timeUs: number }>(one: T): T => ({ ...one, timeUs: one.timeUs + byUs });
  const decisions = context.decisions.map((one) =>
    one.kind === 'accept' ? { ...one, fromUs: one.fromUs + byUs, toUs: one.toUs + byUs } : move(one),
  );
  return {
    samples: samples.map(move),
    context: { ...context, replacements: context.replacements.map(move), decisions },
  };
}

/** Where a history is kept while its raw readings are dropped part by part. */
interface Keeper {
  fill(samples: readonly RegisterSample[]): Promise<void>;
  source(): SampleSource;
  close(range: { pointId: number; fromMs: number; toMs: number }, context: CounterContext): Promise<void>;
}

/** Drops the raw readings of a history part by part, and compares consumption with what all of raw gave. */
function keptThrough(keeper: Keeper) {
  const consumption = async (context: CounterContext, quarters: number) => {
    const range = { pointId, fromUs: baseUs, toUs: baseUs + quarters * quarterUs };
    const line = await readLine(keeper.source(), range, context);
    const intervals = Array.from({ length: quarters }, (_, at) => ({
      fromUs: baseUs + at * quarterUs,
      toUs: baseUs + (at + 1) * quarterUs,
    }));
    return [...consumptionIn(line, intervals, context.facts), ...consumptionIn(line, [range], context.facts)];
  };
  return async ({ samples, context }: History, cuts: readonly number[]): Promise<void> => {
    await keeper.fill(samples);
    const quarters = Math.ceil(((samples.at(-1)?.timeUs ?? baseUs) + 1 - baseUs) / quarterUs) + 1;
    const raw = await consumption(context, quarters);
    let fromMs = baseUs / 1_000 - dayMs;
    // Part after part is dropped, each closed in the light of the knots before it.
    for (const cut of cuts.toSorted((a, b) => a - b)) {
      const toMs = baseUs / 1_000 + cut * quarterMs;
      await keeper.close({ pointId, fromMs, toMs }, context);
      fromMs = toMs;
      expect(await consumption(context, quarters)).toEqual(raw);
    }
  };
}

function inDatabase(db: Database): Keeper {
  return {
    async fill(samples) {
      await db.query('truncate reading, register_knot, raw_kept');
      await db.query(
        `insert into reading (time, value, point_id, quality)
         select timestamptz 'epoch' + us * interval '1 microsecond', v, $1, q
         from unnest($2::float8[], $3::float8[], $4::smallint[]) as s (us, v, q)`,
        [
          pointId,
          samples.map(({ timeUs }) => timeUs),
          samples.map(({ value }) => value),
          samples.map(({ quality }) => quality),
        ],
      );
    },
    source: () => keptSamples(db),
    close: (range, context) =>
      transaction(db, async (client) => {
        await writeKnots(client, range, await chooseKnots(keptSamples(client), range, context));
        await writeRawKeptSince(client, range.toMs);
        await client.query('delete from reading where time < $1', [new Date(range.toMs)]);
      }),
  };
}

/** The same in memory, for many histories. */
function inMemory(): Keeper {
  let [raw, knots]: [readonly RegisterSample[], readonly RegisterSample[]] = [[], []];
  let sinceUs = -Infinity;
  const page = { lead: 4, tail: 4 };
  const of = (list: () => readonly RegisterSample[]): SampleSource => ({
    page,
    between: ({ fromUs, toUs }, most) =>
      Promise.resolve(
        list()
          .filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs)
          .slice(0, most),
      ),
    before: ({ fromUs, toUs }, most) =>
      Promise.resolve(
        list()
          .filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs)
          .slice(-most),
      ),
    from: (_, atUs, most) =>
      Promise.resolve(
        list()
          .filter(({ timeUs }) => timeUs >= atUs)
          .slice(0, most),
      ),
  });
  const source = joinSources({
    raw: of(() => raw),
    knots: of(() => knots),
    sinceUs: () => Promise.resolve(sinceUs),
  });
  return {
    fill(samples) {
      [raw, knots, sinceUs] = [samples, [], -Infinity];
      return Promise.resolve();
    },
    source: () => source,
    async close(range, context) {
      const kept = await chooseKnots(source, range, context);
      knots = [...knots.filter(({ timeUs }) => timeUs < range.fromMs * 1_000), ...kept];
      sinceUs = range.toMs * 1_000;
      raw = raw.filter(({ timeUs }) => timeUs >= sinceUs);
    },
  };
}

const facts = { resolution: 0.01, modulus: null, maxRatePerH: null, expectedIntervalUs: 10_000_000 };
const at = (us: number, value: number, quality: 0 | 1 = 0) => ({ timeUs: baseUs + us, value, quality });
const replacement = (us: number) => ({ timeUs: baseUs + us, closing: 0, opening: 0 });
const cases: readonly [History, number[]][] = [
  // A part that ends on a sample: what is left out before it had nobody to carry its coverage.
  [
    {
      samples: [at(1, 400), at(2, 400), at(quarterUs, 400.01, 1)],
      context: { facts, replacements: [], decisions: [] },
    },
    [1, 0],
  ],
  // The last sample of a part stands as a knot: what is chosen after it must not count what it covers again.
  [
    {
      samples: [
        at(0, 0),
        at(quarterUs, 0),
        at(quarterUs + 1, 0, 1),
        at(quarterUs + 2, 0.02),
        at(2 * quarterUs, 0.02),
      ],
      context: { facts, replacements: [replacement(0), replacement(quarterUs)], decisions: [] },
    },
    [2, 3],
  ],
];
const anyKept = fc.oneof(anyHistory, meterHistory()).map(moved);
const anyCuts = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 3 });

test('chooseKnots() keeps what consumption on 15-minute boundaries needs, to the last bit', async () => {
  const isKept = keptThrough(inMemory());
  await fc.assert(fc.asyncProperty(anyKept, anyCuts, isKept), { numRuns: 100_000, examples: [...cases] });
});

test('chooseKnots() keeps it in the database too', async () => {
  await using database = await createTestDatabase();
  const isKept = keptThrough(inDatabase(database.pool));
  await fc.assert(fc.asyncProperty(anyKept, anyCuts, isKept), { numRuns: 100, examples: [...cases] });
});
