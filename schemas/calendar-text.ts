import type { CalendarDay } from './alarm-schedule.ts';

/** A line that tells no day. */
export interface CalendarFault {
  readonly line: number;
  readonly reason: 'faultDay' | 'faultKind' | 'faultTwice';
}

export interface CalendarFile {
  readonly days: readonly CalendarDay[];
  readonly faults: readonly CalendarFault[];
}

const kinds: Readonly<Record<string, CalendarDay['kind']>> = {
  restday: 'restday',
  off: 'restday',
  holiday: 'restday',
  休: 'restday',
  休息: 'restday',
  放假: 'restday',
  休息日: 'restday',
  workday: 'workday',
  work: 'workday',
  班: 'workday',
  上班: 'workday',
  调休: 'workday',
  上班日: 'workday',
};
const nameLength = 100;

/** Reads days from lines of date, kind and name, parted by commas, semicolons or tabs; pure. */
export function readCalendar(text: string): CalendarFile {
  const days = new Map<string, CalendarDay>();
  const faults: CalendarFault[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [i, each] of lines.entries()) {
    const [date = '', word = '', ...rest] = each.split(/[,;\t，；]/).map((cell) => cell.trim());
    // A line that is empty, or names its columns.
    if (each.trim() === '' || (i === 0 && !/\d/.test(date))) continue;
    const line = i + 1;
    const day = dayOf(date);
    const kind = kinds[word.toLowerCase()];
    if (day === undefined) faults.push({ line, reason: 'faultDay' });
    else if (kind === undefined) faults.push({ line, reason: 'faultKind' });
    else if (days.has(day)) faults.push({ line, reason: 'faultTwice' });
    else days.set(day, { day, kind, name: rest.join(' ').trim().slice(0, nameLength) });
  }
  return { days: [...days.values()].toSorted((a, b) => a.day.localeCompare(b.day)), faults };
}

/** `2026-10-01`, `2026/10/1`, `2026年10月1日`, `20261001`. */
function dayOf(text: string): string | undefined {
  const found = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(text);
  if (found === null) return undefined;
  const [, year = '', month = '', date = ''] = found;
  const day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const parsed = new Date(`${day}T00:00:00Z`);
  // Days that no month has are taken for those of the next one.
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day ? undefined : day;
}

export function yearsOf(days: readonly CalendarDay[]): string[] {
  return [...new Set(days.map(({ day }) => day.slice(0, 4)))].toSorted();
}

/** What replacing would change. */
export function calendarDifference(
  before: readonly CalendarDay[],
  after: readonly CalendarDay[],
): { readonly added: number; readonly changed: number; readonly removed: number } {
  const known = new Map(before.map((each) => [each.day, each]));
  const kept = after.filter(({ day }) => known.has(day));
  const changed = kept.filter(({ day, kind, name }) => {
    const old = known.get(day);
    return old?.kind !== kind || old.name !== name;
  });
  return {
    added: after.length - kept.length,
    changed: changed.length,
    removed: before.length - kept.length,
  };
}
