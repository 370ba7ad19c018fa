import { describe, expect, test } from 'vitest';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';

const at = (text: string) => Date.parse(text);
const hours = (segment: { fromMs: number; toMs: number }) => (segment.toMs - segment.fromMs) / 3_600_000;

describe('localCalendar()', () => {
  test('dayOf() names the day of the zone, not of UTC', () => {
    const shanghai = localCalendar('Asia/Shanghai');
    expect(shanghai.dayOf(at('2026-11-20T15:59:59.999Z'))).toBe('2026-11-20');
    expect(shanghai.dayOf(at('2026-11-20T16:00:00Z'))).toBe('2026-11-21');
  });

  test('startOf() finds midnight on either side of UTC and on quarter-hour offsets', () => {
    const startIn = (zone: string) => new Date(localCalendar(zone).startOf('2026-11-21')).toISOString();
    expect(startIn('Asia/Shanghai')).toBe('2026-11-20T16:00:00.000Z');
    expect(startIn('America/Los_Angeles')).toBe('2026-11-21T08:00:00.000Z');
    expect(startIn('Asia/Kathmandu')).toBe('2026-11-20T18:15:00.000Z');
    expect(startIn('Pacific/Kiritimati')).toBe('2026-11-20T10:00:00.000Z');
  });

  test('segments() gives a spring day 23 hours and an autumn day 25 in Berlin', () => {
    const berlin = localCalendar('Europe/Berlin');
    const spring = berlin.segments(berlin.startOf('2026-03-28'), berlin.startOf('2026-03-31'));
    expect(spring.map((segment) => [segment.day, hours(segment), segment.complete])).toEqual([
      ['2026-03-28', 24, true],
      ['2026-03-29', 23, true],
      ['2026-03-30', 24, true],
    ]);
    const autumn = berlin.segments(berlin.startOf('2026-10-25'), berlin.startOf('2026-10-26'));
    expect(autumn.map(hours)).toEqual([25]);
  });

  test('a day whose midnight the clocks skip begins at the first instant it has', () => {
    // Beirut: clocks go from 00:00 to 01:00 on 2026-03-29.
    const beirut = localCalendar('Asia/Beirut');
    expect(new Date(beirut.startOf('2026-03-29')).toISOString()).toBe('2026-03-28T22:00:00.000Z');
    expect(beirut.segments(beirut.startOf('2026-03-29'), beirut.startOf('2026-03-30')).map(hours)).toEqual([
      23,
    ]);
  });

  test('segments() leaves out a day that the zone never had', () => {
    // Apia went over the date line: there was no 2011-12-30.
    const apia = localCalendar('Pacific/Apia');
    const days = apia.segments(at('2011-12-29T00:00:00Z'), at('2012-01-01T00:00:00Z'));
    expect(days.map((segment) => segment.day)).not.toContain('2011-12-30');
    expect(days.reduce((sum, segment) => sum + hours(segment), 0)).toBe(72);
  });

  test('segments() marks days that the range cuts, and is empty for an empty range', () => {
    const shanghai = localCalendar('Asia/Shanghai');
    const cut = shanghai.segments(at('2026-11-20T10:00:00Z'), at('2026-11-21T20:00:00Z'));
    expect(cut.map((segment) => [segment.day, segment.complete])).toEqual([
      ['2026-11-20', false],
      ['2026-11-21', true],
      ['2026-11-22', false],
    ]);
    expect(shanghai.segments(5, 5)).toEqual([]);
  });
});

test('shiftDay() crosses months and years', () => {
  expect(shiftDay('2026-01-01', -1)).toBe('2025-12-31');
  expect(shiftDay('2024-02-28', 1)).toBe('2024-02-29');
});
