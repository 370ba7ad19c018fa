import { describe, expect, test } from 'vitest';
import { localClock } from '#gateways/mapping/local-clock.ts';

function read(form: string, zone: string, text: string): string | null {
  const timeMs = localClock(form, zone)(text);
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

describe('localClock()', () => {
  test.each([
    ['YYYY-MM-DD HH:mm:ss', 'Asia/Shanghai', '2026-03-01 08:15:00', '2026-03-01T00:15:00.000Z'],
    ['YYYYMMDDHHmmss', 'Asia/Shanghai', '20260301081500', '2026-03-01T00:15:00.000Z'],
    ['DD.MM.YYYY HH:mm:ss.SSS', 'Europe/Berlin', '01.07.2026 08:15:00.250', '2026-07-01T06:15:00.250Z'],
    ['YYYY-MM-DD', 'UTC', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    // 02:30 does not exist on that day: the clock goes from 02:00 to 03:00.
    ['YYYY-MM-DD HH:mm', 'Europe/Berlin', '2026-03-29 02:30', '2026-03-29T01:30:00.000Z'],
    // 02:30 exists twice: the first.
    ['YYYY-MM-DD HH:mm', 'Europe/Berlin', '2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
    ['YYYY-MM-DD HH:mm', 'Europe/Berlin', '2026-10-25 03:00', '2026-10-25T02:00:00.000Z'],
    ['YYYY-MM-DD HH:mm', 'America/New_York', '2026-11-01 01:30', '2026-11-01T05:30:00.000Z'],
  ])('%s in %s: %s', (form, zone, text, expected) => {
    expect(read(form, zone, text)).toBe(expected);
  });

  test.each(['2026-02-30 08:00:00', '2026-13-01 08:00:00', '2026-03-01 24:00:00', '2026-03-01T08:00:00', ''])(
    'is null for %s',
    (text) => {
      expect(read('YYYY-MM-DD HH:mm:ss', 'Asia/Shanghai', text)).toBeNull();
    },
  );
});
