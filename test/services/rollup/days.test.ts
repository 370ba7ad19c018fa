import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Database } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { dayFacts, readFirstTimes, readNewestGood } from '#services/assessment/facts-store.ts';
import { digestReadings, readChanges } from '#services/rollup/day-store.ts';
import { closeDays, rootOf } from '#services/rollup/days.ts';
import { localDay } from '#services/rollup/local-day.ts';
import { runRollup } from '#services/rollup/job.ts';
import { readTraits } from '#services/rollup/traits.ts';
import { quarterMs } from '#services/rollup/buckets.ts';
import { telemetry } from '#test/kit/packets.ts';
import { dayMs, hourMs, jobDeps, noonMs, openBench, timeZone, write, type Bench } from './harness.ts';

const calendar = localCalendar(timeZone);
/** The newest local day that is over for 24 hours at noon. */
const day = shiftDay(calendar.dayOf(noonMs), -2);
const midnightMs = calendar.startOf(day);

/** Values of one point on the day: µs after local midnight, value, quality. */
type Rows = readonly (readonly [us: number, value: number, quality: 'good' | 'uncertain' | 'bad'])[];
const qualities = { good: 0, uncertain: 1, bad: 2 } as const;

async function store(bench: Bench, rows: Rows) {
  const samples = rows.map(([us, value, quality]) => ({
    metric: 'active_power',
    timeMs: midnightMs + us / 1_000,
    value,
    quality,
  }));
  await write(bench, [telemetry('meter', samples, { receivedAtMs: bench.clock.nowMs() })]);
}

const run = (bench: Bench) => runRollup(jobDeps(bench.database.pool, bench.clock, { quietMs: 0 }));

async function sealed(db: Database) {
  const { rows } = await db.query<{ body: string }>(
    `select body from journal where journal = 'days' order by id`,
  );
  return rows
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    .filter((row) => row['day'] === day);
}

