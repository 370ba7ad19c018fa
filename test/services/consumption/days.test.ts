import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transaction } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { bucketsOf } from '#services/consumption/buckets.ts';
import { listChanges } from '#services/consumption/change-store.ts';
import { readConsumption, readKeptConsumption } from '#services/consumption/consumption.ts';
import { planBuckets } from '#services/consumption/days.ts';
import { longGapMs } from '#services/consumption/long-gap.ts';
import type { Interval } from '#services/consumption/parts.ts';
import { listReviews } from '#services/consumption/review-store.ts';
import { decideReview, recordReplacement, withdrawReplacement } from '#services/consumption/reviews.ts';
import { runRollup } from '#services/rollup/job.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { telemetry } from '#test/kit/packets.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { startHarness, type WriterHarness } from '../ingest/harness.ts';
import { dayMs, hourMs, jobDeps, minuteMs, noonMs, timeZone } from '../rollup/harness.ts';

const calendar = localCalendar(timeZone);
const metric = 'active_energy_import';
const who = { actor: 'test', address: 'test' };

interface Bench extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly harness: WriterHarness;
  readonly clock: FakeClock;
  readonly points: readonly PointInfo[];
  /** Days inside a longer stretch without a sample are not kept. */
  readonly longGapMs: number;
}

async function openMeters(count: number, gapMs = longGapMs): Promise<Bench> {
  await using parts = new AsyncDisposableStack();
  const database = parts.use(await createTestDatabase());
  const clock = fakeClock(noonMs);
  const directory = fakeDirectory();
  const ids = Array.from({ length: count }, (_, at) => `meter-${at}`);
  await insertDevices(
    database.pool,
    ids.map((id) => ({ id, class: 'energy-meter', from: '2020-01-01T00:00:00Z' })),
  );
  for (const id of ids) {
    const { rows } = await database.pool.query<{ id: number }>(
      'select point_id as id from point where device_id = $1 and metric = $2',
      [id, metric],
    );
    directory.add(id, metric, { pointId: rows[0]?.id ?? -1, kind: 'counter', unit: 'kWh' });
  }
  const harness = parts.use(await startHarness(database.url, { directory, clock, horizonDays: 7 }));
  const points = ids.flatMap((id) => directory.find(id, metric) ?? []);
  const running = parts.move();
  const disposal = { [Symbol.asyncDispose]: () => running.disposeAsync() };
  return { database, harness, clock, points, longGapMs: gapMs, ...disposal };
}

async function write(
  { harness, clock }: Bench,
  meter: string,
  samples: readonly { timeMs: number; value: number; quality?: 'good' | 'uncertain' | 'bad'; rev?: number }[],
  receivedAtMs?: number,
) {
  const stated = samples.map((sample) => ({ metric, ...sample }));
  const received = receivedAtMs === undefined ? {} : { receivedAtMs };
  const written = harness.writer.write(telemetry(meter, stated, received));
  await clock.advance(5);
  await written;
}

const run = ({ database, clock, longGapMs: gapMs }: Bench) =>
  runRollup(jobDeps(database.pool, clock, { longGapMs: gapMs }));

/** Asked in days, months and clipped weeks: what is kept equals what the samples alone give. */
async function isRebuilt({ database, points, clock }: Bench): Promise<void> {
  const { pool } = database;
  const toMs = Math.floor(clock.nowMs() / (15 * minuteMs)) * 15 * minuteMs + hourMs;
  const fromMs = toMs - 8 * dayMs;
  const first = `${calendar.dayOf(fromMs).slice(0, 7)}-01`;
  const questions: { fromMs: number; toMs: number; interval: '1d' | '1mo'; timeZone: string }[] = [
    { fromMs, toMs, interval: '1d', timeZone },
    {
      fromMs: calendar.startOf(first),
      toMs: calendar.startOf(calendar.dayOf(toMs)),
      interval: '1mo',
      timeZone,
    },
    { fromMs, toMs, interval: '1mo', timeZone: 'Europe/Berlin' },
  ];
  for (const question of questions) {
    const intervals = bucketsOf(question);
    const kept = await readKeptConsumption(pool, { points, intervals, calendar });
    for (const { pointId } of points) {
      const point = points.filter((one) => one.pointId === pointId);
      const sampled = (await readConsumption(pool, { points: point, intervals })).get(pointId) ?? [];
      const found = kept.get(pointId) ?? [];
      const bare = (list: typeof found) => list.map((one) => ({ ...one, value: one.value === null }));
      expect(bare(found)).toEqual(bare(sampled));
      found.forEach(({ value }, at) => {
        const other = sampled[at]?.value ?? 0;
        expect(Math.abs((value ?? 0) - other)).toBeLessThanOrEqual(1e-9 * Math.abs(other));
      });
    }
  }
}

