import { expect, test } from 'vitest';
import { boardItems, newestByMedium } from '#services/board/board.ts';
import type { BoardRow } from '#services/board/store.ts';

const row = (deviceId: string, metric: string, rest: Partial<BoardRow> = {}): BoardRow => ({
  deviceId,
  name: `Station ${deviceId}`,
  spaceName: null,
  provenance: 'field',
  metric,
  value: 1,
  time: new Date('2026-01-05T00:00:00Z'),
  quality: 0,
  ...rest,
});

test('boardItems() orders by medium, then station, then metric, and leaves the weather out', () => {
  const items = boardItems([
    row('a', 'noise_leq', { value: 51.5 }),
    row('a', 'pm10'),
    row('a', 'pm25'),
    row('a', 'wind_speed'),
    row('b', 'ph'),
    row('b', 'pm25', { provenance: 'simulated' }),
  ]);
  expect(
    items.map(({ medium, deviceId, values }) => [medium, deviceId, values.map(({ metric }) => metric)]),
  ).toEqual([
    ['air', 'a', ['pm25', 'pm10']],
    ['air', 'b', ['pm25']],
    ['water-quality', 'b', ['ph']],
    ['noise', 'a', ['noise_leq']],
  ]);
  expect(items.at(-1)?.values[0]).toEqual({
    metric: 'noise_leq',
    name: { zh: '等效声级', en: 'Noise level Leq' },
    value: 51.5,
    unit: 'dB(A)',
    time: '2026-01-05T00:00:00.000Z',
    quality: 'good',
  });
});

test('newestByMedium() takes the newest value that is not bad', () => {
  const at = (time: string, quality = 0) => ({ time: new Date(time), quality });
  const items = boardItems([
    row('a', 'pm25', at('2026-01-05T01:00:00Z')),
    row('b', 'pm25', at('2026-01-05T02:00:00Z', 1)),
    row('c', 'pm25', at('2026-01-05T03:00:00Z', 2)),
    row('a', 'ph', at('2026-01-05T03:00:00Z', 2)),
  ]);
  expect([...newestByMedium(items)]).toEqual([['air', Date.parse('2026-01-05T02:00:00Z')]]);
});
