import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import { dayAfter, localCalendar, shiftDay } from '#schemas/local-time.ts';
import { quartersOf } from '#services/consumption/changes.ts';
import { daysOfOne, quartersIn, rangeOf, startDays } from '#services/consumption/day-run.ts';
import { readDependent, type KeptDay } from '#services/consumption/day-store.ts';
import { partsIn } from '#services/consumption/intervals.ts';
import type { RegisterSample } from '#services/consumption/judge.ts';
import { openReviews, readOpenSteps } from '#services/consumption/review-store.ts';
import { readSettled } from '#services/consumption/samples.ts';
import { keptSamples } from '#services/consumption/store.ts';
import { suspectsOf } from '#services/consumption/suspects.ts';
import type { CounterContext } from '#services/consumption/unroll.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { coverReadings, insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

// Its days of 25 and of 23 hours lie on either side of the instant since which raw readings are kept.
const calendar = localCalendar('Europe/Berlin');
const [firstDay, lateDay, keptSince, lastDay] = ['2026-01-20', '2026-02-10', '2026-03-20', '2026-04-05'];
const clock = fakeClock(Date.parse('2026-06-01T12:00:00Z'));
const minuteUs = 60_000_000;
const hourUs = 60 * minuteUs;
const deps = { calendar, clock };
let database: TestDatabase;
let pointId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.pool;
  await coverReadings(db, { from: shiftDay(keptSince, -1), to: shiftDay(lastDay, 5) });
  await insertDevices(db, [{ id: 'meter', class: 'energy-meter', from: '2020-01-01T00:00:00Z' }]);
  const { rows } = await db.query<{ id: number }>(
    `select point_id as id from point where metric = 'active_energy_import'`,
  );
  pointId = rows[0]?.id ?? -1;
});
afterAll(() => database[Symbol.asyncDispose]());
const empty = () =>
  database.pool.query(`truncate reading, register_knot, reading_late, late_day, raw_kept, register_review,
    consumption_day, consumption_quarter`);
beforeEach(empty);

const daysUntil = (from: string, until: string) => {
  const days: string[] = [];
  for (let day = from; day < until; day = dayAfter(day)) days.push(day);
  return days;
};

/** A day by itself, with questions of its own, and the cases that it has for a person. */
async function alone(
  db: Database,
  day: string,
  context: CounterContext,
): Promise<{ kept: KeptDay; cases: string[] }> {
  const range = rangeOf(deps, day);
  const settled = await readSettled(keptSamples(db), { pointId, ...range }, context);
  const [whole, ...quarters] = partsIn(settled.line, [range, ...quartersIn(range)], context.facts);
  if (whole === undefined) throw new Error('A day has a part');
  const { value, coveredUs, bits } = whole;
  const { dependsFromUs, dependsToUs } = settled;
  const depends = { dependsFromUs, dependsToUs };
  const kept = { pointId, day, value, coveredUs, bits, ...depends, quarters: quartersOf(quarters) };
  const suspects = suspectsOf(settled.line, range);
  return { kept, cases: suspects.map(({ from, to }) => `${from.timeUs} ${to.timeUs}`) };
}

/** Computes and keeps days in a row, and reads what is kept of them. */
async function inRow(client: DatabaseClient, days: readonly string[], context: CounterContext) {
  const run = startDays(client, { ...deps, longGapMs: Infinity }, { pointId, context });
  for (const day of days) await run.keep(await run.compute(day, dayAfter(days.at(-1) ?? day)));
  await run.write();
  const kept = await readDependent(client, pointId, [{ pointId, fromUs: -Infinity, toUs: Infinity }]);
  return kept.map(({ day, value, coveredUs, bits, dependsFromUs, dependsToUs, quarters }): KeptDay => {
    return { pointId, day, value, coveredUs, bits, dependsFromUs, dependsToUs, quarters };
  });
}

async function insertSamples(db: Database, table: string, samples: readonly RegisterSample[]) {
  const covered = table === 'register_knot';
  await db.query(
    `insert into ${table} (point_id, time, value, quality${covered ? ', covered_us' : ''})
     select $1, timestamptz 'epoch' + us * interval '1 microsecond', v, q${covered ? ', c' : ''}
     from unnest($2::float8[], $3::float8[], $4::int[], $5::int8[]) s (us, v, q, c) where $5::int8[] is not null`,
    [
      pointId,
      samples.map(({ timeUs }) => timeUs),
      samples.map(({ value }) => value),
      samples.map(({ quality }) => quality),
      samples.map(({ coveredUs }) => coveredUs ?? 0),
    ],
  );
}

/** Where a sample of each time stands: knots, then raw readings, and between them nine days that came late. */
async function fill(db: Database, samples: readonly RegisterSample[]): Promise<void> {
  const [lateUs, lateEndUs, sinceUs] = [lateDay, shiftDay(lateDay, 9), keptSince].map(
    (day) => calendar.startOf(day) * 1_000,
  ) as [number, number, number];
  const tableOf = ({ timeUs }: RegisterSample) => {
    if (timeUs >= sinceUs) return 'reading';
    return timeUs >= lateUs && timeUs < lateEndUs ? 'reading_late' : 'register_knot';
  };
  for (const [table, some] of Map.groupBy(samples, tableOf)) await insertSamples(db, table, some);
  await db.query('insert into raw_kept (since) values ($1)', [new Date(sinceUs / 1_000)]);
  await db.query(
    `insert into late_day (point_id, day, from_time, to_time)
     select distinct on (2) point_id, (time at time zone $1)::date, time, time from reading_late`,
    [calendar.timeZone],
  );
}