describe('closeDays()', () => {
  test('closeDays() keeps facts of each point, and seals the day over their digests', async () => {
    await using bench = await openBench();
    const rows: Rows = [
      [0, 1.5, 'good'],
      [600_000_001, 0.1 + 0.2, 'uncertain'],
      [7_200_000_000, 1e21, 'bad'],
    ];
    await store(bench, rows);
    expect(await run(bench)).toMatchObject({ packed: 1 });
    const digest = digestOf(rows);
    const facts = await bench.database.pool.query(
      'select expected, received, good, first_time, longest_gap_s, sha256 from point_day',
    );
    expect(facts.rows).toEqual([
      {
        expected: expect.any(Number) as number,
        received: 3,
        good: 1,
        first_time: new Date(midnightMs),
        longest_gap_s: 22 * 3_600,
        sha256: digest,
      },
    ]);
    const root = createHash('sha256').update(`meter.active_power ${digest}\n`).digest('hex');
    expect(await sealed(bench.database.pool)).toEqual([{ day, version: 1, root, points: 1 }]);
    expect(await run(bench)).toMatchObject({ sealed: 0 });
  });

  test('closeDays() makes a new version when late or corrected data change a day, and names the points', async () => {
    await using bench = await openBench();
    await store(bench, [[0, 1, 'good']]);
    await run(bench);
    await store(bench, [[0, 2, 'good']]);
    await store(bench, [[hourMs * 1_000, 3, 'good']]);
    await run(bench);
    const [first, second, ...more] = await sealed(bench.database.pool);
    expect(more).toEqual([]);
    expect(second).toEqual({
      day,
      version: 2,
      root: expect.not.stringMatching(String(first?.['root'])) as string,
      points: 1,
      changes: [{ point: 'meter.active_power', corrections: 1, lateArrivals: 1 }],
    });
    // What is repeated changes nothing.
    await store(bench, [[0, 2, 'good']]);
    expect(await run(bench)).toMatchObject({ sealed: 0 });
  });

  test('closeDays() seals no version newer than a late reading that it does not hold, and names it in the next', async () => {
    await using bench = await openBench();
    const db = bench.database.pool;
    await store(bench, [[0, 1, 'good']]);
    await run(bench);
    await store(bench, [[hourMs * 1_000, 3, 'good']]);
    await db.query('update day_close set changed_at = now() where day = $1', [day]);
    expect(await closeDays(jobDeps(db, bench.clock, { quietMs: 0 }), () => readTraits(db))).toMatchObject({
      sealed: 0,
    });
    await run(bench);
    expect((await sealed(db)).at(-1)).toMatchObject({
      version: 2,
      changes: [{ point: 'meter.active_power', corrections: 0, lateArrivals: 1 }],
    });
  });

  test('closeDays() names a change that was on its way while the version before was sealed', async () => {
    await using bench = await openBench();
    const db = bench.database.pool;
    await store(bench, [[0, 1, 'good']]);
    await run(bench);
    // Begun before the next version, committed after it.
    const slow = await db.connect();
    const { rows } = await slow.query<{ id: number; time: Date }>('select point_id as id, time from reading');
    await slow.query('begin');
    await slow.query(
      `insert into reading_correction (point_id, time, old_value, old_quality, new_value, new_quality, new_rev)
       select point_id, time, value, quality, 7, 0, 0 from reading`,
    );
    await slow.query('update reading set value = 7');
    await store(bench, [[hourMs * 1_000, 3, 'good']]);
    await run(bench);
    await slow.query('insert into dirty_bucket (bucket, point_ids) values ($1, $2)', [
      new Date(midnightMs),
      rows.map(({ id }) => id),
    ]);
    await slow.query('commit');
    slow.release();
    await run(bench);
    expect((await sealed(db)).map(({ version, changes }) => [version, changes])).toEqual([
      [1, undefined],
      [2, [{ point: 'meter.active_power', corrections: 0, lateArrivals: 1 }]],
      [3, [{ point: 'meter.active_power', corrections: 1, lateArrivals: expect.any(Number) as number }]],
    ]);
  });

  test('closeDays() comes to an end on a day that is packed and whose readings are gone', async () => {
    await using bench = await openBench();
    await store(bench, [[0, 1, 'good']]);
    await run(bench);
    const db = bench.database.pool;
    for (const table of ['reading', 'point_day', 'day_close']) await db.query(`delete from ${table}`);
    await run(bench);
    expect(await sealed(db)).toMatchObject([{ points: 1 }, { version: 1, points: 0 }]);
    expect(await run(bench)).toMatchObject({ sealed: 0 });
  });

  test('readChanges() names so many points, and adds up the others', async () => {
    await using bench = await openBench();
    const db = bench.database.pool;
    await db.query(
      `insert into late_arrival (point_id, from_time, to_time, count) select id, $1, $1, id from generate_series(1, 5) id;`,
      [new Date(midnightMs)],
    );
    await db.query(
      `insert into reading_correction (point_id, time, old_value, old_quality, new_value, new_quality, new_rev)
       select id, $1, 1, 0, 2, 0, 0 from generate_series(5, 6) id`,
      [new Date(midnightMs)],
    );
    const query = { ...localDay(calendar, day), since: '2020-01-01', most: 2 };
    expect(await readChanges(db, query)).toEqual({
      named: [
        { pointId: 1, corrections: 0, lateArrivals: 1 },
        { pointId: 2, corrections: 0, lateArrivals: 2 },
      ],
      others: { points: 4, corrections: 2, lateArrivals: 12 },
    });
    expect((await readChanges(db, { ...query, most: 6 })).others.points).toBe(0);
    expect((await readChanges(db, { ...query, since: '2100-01-01' })).named).toEqual([]);
  });

  test('closeDays() leaves a day open until 24 hours after its end', async () => {
    await using bench = await openBench();
    const after = shiftDay(day, 1);
    await store(bench, [[dayMs * 1_000, 1, 'good']]);
    await run(bench);
    const { rowCount } = await bench.database.pool.query('select from day_close where day = $1', [after]);
    expect(rowCount).toBe(0);
    await bench.clock.advance(calendar.startOf(shiftDay(day, 3)) - noonMs);
    await run(bench);
    const closed = await bench.database.pool.query('select from day_close where day = $1', [after]);
    expect(closed.rowCount).toBe(1);
  });
});

/** DESIGN §5, by another hand: RFC 8785 numbers in order of time. */
function digestOf(rows: Rows): string {
  const text = rows
    .map(
      ([us, value, quality]) => `${midnightMs * 1_000 + us} ${canonicalize(value)} ${qualities[quality]}\n`,
    )
    .join('');
  return createHash('sha256').update(text).digest('hex');
}

