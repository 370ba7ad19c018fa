import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daysBetween, wallClock } from '#schemas/wall-clock.ts';

const berlin = wallClock('Europe/Berlin');
const iso = (timeMs: number) => new Date(timeMs).toISOString();

describe('wallClock()', () => {
  test('at() shows day, minute and weekday of the zone', () => {
    expect(wallClock('Asia/Shanghai').at(Date.UTC(2026, 0, 4, 20, 30))).toEqual({
      day: '2026-01-05',
      minute: 4 * 60 + 30,
      weekday: 1,
    });
  });

  test('instantOf() of a time that is skipped is the first instant after it, of one that comes twice the first', () => {
    expect(iso(berlin.instantOf('2026-03-29', 150))).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(berlin.instantOf('2026-10-25', 150))).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(berlin.instantOf('2026-10-25', 180))).toBe('2026-10-25T02:00:00.000Z');
  });

  test('instantOf() finds what at() shows, in every zone, but for times that a clock shows twice', () => {
    const zones = [
      'Asia/Shanghai',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ];
    const clocks = zones.map(wallClock);
    const minutes = fc.integer({ min: 946_684_800 / 60, max: 2_524_608_000 / 60 });
    fc.assert(
      fc.property(fc.nat(zones.length - 1), minutes, (zone, minute) => {
        const clock = clocks[zone] ?? berlin;
        const shown = clock.at(minute * 60_000);
        const foundMs = clock.instantOf(shown.day, shown.minute);
        expect(clock.at(foundMs)).toEqual(shown);
        expect(foundMs).toBeLessThanOrEqual(minute * 60_000);
      }),
      { numRuns: 300 },
    );
  });
});

test('daysBetween() counts calendar days, forwards and back', () => {
  expect([daysBetween('2026-02-27', '2026-03-02'), daysBetween('2026-03-02', '2026-02-27')]).toEqual([3, -3]);
});
