import { describe, expect, test } from 'vitest';
import { choosePeriod, namedPeriod, namedPeriodForm, type PeriodQuery } from '#services/assessment/period.ts';

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

describe('namedPeriod()', () => {
  const named = (text: string, timeZone = 'Asia/Shanghai') => {
    const { fromMs, toMs } = namedPeriod(text, timeZone);
    return [fromMs, toMs].map((timeMs) => new Date(timeMs).toISOString());
  };

  test('takes a year, a month and a day of the park, the end not included', () => {
    expect(named('2026')).toEqual(['2025-12-31T16:00:00.000Z', '2026-12-31T16:00:00.000Z']);
    expect(named('2026-02')).toEqual(['2026-01-31T16:00:00.000Z', '2026-02-28T16:00:00.000Z']);
    expect(named('2026-12')).toEqual(['2026-11-30T16:00:00.000Z', '2026-12-31T16:00:00.000Z']);
    expect(named('2026-02-28')).toEqual(['2026-02-27T16:00:00.000Z', '2026-02-28T16:00:00.000Z']);
  });

  test('takes a day of 23 hours whole', () => {
    expect(named('2026-03-29', 'Europe/Berlin')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
  });

  test('refuses what is no such period', () => {
    for (const text of ['26', '2026-13', '2026-00', '2026-1', '2026-01-32', 'last year', '']) {
      expect(namedPeriodForm.test(text), text).toBe(false);
      expect(() => namedPeriod(text, 'Asia/Shanghai')).toThrow('is a year, a month or a day');
    }
  });
});
