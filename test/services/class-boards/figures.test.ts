import { describe, expect, test } from 'vitest';
import type { BoardRow } from '#schemas/api/class-board.ts';
import { isWithin } from '#schemas/board-hours.ts';
import { classBoards } from '#schemas/class-boards/index.ts';
import type { BoardLimit } from '#schemas/class-board.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { boardFigures, countedBelow, limitsAt, rankOf } from '#services/class-boards/figures.ts';
import { foldSeries, verdictsByDay } from '#services/class-boards/trend.ts';
import { fakeDirectory } from '#test/kit/directory.ts';

const time = '2026-03-01T00:00:00.000Z';
const row = (id: string, values: Record<string, number>, more: Partial<BoardRow> = {}): BoardRow => ({
  id,
  name: id,
  spaceId: null,
  spaceName: null,
  provenance: 'field',
  connection: 'online',
  lastSeen: time,
  severity: null,
  alarms: 0,
  values: Object.entries(values).map(([metric, value]) => ({
    metric,
    value,
    time,
    quality: 'good',
    over: null,
  })),
  ...more,
});

function figuresOf(id: string, rows: readonly BoardRow[], counted: readonly string[] = []) {
  const [board, deviceClass] = [classBoards.get(id), deviceClasses.get(id)];
  if (board === undefined || deviceClass === undefined) throw new Error(`no class ${id}`);
  return boardFigures({ board, deviceClass, rows, counted: new Set(counted) });
}

describe('boardFigures()', () => {
  test('a sum leaves out what a meter above counts; a maximum does not', () => {
    const rows = [row('top', { active_power: 100 }), row('sub', { active_power: 60 })];
    const [sum, most] = figuresOf('energy-meter', rows, ['sub']);
    expect(sum).toMatchObject({ stat: 'sum', value: 100, known: 1, of: 1 });
    expect(most).toMatchObject({ stat: 'max', value: 100, known: 2 });
  });

  test('a bad value tells nothing, and no device telling is no zero', () => {
    const bad = row('a', { active_power: 9 });
    const rows = [{ ...bad, values: bad.values.map((value) => ({ ...value, quality: 'bad' as const })) }];
    expect(figuresOf('energy-meter', rows)[0]).toMatchObject({ value: null, known: 0 });
  });

  test('a count of what is not normal has its severity only when there is one', () => {
    const trapped = (rows: BoardRow[]) =>
      figuresOf('elevator', rows).find(({ metric }) => metric === 'entrapment');
    expect(trapped([row('a', { entrapment: 0 })])).toMatchObject({ value: 0, severity: null });
    expect(trapped([row('a', { entrapment: 1 })])).toMatchObject({ value: 1, severity: 'critical' });
  });
});

test('rankOf() puts the worst first, then who is offline, then by id', () => {
  const rows = [
    row('well', {}),
    row('gone', {}, { connection: 'offline' }),
    row('hot', {}, { severity: 'high' }),
    row('burning', {}, { severity: 'critical', connection: 'offline' }),
    row('also-well', {}),
  ];
  const order = rows.toSorted((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1)).map(({ id }) => id);
  expect(order).toEqual(['burning', 'hot', 'gone', 'also-well', 'well']);
});

test('countedBelow() knows a parent only where it is on the board, and nobody is his own', () => {
  const meter = (id: string, parentMeterId?: string) => ({ id, attributes: { parentMeterId } });
  const { counted, parents } = countedBelow([
    meter('a'),
    meter('b', 'a'),
    meter('c', 'elsewhere'),
    meter('d', 'd'),
  ]);
  expect([[...counted], [...parents]]).toEqual([['b'], ['a']]);
});

test('isWithin() goes over midnight and ends where the hours end', () => {
  const night = { from: '22:00', to: '06:00' };
  expect([0, 359, 360, 1319, 1320].map((minute) => isWithin(night, minute))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
});

const limit = (more: Partial<BoardLimit>): BoardLimit => ({
  metric: 'noise_leq',
  side: 'high',
  limit: 60,
  of: 'day',
  severity: 'low',
  basis: { zh: '依据', en: 'basis' },
  ...more,
});

test('limitsAt() holds a limit only in its hours', () => {
  const [day, always] = [limit({ hours: { from: '06:00', to: '22:00' } }), limit({ limit: 90 })];
  expect(limitsAt([day, always], 60)).toEqual([always]);
  expect(limitsAt([day, always], 600)).toEqual([day, always]);
});

describe('foldSeries()', () => {
  test('a bucket that not all devices know is uncertain', () => {
    const both = [
      { t: [0, 1], v: [1, 2], q: [0, 0] },
      { t: [0], v: [10], q: [0] },
      // Has the metric and never told it.
      { t: [], v: [], q: [] },
    ];
    expect(foldSeries(both, 'sum')).toEqual({ t: [0, 1], v: [11, 2], q: [0, 1], count: [2, 1], devices: 2 });
    expect(foldSeries(both, 'max').v).toEqual([10, 2]);
  });

  test('an empty bucket is no zero', () => {
    expect(foldSeries([{ t: [0], v: [null], q: [2] }], 'sum').t).toEqual([]);
  });
});

test('verdictsByDay() tells the worst station of each day, levels by their energy', () => {
  const directory = fakeDirectory();
  const more = { deviceClass: 'environment-station' };
  const [quiet, loud] = [directory.add('quiet', 'noise_leq', more), directory.add('loud', 'noise_leq', more)];
  const hour = 3_600_000;
  const calendar = {
    dayOf: (timeMs: number) => `2026-03-0${1 + Math.floor(timeMs / (24 * hour))}`,
    minuteOf: (timeMs: number) => (timeMs / 60_000) % 1_440,
  };
  const verdicts = verdictsByDay(
    [limit({ hours: { from: '06:00', to: '22:00' } })],
    [
      { point: quiet, hours: { t: [8 * hour, 32 * hour], v: [50, 50] } },
      // 100 dB at night is no matter of the day limit.
      { point: loud, hours: { t: [2 * hour, 8 * hour, 9 * hour], v: [100, 50, 70] } },
    ],
    calendar,
  );
  const [first] = verdicts.get('2026-03-01') ?? [];
  expect(first).toMatchObject({ deviceId: 'loud', over: true, stations: 2 });
  expect(first?.value).toBeCloseTo(10 * Math.log10((1e5 + 1e7) / 2), 9);
  expect(verdicts.get('2026-03-02')).toMatchObject([{ deviceId: 'quiet', over: false, stations: 1 }]);
});
