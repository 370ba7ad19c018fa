import { describe, expect, it } from 'vitest';
import { calendarDifference, readCalendar, yearsOf } from '#schemas/calendar-text.ts';

describe('readCalendar()', () => {
  it('reads lines as people write them, in Chinese and English, sorted, and skips the names of columns', () => {
    const { days, faults } = readCalendar(
      '\uFEFF日期,安排,名称\r\n2026年10月1日,休,国庆节\n2026/9/27，班，国庆节调休\n\n20260101;off;New Year\n2026-01-02\twork\n',
    );
    expect(faults).toEqual([]);
    expect(days).toEqual([
      { day: '2026-01-01', kind: 'restday', name: 'New Year' },
      { day: '2026-01-02', kind: 'workday', name: '' },
      { day: '2026-09-27', kind: 'workday', name: '国庆节调休' },
      { day: '2026-10-01', kind: 'restday', name: '国庆节' },
    ]);
    expect(yearsOf(days)).toEqual(['2026']);
  });

  it('tells every line that is no day', () => {
    const { days, faults } = readCalendar(
      '2026-02-30,off\n2026-02-01,maybe\n2026-02-02,off\n2026-02-02,work\n',
    );
    expect(days).toHaveLength(1);
    expect(faults).toEqual([
      { line: 1, reason: 'faultDay' },
      { line: 2, reason: 'faultKind' },
      { line: 4, reason: 'faultTwice' },
    ]);
  });
});

describe('calendarDifference()', () => {
  it('counts what is added, changed and removed', () => {
    const day = (date: string, name = '') => ({ day: date, kind: 'restday', name }) as const;
    expect(
      calendarDifference(
        [day('2026-01-01'), day('2026-01-02'), day('2026-01-03')],
        [day('2026-01-01'), day('2026-01-02', 'x'), day('2026-01-04')],
      ),
    ).toEqual({ added: 1, changed: 1, removed: 1 });
  });
});