type Act =
  | { readonly kind: 'write'; readonly meter: number; readonly ago: number; readonly list: readonly number[] }
  | { readonly kind: 'replace'; readonly meter: number; readonly ago: number; readonly closing: number }
  | { readonly kind: 'withdraw' | 'run' | 'ask' | 'review' | 'rate' | 'wait'; readonly meter: number };

const meter = fc.nat({ max: 1 });
const ago = fc.nat({ max: 6 * 24 * 4 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      meter,
      ago,
      list: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('replace' as const), meter, ago, closing: fc.nat(90) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('withdraw', 'run', 'run', 'run', 'ask', 'review', 'rate', 'wait'),
      meter,
    }),
  },
);

async function perform(bench: Bench, one: Act): Promise<void> {
  const { database, points, clock } = bench;
  const { pool } = database;
  const id = `meter-${one.meter}`;
  const pointId = points[one.meter]?.pointId ?? -1;
  const quarter = 15 * minuteMs;
  if (one.kind === 'write') {
    const startMs = Math.floor(clock.nowMs() / quarter) * quarter - one.ago * quarter;
    const samples = one.list.map((word, at) => ({
      // A grid, so that repeats and corrections meet; some minutes, some hours apart.
      timeMs: startMs - at * (word % 3 === 0 ? 3 * hourMs : minuteMs),
      value: word % 97 === 0 ? 0 : Math.max(0, 500 - one.ago / 4 - at + (word % 5) / 10),
      quality: (['good', 'good', 'good', 'uncertain', 'bad'] as const)[word % 5] ?? 'good',
    }));
    await write(bench, id, [...new Map(samples.map((sample) => [sample.timeMs, sample])).values()]);
  } else if (one.kind === 'replace') {
    const timeUs = (noonMs - one.ago * quarter) * 1_000;
    const entry = {
      pointId,
      deviceId: id,
      metric,
      timeUs,
      closing: one.closing * 5,
      opening: 0,
      reason: 'test',
    };
    await transaction(pool, (client) => recordReplacement(client, who, entry)).catch(() => undefined);
  } else if (one.kind === 'withdraw') {
    const { rows } = await pool.query<{ id: number }>(
      `select id from register_replacement where point_id = $1 and valid_to = 'infinity' limit 1`,
      [pointId],
    );
    const [found] = rows;
    if (found === undefined) return;
    const entry = { id: found.id, deviceId: id, reason: 'test' };
    await transaction(pool, (client) => withdrawReplacement(client, who, entry));
  } else if (one.kind === 'review') {
    const [open] = await listReviews(pool, { state: 'open', device: id, beforeId: null, limit: 1 });
    if (open === undefined) return;
    const decision =
      open.id % 2 === 0
        ? ({ decision: 'accept', reason: 'test' } as const)
        : ({ decision: 'leave-out', sample: 'later', reason: 'test' } as const);
    await decideReview(pool, who, { id: open.id, decision }).catch(() => undefined);
  } else if (one.kind === 'rate') {
    await pool.query(
      `update device set attributes = jsonb_build_object('ratedPowerKw', 1 + floor(random() * 20)) where id = $1`,
      [id],
    );
  } else if (one.kind === 'wait') {
    await clock.advance(7 * quarter);
  } else if (one.kind === 'run') {
    await run(bench);
  }
  await isRebuilt(bench);
}

test.each([
  ['days of every gap kept', longGapMs, 40],
  ['no days of gaps of a day kept', dayMs, 20],
])(
  'readKeptConsumption() equals a rebuild from samples after any sequence of late, repeated and corrected data, %s',
  async (_, gapMs, numRuns) => {
    await using bench = await openMeters(2, gapMs);
    const { pool } = bench.database;
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
        await pool.query(`truncate reading, reading_correction, late_arrival, dirty_bucket, rollup_15m, rollup_15m_day,
        rollup_1d, point_day, day_close, register_replacement, register_review, consumption_day, consumption_quarter, consumption_month,
        consumption_head, consumption_due, consumption_change`);
        await pool.query(`update device set attributes = '{}'`);
        for (const one of acts) await perform(bench, one);
        await run(bench);
        await isRebuilt(bench);
        const { rows } = await pool.query<{ count: number }>(
          'select count(*)::int as count from consumption_day',
        );
        kept += rows[0]?.count ?? 0;
      }),
      { numRuns },
    );
    expect(kept).toBeGreaterThan(numRuns);
  },
);

