import { describe, expect, test } from 'vitest';
import { choosePeriod, type PeriodQuery } from '#services/assessment/period.ts';

// 2026-11-21 08:48 in Shanghai.
const nowMs = Date.parse('2026-11-21T00:48:00Z');
const choose = (query: PeriodQuery, timeZone = 'Asia/Shanghai') => {
  const { fromMs, toMs, asOfMs } = choosePeriod(query, { nowMs, timeZone });
  return [fromMs, toMs, asOfMs].map((timeMs) => new Date(timeMs).toISOString());
};

describe('choosePeriod()', () => {
  test('without anything takes the last 30 complete local days', () => {
    expect(choose({})).toEqual([
      '2026-10-21T16:00:00.000Z',
      '2026-11-20T16:00:00.000Z',
      '2026-11-21T00:48:00.000Z',
    ]);
  });

  test('counts local days across a change of the clocks', () => {
    // Berlin leaves summer time on 2026-10-25: thirty days and one hour.
    expect(choose({ to: '2026-11-20T23:00:00Z' }, 'Europe/Berlin').slice(0, 2)).toEqual([
      '2026-10-21T22:00:00.000Z',
      '2026-11-20T23:00:00.000Z',
    ]);
  });

  test('without to ends before the day of asOf', () => {
    expect(choose({ asOf: '2026-11-10T12:00:00Z' })[1]).toBe('2026-11-09T16:00:00.000Z');
  });

  test('refuses the empty, the too long and what is not known yet, naming the parameter', () => {
    for (const [query, path] of [
      [{ from: '2026-11-02T00:00:00Z', to: '2026-11-02T00:00:00Z' }, 'querystring/from'],
      [{ from: '2024-11-02T00:00:00Z', to: '2026-11-02T00:00:00Z' }, 'querystring/from'],
      [{ to: '2026-11-22T00:00:00Z' }, 'querystring/to'],
      [{ asOf: '2026-11-10T00:00:00Z', to: '2026-11-11T00:00:00Z' }, 'querystring/to'],
      [{ asOf: '2027-01-01T00:00:00Z' }, 'querystring/asOf'],
    ] as const) {
      expect(() => choose(query)).toThrow(
        expect.objectContaining({ code: 'invalid-request', errors: [expect.objectContaining({ path })] }),
      );
    }
  });
});
