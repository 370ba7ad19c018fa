import type { Bilingual } from '#schemas/device-class.ts';
import type { DaySegment } from '#schemas/local-time.ts';
import type { DayMark } from './rows.ts';
import type { DayValues } from './store.ts';

/** What makes a day of a point good where its measure counts no days: pure. */

const dayS = 86_400;
/** What the rubrics ask a camera to keep. */
const reachDays = 30;
/** A day counts as recorded from this share on. */
const recordedShare = 0.95;
/** Recording may begin some hours after a camera was put into service, and is deleted in pieces. */
const graceDays = 1;

interface Asked {
  readonly metric: string;
  readonly day: DaySegment;
  /** When the time in service began that lasts until this day; null: not in service all day. */
  readonly sinceMs: number | null;
}

/** How a day of a point stands by what was stored of it. */
export function markOf(values: DayValues | null, asked: Asked): DayMark {
  if (asked.sinceMs === null) return { state: 'out', figure: null };
  if (values === null || values.good === 0) return { state: 'missing', figure: null };
  const figure = shortBy(values, { ...asked, sinceMs: asked.sinceMs });
  return figure === null ? { state: 'good', figure } : { state: 'few', figure };
}

/** By what a day falls short although readings came; null when by nothing. */
function shortBy(
  { max, last }: DayValues,
  { metric, day, sinceMs }: Asked & { readonly sinceMs: number },
): Bilingual | null {
  if (metric === 'oldest_recording_age' && last !== null) {
    const days = last / dayS;
    const servedDays = (day.toMs - sinceMs) / 1_000 / dayS;
    if (days >= Math.min(reachDays, servedDays - graceDays)) return null;
    const shown = Math.floor(days * 10) / 10;
    return { zh: `录像只可回溯 ${shown} 天`, en: `recordings reach back ${shown} days only` };
  }
  if (metric === 'recorded_seconds_today' && max !== null) {
    const share = max / ((day.toMs - day.fromMs) / 1_000);
    if (share >= recordedShare) return null;
    const shown = Math.floor(share * 1_000) / 10;
    return { zh: `当日录像完整率 ${shown} %`, en: `${shown} % of the day is recorded` };
  }
  return null;
}
