import { expect, test } from 'vitest';
import { comparedStretches, nightBase, ranking, totalOf } from '#dashboards/pages/class-board/periods.ts';
import { localCalendar } from '#schemas/local-time.ts';

const calendar = localCalendar('Asia/Shanghai');
/** Tuesday 31 March 2026, 10:07 in Shanghai. */
const nowMs = Date.parse('2026-03-31T10:07:00+08:00');
const text = (stretch: { fromMs: number; toMs: number } | undefined) =>
  stretch &&
  [stretch.fromMs, stretch.toMs].map((ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16));

test.each([
  ['day', ['2026-03-31T00:00', '2026-03-31T10:00'], ['2026-03-30T00:00', '2026-03-30T10:00']],
  ['week', ['2026-03-30T00:00', '2026-03-31T10:00'], ['2026-03-23T00:00', '2026-03-24T10:00']],
  // February has no 31st: all of it.
  ['month', ['2026-03-01T00:00', '2026-03-31T10:00'], ['2026-02-01T00:00', '2026-03-01T00:00']],
] as const)('comparedStretches() compares the same part of a %s', (comparison, now, before) => {
  const found = comparedStretches(calendar, nowMs, comparison);
  expect([text(found?.now), text(found?.before)]).toEqual([now, before]);
});

test('comparedStretches() has nothing to compare in the first minutes of a day', () => {
  expect(comparedStretches(calendar, Date.parse('2026-03-31T00:03:00+08:00'), 'day')).toBeNull();
});

test('nightBase() is the lowest whole bucket of the night', () => {
  const hour = (clock: string) => Date.parse(`2026-03-31T${clock}:00+08:00`);
  const line = {
    t: [hour('01:00'), hour('02:00'), hour('03:00'), hour('12:00')],
    v: [20, 5, 30, 50],
    q: [0, 1, 0, 0],
  };
  const found = nightBase(line, { from: '00:00', to: '05:00' }, calendar);
  expect(found?.value).toBe(20);
  expect(found?.share).toBeCloseTo(20 / (100 / 3), 9);
  expect(nightBase({ t: [], v: [], q: [] }, { from: '00:00', to: '05:00' }, calendar)).toBeNull();
});

const bucket = (value: number | null, coverage = 1, flags: string[] = []) => ({
  from: '',
  to: '',
  value,
  coverage,
  flags,
});

test('totalOf() and ranking() never take what is unknown for zero', () => {
  const answer = {
    items: [
      { point: 'a.e', unit: 'kWh', provenance: 'field' as const, buckets: [bucket(1), bucket(2)] },
      { point: 'b.e', unit: 'kWh', provenance: 'field' as const, buckets: [bucket(9)] },
      { point: 'c.e', unit: 'kWh', provenance: 'field' as const, buckets: [bucket(null, 0)] },
    ],
    totals: [{ unit: 'kWh', points: 3, buckets: [bucket(12, 0.7, ['incomplete'])] }],
    nextCursor: null,
  };
  expect(ranking(answer).map(({ point, value }) => [point, value])).toEqual([
    ['b.e', 9],
    ['a.e', 3],
  ]);
  expect(totalOf(answer)).toEqual({ value: 12, unit: 'kWh', whole: false, estimated: false });
  expect(totalOf({ ...answer, totals: [] })).toBeNull();
});

test('totalOf() is whole when every register is known at both ends, however seldom it was read in between', () => {
  const answer = (...items: ReturnType<typeof bucket>[]) => ({
    items: items.map((each, i) => ({
      point: `m${i}.e`,
      unit: 'kWh',
      provenance: 'field' as const,
      buckets: [each],
    })),
    totals: [{ unit: 'kWh', points: items.length, buckets: [bucket(10, 0)] }],
    nextCursor: null,
  });
  expect(totalOf(answer(bucket(10, 0)))).toMatchObject({ value: 10, whole: true, estimated: false });
  expect(totalOf(answer(bucket(10, 0, ['estimated'])))).toMatchObject({ whole: true, estimated: true });
  // One was put in meanwhile, or is not known at all; the total does not say so.
  expect(totalOf(answer(bucket(10, 1), bucket(4, 0.5, ['incomplete'])))?.whole).toBe(false);
  expect(totalOf(answer(bucket(10, 1), bucket(null, 0)))?.whole).toBe(false);
});
