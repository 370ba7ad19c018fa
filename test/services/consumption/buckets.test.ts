import { describe, expect, test } from 'vitest';
import type { ConsumptionInterval } from '#schemas/api/consumption.ts';
import { bucketsOf, isQuarterHourZone, mostBuckets } from '#services/consumption/buckets.ts';

const at = (text: string) => Date.parse(text);
const hoursOf = (from: string, to: string, more: { interval: ConsumptionInterval; timeZone: string }) =>
  bucketsOf({ fromMs: at(from), toMs: at(to), ...more }).map(({ fromUs, toUs }) => (toUs - fromUs) / 3_600e6);

describe('bucketsOf()', () => {
  const berlin = 'Europe/Berlin';

  test('bucketsOf() gives days of 23 and 25 hours', () => {
    const day = { interval: '1d', timeZone: berlin } as const;
    expect(hoursOf('2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z', day)).toEqual([24, 23, 24]);
    expect(hoursOf('2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z', day)).toEqual([25, 24]);
  });

  test('bucketsOf() gives as many hours as the day has', () => {
    const hour = { interval: '1h', timeZone: berlin } as const;
    expect(hoursOf('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', hour)).toEqual(Array(23).fill(1));
    expect(hoursOf('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', hour)).toEqual(Array(25).fill(1));
    // Lord Howe Island moves its clock by half an hour: at two it is half past one again.
    const island = { interval: '1h', timeZone: 'Australia/Lord_Howe' } as const;
    expect(hoursOf('2026-04-04T13:00:00Z', '2026-04-04T17:30:00Z', island)).toEqual([1, 1.5, 1, 1]);
    // An hour of Kathmandu begins at a quarter past of UTC.
    const kathmandu = { interval: '1h', timeZone: 'Asia/Kathmandu' } as const;
    expect(hoursOf('2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z', kathmandu)).toEqual([0.25, 1, 0.75]);
  });

  test('bucketsOf() clips the first and the last month', () => {
    const month = { interval: '1mo', timeZone: 'Asia/Shanghai' } as const;
    const found = hoursOf('2025-12-30T16:00:00Z', '2026-03-01T16:00:00Z', month);
    expect(found).toEqual([24, 31 * 24, 28 * 24, 24]);
  });

  test('bucketsOf() cuts at quarters, and never gives an empty bucket', () => {
    const quarter = { interval: '15m', timeZone: berlin } as const;
    expect(hoursOf('2026-01-01T00:15:00Z', '2026-01-01T01:00:00Z', quarter)).toEqual([0.25, 0.25, 0.25]);
  });

  test('mostBuckets() is never less than the buckets there are', () => {
    for (const interval of ['15m', '1h', '1d', '1mo'] as const) {
      for (const timeZone of [berlin, 'Australia/Lord_Howe', 'Asia/Shanghai', 'America/Sao_Paulo']) {
        const range = { fromMs: at('2016-01-01T00:15:00Z'), toMs: at('2017-01-02T03:30:00Z'), interval };
        const buckets = bucketsOf({ ...range, timeZone });
        expect(buckets.length).toBeLessThanOrEqual(mostBuckets(range));
        expect(buckets.every(({ fromUs, toUs }) => fromUs < toUs && fromUs % 900e6 === 0)).toBe(true);
        expect(buckets.slice(1).every(({ fromUs }, place) => buckets[place]?.toUs === fromUs)).toBe(true);
      }
    }
  });
});

describe('isQuarterHourZone()', () => {
  test('isQuarterHourZone() knows zones from words', () => {
    expect(['Asia/Kathmandu', 'UTC', 'Asia/Shanghai'].map(isQuarterHourZone)).toEqual([true, true, true]);
    expect(['Mars/Olympus', '', 'Asia/'].map(isQuarterHourZone)).toEqual([false, false, false]);
    // Liberia stood 44 minutes and a half behind until 1972, and on the grid ever since.
    expect(isQuarterHourZone('Africa/Monrovia')).toBe(true);
  });
});
