import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeTime, parseRfc3339, printable, shown } from '#gateways/normalise.ts';

const arrivalMs = Date.parse('2026-05-01T12:00:00Z');

describe('judgeTime()', () => {
  it('takes epoch milliseconds and keeps microseconds when the source has them', () => {
    expect(judgeTime(arrivalMs + 0.1234, arrivalMs)).toEqual({ ok: true, timeMs: arrivalMs + 0.123 });
  });

  it.each([null, true, {}, [], 'yesterday', '1732060800000', Number.NaN, Infinity, 8.64e15 + 2, ''])(
    'answers bad-time when ts is %j',
    (ts) => {
      expect(judgeTime(ts, arrivalMs)).toMatchObject({ ok: false, reason: 'bad-time' });
    },
  );

  it('answers before-2000 when the clock was never set', () => {
    expect(judgeTime(0, arrivalMs)).toMatchObject({ ok: false, reason: 'before-2000' });
    expect(judgeTime('1999-12-31T23:59:59Z', arrivalMs)).toMatchObject({ reason: 'before-2000' });
    expect(judgeTime('2000-01-01T00:00:00Z', arrivalMs)).toMatchObject({ ok: true });
  });

  it('answers future-time when more than 15 min ahead of arrival', () => {
    expect(judgeTime(arrivalMs + 15 * 60_000, arrivalMs)).toMatchObject({ ok: true });
    expect(judgeTime(arrivalMs + 15 * 60_000 + 1, arrivalMs)).toMatchObject({ reason: 'future-time' });
    expect(judgeTime('2100-01-01T00:00:00Z', arrivalMs)).toMatchObject({ reason: 'future-time' });
  });
});

describe('parseRfc3339()', () => {
  it.each([
    ['2026-05-01T12:00:00Z', '2026-05-01T12:00:00.000Z'],
    ['2026-05-01t12:00:00z', '2026-05-01T12:00:00.000Z'],
    ['2026-05-01T20:00:00+08:00', '2026-05-01T12:00:00.000Z'],
    ['2026-05-01T06:30:00-05:30', '2026-05-01T12:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T07:59:60+08:00', '2017-01-01T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(parseRfc3339(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    '2026-05-01',
    '2026-05-01T12:00:00',
    '2026-05-01 12:00:00Z',
    '2026-05-01T12:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-05-01T24:00:00Z',
    '2026-05-01T12:60:00Z',
    '2026-05-01T12:00:60Z',
    '2026-05-01T12:00:00+24:00',
    '2026-05-01T12:00:00+0800',
    '2026-05-01T12:00:00.Z',
    ' 2026-05-01T12:00:00Z',
    '+02026-05-01T12:00:00Z',
  ])('refuses %s', (text) => {
    expect(parseRfc3339(text)).toBeNull();
  });

  it('agrees with the platform on every instant that both can say', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(parseRfc3339(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it('keeps microseconds when the text has them', () => {
    expect(parseRfc3339('2026-05-01T12:00:00.123456Z')).toBe(arrivalMs + 123.456);
  });
});

describe('shown() and printable()', () => {
  it('give a short text that a database takes whatever they get', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string({ unit: 'binary', maxLength: 300 }), (value, text) => {
        for (const safe of [shown(value), printable(text)]) {
          expect(safe.length).toBeLessThanOrEqual(70);
          expect(safe.isWellFormed()).toBe(true);
          expect(safe).not.toContain('\0');
        }
      }),
    );
  });
});
