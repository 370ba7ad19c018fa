import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Resolution } from '#schemas/api/readings.ts';
import { ParkError } from '#schemas/errors.ts';
import { dayAfter, localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { isBeyondHorizon, type HistoryRange } from './resolution.ts';
import { countLateDays, readKeptReach, type PointReach } from './store.ts';

/** How far back raw readings reach: the horizon of all, what a class keeps longer, and days that came late. */

export interface ReachDeps {
  readonly db: Queryable;
  readonly clock: Clock;
  /** How far back raw readings of all classes are kept. */
  readonly horizonDays: number;
  /** IANA zone of the park. */
  readonly timeZone: string;
}

const dayMs = 86_400_000;

/** Since when raw readings of every class are answered, epoch ms. */
export function horizonOf({ clock, horizonDays }: ReachDeps): number {
  return clock.nowMs() - horizonDays * dayMs;
}

/** Since when raw readings of all these points are answered, epoch ms; asks only for what lies beyond the horizon. */
export async function readReach(
  deps: ReachDeps,
  points: readonly PointInfo[],
  fromMs: number,
): Promise<number> {
  const horizonMs = horizonOf(deps);
  if (fromMs >= horizonMs) return horizonMs;
  const ids = points.map(({ pointId }) => pointId);
  const now = { nowMs: deps.clock.nowMs(), horizonMs, calendar: localCalendar(deps.timeZone) };
  return reachOf({ ids, kept: await readKeptReach(deps.db, ids) }, now);
}

/**
 * The latest of what each point reaches back to, epoch ms. Pure.
 * @param points.kept what their classes keep longer; of a point that is not in it, nothing
 */
export function reachOf(
  points: { readonly ids: readonly number[]; readonly kept: readonly PointReach[] },
  now: { readonly nowMs: number; readonly horizonMs: number; readonly calendar: LocalCalendar },
): number {
  const { nowMs, horizonMs, calendar } = now;
  const kept = new Map(points.kept.map((each) => [each.pointId, each]));
  if (points.ids.some((id) => !kept.has(id))) return horizonMs;
  // A local day that the class still keeps is answered whole; one that was not copied whole is not answered.
  const keptMs = Math.min(...points.kept.map(({ days }) => days));
  const wholeMs = Math.max(...points.kept.map(({ wholeFromMs }) => wholeFromMs));
  const day = calendar.dayOf(wholeMs);
  const wholeDayMs = calendar.startOf(day) === wholeMs ? wholeMs : calendar.startOf(dayAfter(day));
  return Math.min(horizonMs, Math.max(wholeDayMs, calendar.startOf(calendar.dayOf(nowMs - keptMs * dayMs))));
}

/** Days beyond the horizon that are answered from late readings, at most. */
const mostLateDays = 62;

/** Whether all of a range that lies beyond the horizon are days that came late and are not closed yet, of every point. */
export async function isLate(
  { db, timeZone }: ReachDeps,
  points: readonly PointInfo[],
  range: HistoryRange,
): Promise<boolean> {
  if (range.toMs - range.fromMs > mostLateDays * dayMs) return false;
  const calendar = localCalendar(timeZone);
  const takenMs = calendar.startOf(calendar.dayOf(range.horizonMs));
  const toMs = Math.min(range.toMs, takenMs);
  if (range.fromMs >= toMs) return false;
  const days = calendar.segments(range.fromMs, toMs).map(({ day }) => day);
  const pointIds = [...new Set(points.map(({ pointId }) => pointId))];
  return (await countLateDays(db, { pointIds, days })) === days.length * pointIds.length;
}

/**
 * Whether raw readings beyond the horizon are asked for.
 * @throws ParkError `beyond-horizon` where readings of this resolution do not reach back to `fromMs`
 */
export async function refuseBeyondHorizon(
  deps: ReachDeps,
  query: {
    readonly points: readonly PointInfo[];
    readonly resolution: Resolution;
    readonly fromMs: number;
  },
): Promise<boolean> {
  const { points, resolution, fromMs } = query;
  if (resolution !== 'raw' && resolution !== '1m') return false;
  const horizonMs = await readReach(deps, points, fromMs);
  const range = { fromMs, toMs: fromMs, points: 1, intervalMs: 1, horizonMs };
  if (isBeyondHorizon(resolution, range)) throw beyondHorizon(resolution, range);
  return fromMs < horizonOf(deps);
}

export function beyondHorizon(resolution: Resolution, range: HistoryRange): ParkError {
  const since = new Date(range.horizonMs).toISOString();
  return new ParkError(
    'beyond-horizon',
    `${resolution} readings are kept since ${since}; ask for 15m or coarser`,
  );
}
