import { describe, expect, test } from 'vitest';
import { localCalendar } from '#schemas/local-time.ts';
import { gridOf } from '#services/history/grid.ts';

const berlin = localCalendar('Europe/Berlin');
const hourMs = 3_600_000;

describe('gridOf()', () => {
  test('days of 23 and 25 hours have so many hours, and end where the next begins', () => {
    for (const [day, hours] of [
      ['2026-03-29', 23],
      ['2026-10-25', 25],
    ] as const) {
      const range = { fromMs: berlin.startOf(day), toMs: berlin.startOf(day) + hours * hourMs };
      expect(gridOf('1h', range, berlin).starts).toHaveLength(hours);
      expect(gridOf('15m', range, berlin).starts).toHaveLength(4 * hours);
      const days = gridOf('1d', range, berlin);
      expect(days.starts).toEqual([range.fromMs]);
      expect(days.endOf(range.fromMs)).toBe(range.toMs);
    }
  });

  test('buckets overlap the range, the first may begin before it', () => {
    const fromMs = berlin.startOf('2026-05-01') + hourMs + 1;
    expect(gridOf('1h', { fromMs, toMs: fromMs + hourMs }, berlin).starts).toEqual([
      fromMs - 1,
      fromMs - 1 + hourMs,
    ]);
    expect(gridOf('1m', { fromMs, toMs: fromMs + 1 }, berlin).starts).toEqual([fromMs - 1]);
    expect(gridOf('1d', { fromMs, toMs: fromMs + 24 * hourMs }, berlin).starts).toHaveLength(2);
  });
});