describe('writeDayFacts()', () => {
  // Below 1e16 PostgreSQL forms the digest, above the program.
  test.each([
    ['below 1e16', 9.999999999999998e15],
    ['of any size', Number.MAX_VALUE],
  ])('writeDayFacts() writes numbers %s as RFC 8785 does', async (_, most) => {
    await using bench = await openBench();
    const number = fc
      .oneof(
        fc.double({ min: -most, max: most, noNaN: true }),
        fc.double({ min: -1e16, max: 1e16, noNaN: true }),
        fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
        fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1_000),
        fc.constantFrom(0, 1e-7, 1e-6, 1e-4, 9.99e-5, 1e15, 2e15, 1e16, 1e21, 1e23, 5e-324, most),
      )
      .filter((value) => Math.abs(value) <= most);
    let place = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 50, maxLength: 50 }), async (values) => {
        await bench.database.pool.query('delete from reading');
        const rows = values.map((value) => [place++ * 1_000, value + 0, 'good'] as const);
        await store(bench, rows);
        await run(bench);
        const { rows: facts } = await bench.database.pool.query<{ sha256: string; id: number }>(
          'select sha256, point_id as id from point_day',
        );
        const range = { fromMs: midnightMs, toMs: midnightMs + dayMs };
        expect(facts[0]?.sha256).toBe(digestOf(rows));
        expect(await digestReadings(bench.database.pool, range, facts[0]?.id ?? 0)).toBe(digestOf(rows));
      }),
      { numRuns: 40 },
    );
  });

  test('writeDayFacts() keeps the runs of states, bad readings left out', async () => {
    await using bench = await openBench();
    const { rows: points } = await bench.database.pool.query<{ id: number; metric: string }>(
      `insert into point (device_id, metric, definition) values ('meter', 'relay',
        '{"kind": "state", "states": [{"key": "off", "name": {"zh": "断", "en": "off"}}, {"key": "on", "name": {"zh": "通", "en": "on"}}]}')
       returning point_id as id, metric`,
    );
    bench.harness.directory.add('meter', 'relay', {
      pointId: points[0]?.id ?? -1,
      kind: 'state',
      states: ['off', 'on'],
    });
    const at = (minute: number, value: number, quality: 'good' | 'bad' = 'good') => ({
      metric: 'relay',
      timeMs: midnightMs + minute * 60_000,
      value,
      quality,
    });
    await write(bench, [
      telemetry('meter', [
        at(1, 0),
        at(2, 0),
        at(3, 1),
        at(4, 0, 'bad'),
        at(5, 1),
        at(9, 0),
        at(600, 0),
        at(601, 1),
      ]),
    ]);
    await run(bench);
    const { rows } = await bench.database.pool.query(
      'select from_time, to_time, value, last_seen from state_span order by from_time',
    );
    const minute = (n: number) => new Date(midnightMs + n * 60_000);
    expect(rows).toEqual([
      { from_time: minute(1), to_time: minute(3), value: 0, last_seen: minute(2) },
      { from_time: minute(3), to_time: minute(9), value: 1, last_seen: minute(5) },
      // Through a silence nobody knows.
      { from_time: minute(9), to_time: null, value: 0, last_seen: minute(9) },
      { from_time: minute(600), to_time: minute(601), value: 0, last_seen: minute(600) },
      { from_time: minute(601), to_time: null, value: 1, last_seen: minute(601) },
    ]);
  });
});

describe('dayFacts()', () => {
  test('measures ask for first and newest good readings, and get the same when raw readings are gone', async () => {
    await using bench = await openBench();
    const power = bench.harness.directory.find('meter', 'active_power')?.pointId ?? -1;
    await store(bench, [
      [1_000, 1, 'good'],
      [5_000_000, 2, 'good'],
      [6_000_000, 3, 'uncertain'],
    ]);
    const query = { pointIds: [power], beforeMs: noonMs };
    const ask = async () => [
      await readFirstTimes(bench.database.pool, query),
      await readNewestGood(bench.database.pool, query),
    ];
    const raw = await ask();
    expect(raw).toEqual([
      new Map([[power, midnightMs + 1]]),
      new Map([[power, { timeMs: midnightMs + 5_000, value: 2 }]]),
    ]);
    await run(bench);
    await bench.database.pool.query('delete from reading');
    expect(await ask()).toEqual(raw);
  });

  test('dayFacts() answers the same from raw, from facts, and between', async () => {
    await using bench = await openBench();
    const pointIds = [1, 2, 3, 4, 5].map((n) => n);
    const power = bench.harness.directory.find('meter', 'active_power')?.pointId ?? -1;
    const days = calendar.segments(midnightMs - dayMs, noonMs);
    const ask = async () => ({
      any: await dayFacts(bench.database.pool, { pointIds: [...pointIds, power], days, need: 'any' }),
      count: await dayFacts(bench.database.pool, { pointIds: [...pointIds, power], days, need: 'count' }),
    });
    await store(bench, [
      [0, 1, 'good'],
      [5_000_000, 2, 'bad'],
      [quarterMs * 4_000, 2, 'good'],
      [dayMs * 1_000, 2, 'good'],
    ]);
    const raw = await ask();
    expect(raw.count.get(power)).toEqual([0, 2, 1, 0].slice(0, days.length));
    await run(bench);
    expect(await ask()).toEqual(raw);
    await bench.database.pool.query('delete from reading where time < $1', [new Date(midnightMs + dayMs)]);
    expect(await ask()).toEqual(raw);
    await store(bench, [[9_000_000, 3, 'good']]);
    // The facts are behind now: raw readings answer, of which only the new one is left.
    expect((await ask()).count.get(power)?.[1]).toBe(1);
  });
});

describe('rootOf()', () => {
  test('rootOf() does not depend on the order of the points', () => {
    const points = [
      { key: 'b.x', sha256: '1' },
      { key: 'a.x', sha256: '2' },
    ];
    expect(rootOf(points)).toBe(createHash('sha256').update('a.x 2\nb.x 1\n').digest('hex'));
    expect(rootOf(points.toReversed())).toBe(rootOf(points));
  });
});