describe('runRollup() of counters', () => {
  const days = (bench: Bench) =>
    bench.database.pool.query<{ day: string; value: number | null }>(
      `select to_char(day, 'YYYY-MM-DD') as day, value from consumption_day order by day`,
    );
  const todayMs = calendar.startOf(calendar.dayOf(noonMs));
  const changes = (bench: Bench) =>
    listChanges(bench.database.pool, {
      pointIds: null,
      fromMs: null,
      toMs: null,
      beforeId: null,
      limit: 100,
    });

  test('runRollup() keeps the days that are over, and journals what late readings change of them', async () => {
    await using bench = await openMeters(1);
    const hours = Array.from({ length: 60 }, (_, at) => at).filter((at) => at < 20 || at > 29);
    await write(
      bench,
      'meter-0',
      hours.map((at) => ({ timeMs: todayMs - 2 * dayMs + at * hourMs, value: at })),
    );
    await run(bench);
    expect((await days(bench)).rows).toEqual([
      { day: calendar.dayOf(todayMs - 2 * dayMs), value: 24 },
      { day: calendar.dayOf(todayMs - dayMs), value: 24 },
    ]);
    expect(await changes(bench)).toEqual([]);

    await write(bench, 'meter-0', [{ timeMs: todayMs - 2 * dayMs + 22 * hourMs, value: 23 }]);
    await isRebuilt(bench);
    await run(bench);
    const rows = await changes(bench);
    // The late reading stands above the line that was drawn through the gap: one more before midnight, one less after.
    expect(rows.map(({ oldValue, newValue, cause }) => [oldValue, newValue, cause])).toEqual([
      [6, 5.25, 'late'],
      [5, 5.75, 'late'],
    ]);
    expect((await days(bench)).rows.map(({ value }) => value)).toEqual([24.75, 23.25]);
  });

  test('runRollup() keeps no days of the years between a sample of a wrong clock and the others', async () => {
    await using bench = await openMeters(1);
    // Since a day within the month before the last.
    const firstMs = calendar.startOf(
      `${shiftDay(`${calendar.dayOf(noonMs).slice(0, 7)}-01`, -35).slice(0, 7)}-10`,
    );
    const samples = Array.from({ length: Math.floor((noonMs - firstMs) / (12 * hourMs)) }, (_, at) => ({
      timeMs: firstMs + at * 12 * hourMs,
      value: 1_000 + at,
    }));
    await write(bench, 'meter-0', samples, bench.clock.nowMs());
    await run(bench);
    const months = async () => {
      const { rows } = await bench.database.pool.query<{ month: string }>(
        `select to_char(month, 'YYYY-MM') as month from consumption_month order by 1`,
      );
      return rows.map(({ month }) => month);
    };
    const [cut, ...others] = await months();
    expect(cut).toBe(calendar.dayOf(firstMs).slice(0, 7));
    const isWhole = async () => {
      await isRebuilt(bench);
      const [from, to] = [Date.parse('2002-12-31T16:00:00Z'), todayMs];
      const intervals = bucketsOf({ fromMs: from, toMs: to, interval: '1mo', timeZone });
      const { pool } = bench.database;
      const kept = await readKeptConsumption(pool, { points: bench.points, intervals, calendar });
      const [point] = bench.points;
      const found = kept.get(point?.pointId ?? -1)?.map(({ value }) => value ?? 0) ?? [];
      const sampled = await readConsumption(pool, { points: bench.points, intervals });
      const wanted = sampled.get(point?.pointId ?? -1)?.map(({ value }) => value ?? 0) ?? [];
      expect(found).toHaveLength(wanted.length);
      found.forEach((value, at) => expect(value).toBeCloseTo(wanted[at] ?? -1, 6));
    };
    // Its clock is that of 2003, hour by hour; then the battery is changed, and it is that of 2010.
    for (const [at, time] of [
      '2003-01-05T00:10:00Z',
      '2003-01-05T01:10:00Z',
      '2010-03-01T00:00:00Z',
    ].entries()) {
      await write(bench, 'meter-0', [{ timeMs: Date.parse(time), value: 990 + at }], bench.clock.nowMs());
      await isWhole();
      await run(bench);
      await isWhole();
      const { rows } = await days(bench);
      expect(rows.length).toBeLessThan(95);
      expect(await months()).toEqual(others);
    }
    expect((await changes(bench)).length).toBeLessThan(10);
  });

  test('runRollup() skips the time that a counter has been silent for years', async () => {
    await using bench = await openMeters(1);
    await write(bench, 'meter-0', [{ timeMs: Date.parse('2003-01-05T00:10:00Z'), value: 1 }], noonMs);
    await run(bench);
    const { rows } = await bench.database.pool.query<{ next: string }>(
      `select distinct to_char(next_day, 'YYYY-MM-DD') as next from consumption_head`,
    );
    expect(rows).toEqual([{ next: calendar.dayOf(noonMs) }]);
    expect((await days(bench)).rows).toHaveLength(1);
  });

  test('runRollup() journals a correction and a recorded replacement as such', async () => {
    await using bench = await openMeters(1);
    const hours = Array.from({ length: 60 }, (_, at) => at);
    await write(
      bench,
      'meter-0',
      hours.map((at) => ({ timeMs: todayMs - 2 * dayMs + at * hourMs, value: at })),
    );
    await run(bench);
    const atMs = todayMs - 2 * dayMs + 5 * hourMs;
    await write(bench, 'meter-0', [{ timeMs: atMs, value: 5.5 }]);
    await run(bench);
    expect((await changes(bench)).map(({ cause, fromUs, toUs }) => [cause, toUs - fromUs])).toEqual([
      ['correction', 2 * hourMs * 1_000],
    ]);
    const entry = { deviceId: 'meter-0', metric, closing: 30.5, opening: 30.5, reason: 'changed' };
    const timeUs = (todayMs - dayMs + 6.5 * hourMs) * 1_000;
    await transaction(bench.database.pool, (client) =>
      recordReplacement(client, who, { ...entry, pointId: bench.points[0]?.pointId ?? -1, timeUs }),
    );
    await isRebuilt(bench);
    await run(bench);
    expect((await changes(bench))[0]).toMatchObject({
      cause: 'replacement',
      oldValue: 0.5,
      newValue: 0.5,
    });
  });

  test('runRollup() opens a case for an implausible step without anybody asking', async () => {
    await using bench = await openMeters(1);
    await bench.database.pool.query(`update device set attributes = '{"ratedPowerKw": 10}'`);
    const hours = Array.from({ length: 60 }, (_, at) => at);
    await write(
      bench,
      'meter-0',
      hours.map((at) => ({ timeMs: todayMs - 2 * dayMs + at * hourMs, value: at < 30 ? at : at + 5_000 })),
    );
    await run(bench);
    const query = { state: 'open', device: undefined, beforeId: null, limit: 10 } as const;
    expect(await listReviews(bench.database.pool, query)).toMatchObject([{ fromValue: 29, toValue: 5_030 }]);
  });
});

