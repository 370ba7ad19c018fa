import { describe, expect, test } from 'vitest';
import { addMonths, amend, pieceOn, type Piece } from '#services/registers/amend.ts';

const piece = (from: string, until: string | null, star: string): Piece => ({
  from,
  until,
  fields: { star },
  documents: [],
});

describe('amend()', () => {
  const three = piece('2024-01-01', null, '3');

  test('cuts the piece that holds the first day of a change, and keeps what was before', () => {
    expect(amend('standing', [three], { how: 'change', ...piece('2026-05-01', null, '4') })).toEqual({
      ok: true,
      written: [piece('2024-01-01', '2026-04-30', '3'), piece('2026-05-01', null, '4')],
      superseded: ['2024-01-01'],
    });
  });

  test('replaces the piece that a correction names, days and all', () => {
    const pieces = [piece('2024-01-01', '2026-04-30', '3'), piece('2026-05-01', null, '4')];
    const answer = amend('standing', pieces, {
      how: 'correct',
      of: '2024-01-01',
      ...piece('2024-02-01', '2026-04-30', '2'),
    });
    expect(answer).toEqual({
      ok: true,
      written: [piece('2024-02-01', '2026-04-30', '2')],
      superseded: ['2024-01-01'],
    });
  });

  test('adds a renewal after the end, leaving the days between empty', () => {
    const old = piece('2023-01-01', '2025-12-31', 'a');
    expect(amend('expiring', [old], { how: 'change', ...piece('2026-03-01', '2029-02-28', 'b') })).toEqual({
      ok: true,
      written: [piece('2026-03-01', '2029-02-28', 'b')],
      superseded: [],
    });
  });

  test.each([
    ['two things of one day', 'standing', { how: 'change', ...piece('2024-01-01', null, 'x') }, '/until'],
    [
      'an end before the beginning',
      'standing',
      { how: 'change', ...piece('2026-05-02', '2026-05-01', 'x') },
      '/until',
    ],
    [
      'an expiring record without an end',
      'expiring',
      { how: 'change', ...piece('2027-01-01', null, 'x') },
      '/until',
    ],
    [
      'an event of several days',
      'event',
      { how: 'change', ...piece('2027-01-01', '2027-01-02', 'x') },
      '/until',
    ],
    [
      'a correction of days that nothing is written of',
      'standing',
      { how: 'correct', of: '2020-01-01', ...piece('2027-01-01', null, 'x') },
      '/of',
    ],
  ] as const)('refuses %s', (_, time, amendment, path) => {
    const pieces = [piece('2024-01-01', '2024-12-31', '3'), piece('2026-05-01', '2026-12-31', '4')];
    expect(amend(time, pieces, amendment)).toMatchObject({ ok: false, path });
  });
});

test('pieceOn() is what holds on the day, else the newest that began, else what comes', () => {
  const pieces = [piece('2024-01-01', '2024-12-31', 'a'), piece('2026-01-01', null, 'b')];
  const on = (day: string) => pieceOn(pieces, day)?.fields['star'];
  expect(['2023-06-01', '2024-06-01', '2025-06-01', '2026-06-01'].map(on)).toEqual(['a', 'a', 'a', 'b']);
  expect(pieceOn([], '2026-01-01')).toBeUndefined();
});

test('addMonths() keeps to the last day of a shorter month, in both directions', () => {
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
  expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
  expect(addMonths('2026-11-15', 12)).toBe('2027-11-15');
  expect(addMonths('2026-01-31', -2)).toBe('2025-11-30');
});
