import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rosterBodySchema, type Roster } from '#schemas/notify.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { onCall, onCallSpans } from '#services/notify/roster.ts';

const calendar = new Map([
  ['2026-01-01', 'restday'],
  ['2026-01-04', 'workday'],
  ['2026-01-07', 'restday'],
  ['2026-03-29', 'restday'],
] as const);
const berlin = { clock: wallClock('Europe/Berlin'), calendar };
const shanghai = { clock: wallClock('Asia/Shanghai'), calendar };
const roster = (body: object): Roster => rosterBodySchema.parse({ id: 'r', name: 'R', shifts: [], ...body });
const shift = (rest: object = {}) => ({
  name: 'S',
  people: ['an', 'bo', 'cy'],
  every: 'day',
  startDay: '2026-01-05',
  handover: '08:00',
  ...rest,
});
const at = (text: string) => Date.parse(text);

describe('onCall()', () => {
  const daily = roster({ shifts: [shift()] });
  const who = (body: Roster, text: string, clock = shanghai) => onCall(body, at(text), clock).people;

  test('hands over at the very minute, day by day, and begins anew after the last', () => {
    expect(who(daily, '2026-01-06T07:59:59+08:00')).toEqual(['an']);
    expect(who(daily, '2026-01-06T08:00:00+08:00')).toEqual(['bo']);
    expect(who(daily, '2026-01-08T08:00:00+08:00')).toEqual(['an']);
  });

  test('before the first day nobody has taken over', () => {
    expect(onCall(daily, at('2026-01-05T07:59:00+08:00'), shanghai)).toEqual({ people: [], by: 'nobody' });
  });

  test('of a week-long shift the weekday of its first day hands over', () => {
    const weekly = roster({ shifts: [shift({ every: 'week' })] });
    expect(who(weekly, '2026-01-12T07:59:00+08:00')).toEqual(['an']);
    expect(who(weekly, '2026-01-12T08:00:00+08:00')).toEqual(['bo']);
    expect(who(weekly, '2026-01-18T23:00:00+08:00')).toEqual(['bo']);
  });

  test('shifts side by side are on call together; outside their hours nobody is', () => {
    const all = [1, 2, 3, 4, 5, 6, 7];
    const two = roster({
      shifts: [
        shift({ people: ['an'], windows: [{ days: all, from: '08:00', to: '20:00' }] }),
        shift({
          people: ['bo', 'an'],
          startDay: '2026-01-01',
          windows: [{ days: all, from: '18:00', to: '06:00' }],
        }),
      ],
    });
    expect(who(two, '2026-01-07T12:00:00+08:00')).toEqual(['an']);
    expect(new Set(who(two, '2026-01-07T19:00:00+08:00'))).toEqual(new Set(['an', 'bo']));
    expect(onCall(two, at('2026-01-07T07:00:00+08:00'), shanghai).by).toBe('nobody');
  });

  test('a rest day counts as a Sunday and a weekend that is worked as a Monday, up to the end of a night', () => {
    const week = roster({
      shifts: [
        shift({
          people: ['an'],
          startDay: '2025-12-01',
          windows: [{ days: [1, 2, 3, 4, 5], from: '18:00', to: '08:00' }],
        }),
        shift({
          people: ['bo'],
          startDay: '2025-12-01',
          windows: [{ days: [6, 7], from: '08:00', to: '08:00' }],
        }),
      ],
    });
    // Thursday 1 January is a holiday: the night of Wednesday ends, then it is like a Sunday.
    expect(who(week, '2026-01-01T07:59:00+08:00')).toEqual(['an']);
    expect(who(week, '2026-01-01T12:00:00+08:00')).toEqual(['bo']);
    // Sunday 4 January is worked: the Saturday before ends at 08:00, and the night is one of a working day.
    expect(who(week, '2026-01-04T07:00:00+08:00')).toEqual(['bo']);
    expect(who(week, '2026-01-04T12:00:00+08:00')).toEqual([]);
    expect(who(week, '2026-01-04T19:00:00+08:00')).toEqual(['an']);
  });

  test('an override goes before a holiday, a holiday before the shifts; an empty one is a hole', () => {
    const changed = roster({
      shifts: [shift()],
      holidayPeople: ['di'],
      overrides: [
        { from: '2026-01-07T10:00:00+08:00', to: '2026-01-07T12:00:00+08:00', people: ['ed'] },
        { from: '2026-01-07T11:00:00+08:00', to: '2026-01-07T11:30:00+08:00', people: [] },
      ],
    });
    const told = (text: string) => onCall(changed, at(`2026-01-07T${text}:00+08:00`), shanghai);
    expect(told('00:00')).toEqual({ people: ['di'], by: 'holiday' });
    expect(told('10:00')).toEqual({ people: ['ed'], by: 'override' });
    expect(told('11:00')).toEqual({ people: [], by: 'nobody' });
    expect(told('11:30')).toEqual({ people: ['ed'], by: 'override' });
    expect(onCall(changed, at('2026-01-08T00:00:00+08:00'), shanghai).by).toBe('shift');
  });

  test('a hand-over in the hour that the clock skips takes place at its end, in the one that comes twice at the first', () => {
    const early = roster({ shifts: [shift({ handover: '02:30', startDay: '2026-03-01' })] });
    const before = who(early, '2026-03-29T00:59:00Z', berlin);
    expect(who(early, '2026-03-29T01:00:00Z', berlin)).not.toEqual(before);
    const autumn = (text: string) => who(early, `2026-10-25T${text}Z`, berlin);
    expect(autumn('00:29:00')).not.toEqual(autumn('00:30:00'));
    expect(autumn('03:00:00')).toEqual(autumn('00:30:00'));
  });
});

