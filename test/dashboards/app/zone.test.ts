import { expect, test } from 'vitest';
import { instantOfWall, lastDays, wallMs } from '#dashboards/app/zone.ts';

const iso = (timeMs: number) => new Date(timeMs).toISOString();

test('wallMs() and instantOfWall() undo each other, in winter and in summer', () => {
  for (const instant of ['2026-01-15T10:00:00Z', '2026-07-15T22:30:00Z', '2026-03-29T12:00:00Z']) {
    for (const zone of ['Asia/Shanghai', 'Europe/Berlin', 'Asia/Kathmandu', 'UTC']) {
      const timeMs = Date.parse(instant);
      expect(iso(instantOfWall(wallMs(timeMs, zone), zone)), `${instant} ${zone}`).toBe(iso(timeMs));
    }
  }
});

test('lastDays() gives whole local days that end with yesterday, over a change of the clock too', () => {
  const { fromMs, toMs } = lastDays(2, Date.parse('2026-03-30T08:00:00Z'), 'Europe/Berlin');
  expect([iso(fromMs), iso(toMs)]).toEqual(['2026-03-27T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
});
