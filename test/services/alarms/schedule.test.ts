import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyDay, type Schedule } from '#schemas/alarm-schedule.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { spansOf } from '#services/alarms/schedule.ts';

const at = (text: string) => Date.parse(text);

function told(
  schedule: Schedule,
  text: string,
  options: { zone?: string; holidays?: [string, 'workday' | 'restday'][] } = {},
) {
  const { zone = 'Asia/Shanghai', holidays = [] } = options;
  const calendar = localCalendar(zone);
  const span = spansOf(schedule, { calendar, holidays: new Map(holidays) }).at(at(text));
  const clock = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return `${span.isInside ? 'inside' : 'outside'} ${clock(span.fromMs)} ${clock(span.toMs)}`;
}

describe('spansOf()', () => {
  const night = everyDay('22:00', '06:00');
  const office: Schedule = { when: 'during', periods: [{ days: ['workday'], from: '08:30', to: '18:00' }] };

  it('holds over midnight, and tells where a span begins and ends', () => {
    // Shanghai is UTC+8: 22:00 is 14:00Z.
    expect(told(night, '2026-03-02T13:59:00Z')).toBe('outside 2026-03-01T22:00 2026-03-02T14:00');
    expect(told(night, '2026-03-02T14:00:00Z')).toBe('inside 2026-03-02T14:00 2026-03-02T22:00');
    expect(told(night, '2026-03-02T21:59:59Z')).toBe('inside 2026-03-02T14:00 2026-03-02T22:00');
  });

  it('follows holidays, and weekends that are worked', () => {
    // 2026-10-01 is a Thursday, 2026-10-10 a Saturday.
    expect(told(office, '2026-10-01T02:00:00Z')).toMatch(/^inside/);
    const holidays: [string, 'workday' | 'restday'][] = [
      ['2026-10-01', 'restday'],
      ['2026-10-02', 'restday'],
      ['2026-10-10', 'workday'],
    ];
    expect(told(office, '2026-10-01T02:00:00Z', { holidays })).toBe(
      'outside 2026-09-30T10:00 2026-10-05T00:30',
    );
    expect(told(office, '2026-10-10T02:00:00Z', { holidays })).toMatch(/^inside/);
    expect(told({ ...office, when: 'outside' }, '2026-10-01T02:00:00Z', { holidays })).toMatch(/^inside/);
  });

  it('keeps to the wall clock where it is set forward and back', () => {
    const zone = 'Europe/Berlin';
    // Forward on 2026-03-29 at 02:00, back on 2026-10-25 at 03:00.
    expect(told(night, '2026-03-29T01:30:00Z', { zone })).toBe('inside 2026-03-28T21:00 2026-03-29T04:00');
    expect(told(night, '2026-10-25T01:30:00Z', { zone })).toBe('inside 2026-10-24T20:00 2026-10-25T05:00');
    // 02:30 does not come: the instant at which it is skipped. 02:30 comes twice: the first.
    const early = everyDay('02:30', '05:00');
    expect(told(early, '2026-03-29T01:30:00Z', { zone })).toBe('inside 2026-03-29T01:00 2026-03-29T03:00');
    expect(told(early, '2026-10-25T01:30:00Z', { zone })).toBe('inside 2026-10-25T00:30 2026-10-25T04:00');
  });

  it('agrees with itself everywhere in a span, whatever was asked before', () => {
    const calendar = localCalendar('Europe/Berlin');
    const holidays = new Map([['2026-03-30', 'restday']] as const);
    const schedule: Schedule = {
      when: 'during',
      periods: [
        { days: ['workday'], from: '08:00', to: '12:00' },
        { days: ['mon', 'restday'], from: '11:00', to: '03:00' },
      ],
    };
    const spans = spansOf(schedule, { calendar, holidays });
    const hours = fc.integer({
      min: at('2026-03-20T00:00:00Z') / 60_000,
      max: at('2026-04-05T00:00:00Z') / 60_000,
    });
    fc.assert(
      fc.property(hours, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (minute, share) => {
        const span = spans.at(minute * 60_000);
        const within = Math.min(Math.floor(span.fromMs + share * (span.toMs - span.fromMs)), span.toMs - 1);
        expect(minute * 60_000).toBeGreaterThanOrEqual(span.fromMs);
        expect(minute * 60_000).toBeLessThan(span.toMs);
        expect(spansOf(schedule, { calendar, holidays }).at(within).isInside).toBe(span.isInside);
      }),
      { numRuns: 300 },
    );
  });
});