const gapsUs = [1 / 60, 0.25, 0.25, 1, 6, 6, 6, 6, 6, 26, 90].map((hours) => hours * hourUs);
const quality = (word: number) => ([0, 0, 0, 0, 0, 0, 1, 2] as const)[word % 8] ?? 0;

/** A register that rises, stands still, falls a little, starts again or leaps; of any quality, at any distance. */
function historyOf(words: readonly number[]): RegisterSample[] {
  const samples: RegisterSample[] = [];
  let [timeUs, value] = [calendar.startOf(firstDay) * 1_000 + 7, 500];
  for (const word of words) {
    const rise = [1.25, 0.1, 3, 0, 0, 0.01, -0.01, -1e9, 4e5][(word >> 3) % 27] ?? (word % 1_000) / 7;
    value = Math.max(0, value + rise);
    samples.push({
      timeUs,
      value,
      quality: quality(word),
      ...(word % 3 === 0 ? { coveredUs: minuteUs } : {}),
    });
    timeUs += (gapsUs[(word >> 8) % gapsUs.length] ?? 0) + (word % 2);
  }
  const endUs = calendar.startOf(shiftDay(lastDay, 2)) * 1_000;
  return samples.filter((sample) => sample.timeUs < endUs);
}

test('startDays() keeps days in a row as each is by itself, to the last bit', async () => {
  const days = daysUntil(shiftDay(firstDay, -1), lastDay);
  expect(days.length).toBeGreaterThan(daysOfOne);
  let [kept, opened] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(0x3fffffff), { minLength: 1, maxLength: 200, size: 'max' }),
      fc.constantFrom(null, 40),
      fc.nat(70),
      async (words, maxRatePerH, agoDays) => {
        const db = database.pool;
        await empty();
        await fill(db, historyOf(words));
        const facts = { resolution: 0.01, modulus: null, maxRatePerH, expectedIntervalUs: 15 * minuteUs };
        const timeUs = calendar.startOf(shiftDay(lastDay, -agoDays)) * 1_000 + hourUs;
        const context = { facts, replacements: [{ timeUs, closing: 700, opening: 3 }], decisions: [] };
        const wanted = [];
        for (const day of days) wanted.push(await alone(db, day, context));
        // A case that the samples no longer have.
        const explainedUs = calendar.startOf(shiftDay(firstDay, 30)) * 1_000;
        const mark = { value: 1, register: 1, quality: 0, origin: 'sample' } as const;
        const [from, to] = [1, 2].map((at) => ({ ...mark, timeUs: explainedUs + at }));
        if (from !== undefined && to !== undefined)
          await openReviews(db, pointId, [{ from, to, claimed: 1 }]);
        const found = await transaction(db, (client) => inRow(client, days, context));
        expect(found).toEqual(wanted.map((one) => one.kept));
        const open = await readOpenSteps(db, { pointIds: [pointId], fromUs: 0, toUs: timeUs * 2 });
        const cases = wanted.flatMap((one) => one.cases);
        expect(open.map((one) => `${one.fromUs} ${one.toUs}`).toSorted()).toEqual(cases.toSorted());
        opened += cases.length;
        kept += found.filter(({ value }) => value !== null).length;
      },
    ),
    { numRuns: 30, endOnFailure: true },
  );
  expect(kept).toBeGreaterThan(400);
  expect(opened).toBeGreaterThan(40);
});

const plain: CounterContext = {
  facts: { resolution: 0.01, modulus: null, maxRatePerH: null, expectedIntervalUs: minuteUs },
  replacements: [],
  decisions: [],
};

test('startDays() computes days with more samples than are held', async () => {
  const db = database.pool;
  const days = daysUntil('2026-03-26', '2026-03-31');
  // Every 30 s, and one day every 4: 21,600 of it.
  await db.query(
    `insert into reading (point_id, time, value, quality)
     select $1::int, t, extract(epoch from t - $2::timestamptz) / 777, 0
     from generate_series($2::timestamptz, $3::timestamptz, interval '30 s') t
     union select $1::int, t, extract(epoch from t - $2::timestamptz) / 777, 0
     from generate_series('2026-03-28T12:00:00Z'::timestamptz, '2026-03-29T12:00:00Z', interval '4 s') t`,
    [pointId, new Date(calendar.startOf(days[0] ?? '')), new Date(calendar.startOf('2026-04-01'))],
  );
  const wanted = [];
  for (const day of days) wanted.push((await alone(db, day, plain)).kept);
  expect(await transaction(db, (client) => inRow(client, days, plain))).toEqual(wanted);
});

test('startDays() asks a few times for many days, and for one no more than for it alone', async () => {
  const db = database.pool;
  const sixHourly = Array.from({ length: 4 * 70 }, (_, at) => 4 + (at << 3)).map(
    (word, at): RegisterSample => ({
      timeUs: calendar.startOf(firstDay) * 1_000 + at * 6 * hourUs,
      value: word,
      quality: 0,
    }),
  );
  await insertSamples(db, 'register_knot', sixHourly);
  const since = new Date(calendar.startOf(lastDay));
  await db.query('insert into raw_kept (since) values ($1)', [since]);
  const questionsOf = (days: readonly string[]) =>
    transaction(db, async (client) => {
      const asked = vi.spyOn(client, 'query');
      const run = startDays(client, deps, { pointId, context: plain });
      for (const day of days) await run.keep(await run.compute(day, dayAfter(days.at(-1) ?? day)));
      await run.write();
      const questions = asked.mock.calls.length;
      asked.mockRestore();
      return questions;
    });
  const days = daysUntil(shiftDay(firstDay, 8), shiftDay(firstDay, 8 + daysOfOne - 2));
  expect(await questionsOf(days)).toBe(7);
  expect(await questionsOf(days.slice(0, 1))).toBe(7);
});
