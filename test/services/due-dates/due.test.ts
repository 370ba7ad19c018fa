import { describe, expect, test } from 'vitest';
import { localCalendar } from '#schemas/local-time.ts';
import { daysUntilDue } from '#services/due-dates/due.ts';

const calendar = localCalendar('Asia/Shanghai');
/** 2026-03-02 in the park, still 2026-03-01 in UTC. */
const nowMs = Date.parse('2026-03-01T16:30:00Z');

describe('daysUntilDue()', () => {
  test.each([
    [{ registered: '2026-03-02', told: null }, 0],
    [{ registered: '2026-04-01', told: null }, 30],
    [{ registered: '2026-02-28', told: null }, -2],
    [{ registered: '2026-03-10', told: '2027-03-10' }, 373],
    [{ registered: '2027-03-10', told: '2026-03-10' }, 373],
    [{ registered: 'soon', told: null }, null],
    [{ registered: '2026-02-30', told: null }, null],
    [{ registered: null, told: null }, null],
  ])('counts local days to the later date: %o', (facts, days) => {
    expect(daysUntilDue(facts, { calendar, nowMs })).toBe(days);
  });
});
