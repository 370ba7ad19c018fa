import { expect, test } from 'vitest';
import type { HistoryValues } from '#dashboards/pages/history/history-query.ts';
import {
  gapFigures,
  historyNames,
  mostPoints,
  tableTimes,
  toChoice,
} from '#dashboards/pages/history/history-query.ts';

const presentMs = Date.UTC(2026, 0, 31);
const values = (given: Partial<HistoryValues>): HistoryValues => ({
  ...(Object.fromEntries(historyNames.map((name) => [name, ''])) as HistoryValues),
  ...given,
});

test('toChoice() of an empty or a wrong address is the last day at the resolution that fits', () => {
  const day = {
    fromMs: presentMs - 86_400_000,
    toMs: presentMs,
    resolution: 'auto',
    view: 'chart',
    points: [],
  };
  expect(toChoice(values({}), presentMs)).toMatchObject(day);
  const wrong = {
    from: '2026-01-02T00:00:00Z',
    to: '2026-01-01T00:00:00Z',
    resolution: '5m',
    range: '2y',
    points: ',x,',
  };
  expect(toChoice(values(wrong), presentMs)).toMatchObject(day);
});

test('toChoice() never asks for what does not go together', () => {
  expect(toChoice(values({ shape: '1', fill: 'linear' }), presentMs)).toMatchObject({
    shape: true,
    fill: undefined,
  });
  expect(toChoice(values({ shape: '1', resolution: '1h', fill: 'linear' }), presentMs)).toMatchObject({
    shape: false,
    fill: 'linear',
  });
  expect(toChoice(values({ resolution: 'raw', fill: 'null' }), presentMs).fill).toBeUndefined();
});

test('toChoice() takes each point once, and no more than are shown together', () => {
  const points = Array.from({ length: 12 }, (_, index) => `em-${index}.x`);
  expect(toChoice(values({ points: ['em-0.x', ...points].join(',') }), presentMs).points).toEqual(
    points.slice(0, mostPoints),
  );
});

test('gapFigures() and tableTimes() add up', () => {
  expect(
    gapFigures([
      [0, 10],
      [20, 25],
    ]),
  ).toEqual({ count: 2, lengthMs: 15 });
  expect(gapFigures(undefined)).toEqual({ count: 0, lengthMs: 0 });
  expect(tableTimes([{ t: [3, 1] }, { t: [2, 3] }], 2)).toEqual([1, 2]);
});