describe('planBuckets()', () => {
  const at = (text: string) => Date.parse(text) * 1_000;
  const berlin = localCalendar('Europe/Berlin');
  const interval = (from: string, to: string): Interval => ({ fromUs: at(from), toUs: at(to) });

  test('planBuckets() takes whole days of 23 and 25 hours, and what is left at the ends', () => {
    const [spring] = planBuckets([interval('2026-03-28T12:00:00Z', '2026-03-30T01:00:00Z')], berlin);
    expect(
      spring?.flatMap(({ pieces }) => pieces).map(({ day, fromUs, toUs }) => [day, (toUs - fromUs) / 3.6e9]),
    ).toEqual([
      [null, 11],
      ['2026-03-29', 23],
      [null, 3],
    ]);
    const [autumn] = planBuckets([interval('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')], berlin);
    expect(
      autumn?.flatMap(({ pieces }) => pieces).map(({ day, fromUs, toUs }) => [day, (toUs - fromUs) / 3.6e9]),
    ).toEqual([['2026-10-25', 25]]);
  });

  test('planBuckets() knows a month of the park, and nothing else as one', () => {
    const months = [
      interval('2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'),
      interval('2026-02-28T23:00:00Z', '2026-04-30T22:00:00Z'),
      interval('2026-02-28T23:15:00Z', '2026-03-31T22:00:00Z'),
      interval('2026-02-28T23:00:00Z', '2026-03-30T22:00:00Z'),
    ];
    expect(planBuckets(months, berlin).map((blocks) => blocks.map(({ month }) => month))).toEqual([
      ['2026-03-01'],
      ['2026-03-01', '2026-04-01'],
      [null],
      [null],
    ]);
  });
});
