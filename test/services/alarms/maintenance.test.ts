import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localCalendar } from '#schemas/local-time.ts';
import { maintenanceScheduleSchema, maintenanceTargetSchema } from '#schemas/maintenance.ts';
import { endOf, isInForce, occurrenceAt } from '#services/alarms/maintenance.ts';

const shanghai = localCalendar('Asia/Shanghai');
const berlin = localCalendar('Europe/Berlin');
const weekly = (change: object = {}) =>
  maintenanceScheduleSchema.parse({
    kind: 'weekly',
    days: [1, 3],
    start: '22:00',
    minutes: 240,
    fromDay: '2026-03-02',
    ...change,
  });
const told = (calendar: typeof shanghai, schedule: ReturnType<typeof weekly>, at: string) => {
  const found = occurrenceAt(schedule, calendar, Date.parse(at));
  return found === null ? null : [found.fromMs, found.toMs].map((ms) => new Date(ms).toISOString());
};

describe('occurrenceAt()', () => {
  it('finds the one that goes on, past midnight too, else the next one', () => {
    const monday = ['2026-03-02T14:00:00.000Z', '2026-03-02T18:00:00.000Z'];
    expect(told(shanghai, weekly(), '2026-01-01T00:00:00Z')).toEqual(monday);
    // 01:30 on Tuesday in Shanghai.
    expect(told(shanghai, weekly(), '2026-03-02T17:30:00Z')).toEqual(monday);
    expect(told(shanghai, weekly(), '2026-03-02T18:00:00Z')).toEqual([
      '2026-03-04T14:00:00.000Z',
      '2026-03-04T18:00:00.000Z',
    ]);
  });

  it('ends with the last day', () => {
    const schedule = weekly({ toDay: '2026-03-03' });
    expect(told(shanghai, schedule, '2026-03-02T17:59:59Z')).not.toBeNull();
    expect(told(shanghai, schedule, '2026-03-02T18:00:00Z')).toBeNull();
    expect(endOf(schedule, shanghai)).toBe(Date.parse('2026-03-03T18:00:00Z'));
    expect(endOf(weekly(), shanghai)).toBeNull();
  });

  it('begins at the local time on both sides of a change of clocks', () => {
    const daily = weekly({ days: [1, 2, 3, 4, 5, 6, 7], start: '08:00', minutes: 60 });
    expect(told(berlin, daily, '2026-03-28T00:00:00Z')?.[0]).toBe('2026-03-28T07:00:00.000Z');
    expect(told(berlin, daily, '2026-03-29T00:00:00Z')?.[0]).toBe('2026-03-29T06:00:00.000Z');
    expect(told(berlin, daily, '2026-10-25T00:00:00Z')?.[0]).toBe('2026-10-25T07:00:00.000Z');
  });

  it('is one that has not ended, and no other lies between now and it', () => {
    const instant = fc.integer({
      min: Date.parse('2026-03-10T00:00:00Z'),
      max: Date.parse('2026-12-01T00:00:00Z'),
    });
    const schedule = fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
      start: fc
        .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
        .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':')),
      minutes: fc.integer({ min: 1, max: 1_440 }),
    });
    fc.assert(
      fc.property(instant, schedule, (atMs, change) => {
        const parsed = weekly(change);
        const found = occurrenceAt(parsed, berlin, atMs);
        if (found === null) throw new Error('without an end there is always a next one');
        expect(found.toMs).toBeGreaterThan(atMs);
        const between = (atMs + Math.max(atMs, found.fromMs - 1)) / 2;
        expect(isInForce(parsed, berlin, between)).toBe(found.fromMs <= between);
        expect(isInForce(parsed, berlin, found.fromMs)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

it('schemas of planned work refuse what covers nothing, ends before it begins, or has no time of day', () => {
  expect(maintenanceTargetSchema.safeParse({}).success).toBe(false);
  expect(maintenanceTargetSchema.safeParse({ tag: 'a,b' }).success).toBe(false);
  const once = { kind: 'once', from: '2026-03-02T10:00:00Z', to: '2026-03-02T09:00:00Z' };
  expect(maintenanceScheduleSchema.safeParse(once).success).toBe(false);
  expect(maintenanceScheduleSchema.safeParse({ ...weekly(), start: '24:00' }).success).toBe(false);
  expect(maintenanceScheduleSchema.safeParse({ ...weekly(), days: [] }).success).toBe(false);
});