const people = fc.uniqueArray(fc.constantFrom('an', 'bo', 'cy', 'di'), { maxLength: 4 });
const time = fc.nat(1_439).map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 });
/** About both changes of the clock in Berlin. */
const moment = fc.oneof(
  fc.integer({ min: at('2026-03-27T00:00:00Z'), max: at('2026-04-01T00:00:00Z') }),
  fc.integer({ min: at('2026-10-23T00:00:00Z'), max: at('2026-10-28T00:00:00Z') }),
);
const anyShift = fc.record({
  name: fc.constant('S'),
  people,
  every: fc.constantFrom('day', 'week'),
  count: fc.integer({ min: 1, max: 3 }),
  startDay: fc.constantFrom('2026-01-05', '2026-03-28', '2026-10-24'),
  handover: time,
  windows: fc.array(fc.record({ days, from: time, to: time }), { maxLength: 2 }),
});
const override = fc
  .tuple(moment, fc.integer({ min: 1, max: 100_000 }), people)
  .map(([fromMs, seconds, stand]) => ({
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + seconds * 1_000).toISOString(),
    people: stand,
  }));
const anyRoster = fc
  .record({
    shifts: fc.array(anyShift, { maxLength: 3 }),
    holidayPeople: people,
    overrides: fc.array(override, { maxLength: 4 }),
  })
  .map(roster);

describe('onCallSpans()', () => {
  test('covers the range without gap or overlap, and says at every instant what onCall() says', () => {
    fc.assert(
      fc.property(
        anyRoster,
        moment,
        fc.integer({ min: 1, max: 3 * 86_400_000 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
          minLength: 5,
          maxLength: 5,
        }),
        (body, fromMs, lengthMs, parts) => {
          const range = { fromMs, toMs: fromMs + lengthMs };
          const spans = onCallSpans(body, range, berlin);
          expect(spans[0]?.fromMs).toBe(fromMs);
          expect(spans.at(-1)?.toMs).toBe(range.toMs);
          spans.slice(1).forEach((span, i) => expect(span.fromMs).toBe(spans[i]?.toMs));
          for (const part of parts) {
            const timeMs = fromMs + Math.floor(part * lengthMs);
            const span = spans.find((each) => each.fromMs <= timeMs && timeMs < each.toMs);
            const { people: stand, by } = onCall(body, timeMs, berlin);
            expect({ people: span?.people, by: span?.by }).toEqual({ people: stand, by });
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of one shift without hours, exactly one person stands at a time and all have turns of equal length', () => {
    const weekMs = 7 * 86_400_000;
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 40 }), (handover, weeks) => {
        const body = roster({ shifts: [shift({ handover })] });
        const fromMs = at('2026-01-07T00:00:00+08:00') + weeks * weekMs;
        const spans = onCallSpans(body, { fromMs, toMs: fromMs + weekMs }, shanghai);
        expect(spans.every((span) => span.people.length === 1)).toBe(true);
        expect(spans.slice(1, -1).every((span) => span.toMs - span.fromMs === 86_400_000)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
