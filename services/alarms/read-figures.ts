import type { Queryable } from '#infra/postgres.ts';
import type { AlarmFigures } from '#schemas/api/alarm-figures.ts';
import { dayAfter, type LocalCalendar } from '#schemas/local-time.ts';
import { slotsOf } from './facts.ts';
import { addUp, figuresOf, sum, type AlarmDay } from './figures.ts';
import { loadDays, loadExtent, loadSources, loadStanding, type FigureRange } from './figures-store.ts';
import { loadPositions } from './position-store.ts';

const topMost = 10;
const standingMost = 20;

/** What is asked for, and by which days and as of when it is told. */
export interface FiguresAsked {
  readonly calendar: LocalCalendar;
  readonly nowMs: number;
  readonly range: FigureRange;
}

/** The figures of a range of local days, of one operator position or of all together. */
export async function readFigures(db: Queryable, asked: FiguresAsked): Promise<AlarmFigures> {
  const { nowMs, range } = asked;
  const { firstDay, foldedMs } = await loadExtent(db);
  const days = await readDays(db, asked, firstDay);
  const { total, chattering, top } = await loadSources(db, range, topMost);
  return {
    from: range.from,
    to: range.to,
    position: range.position ?? null,
    positions: await loadPositions(db),
    foldedAt: foldedMs === null ? null : new Date(foldedMs).toISOString(),
    ...figuresOf(days),
    chattering,
    top,
    topShare: total === 0 ? null : sum(top.map((each) => each.raised)) / total,
    standing: await loadStanding(db, { nowMs, position: range.position, limit: standingMost }),
  };
}

/** Every day of the range since there are facts and until today; positions added up. */
async function readDays(
  db: Queryable,
  { calendar, nowMs, range }: FiguresAsked,
  firstDay: string | null,
): Promise<AlarmDay[]> {
  if (firstDay === null) return [];
  const stored = Map.groupBy(await loadDays(db, range), (row) => row.day);
  const today = calendar.dayOf(nowMs);
  const last = range.to < today ? range.to : today;
  const days: AlarmDay[] = [];
  for (let day = range.from < firstDay ? firstDay : range.from; day <= last; day = dayAfter(day)) {
    const fromMs = calendar.startOf(day);
    const slots = slotsOf({ day, fromMs, toMs: calendar.startOf(dayAfter(day)) }, nowMs);
    const rows = stored.get(day) ?? [];
    const total = (of: (row: Omit<AlarmDay, 'fromMs'>) => number) => sum(rows.map(of));
    days.push({
      day,
      fromMs,
      announced: addUp(rows.map((row) => row.announced)),
      recorded: total((row) => row.recorded),
      buckets: addUp([Array.from({ length: slots }, () => 0), ...rows.map((row) => row.buckets)]),
      acknowledgedAfter: addUp(rows.map((row) => row.acknowledgedAfter)),
      acknowledgedAfterS: total((row) => row.acknowledgedAfterS),
      clearedAfter: addUp(rows.map((row) => row.clearedAfter)),
      clearedAfterS: total((row) => row.clearedAfterS),
      standing: total((row) => row.standing),
      shelvedS: total((row) => row.shelvedS),
      suppressedS: total((row) => row.suppressedS),
      outOfServiceS: total((row) => row.outOfServiceS),
    });
  }
  return days;
}
