import type { BoardCalendar, BoardPeriod, BoardTrend } from '#schemas/api/class-board.ts';
import type { Series } from '#schemas/api/readings.ts';
import { isWithin } from '#schemas/board-hours.ts';
import type { BoardLimit } from '#schemas/class-board.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { localCalendar, shiftDay, type LocalCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { meanKind, queryReadings } from '#services/history/readings.ts';
import { boardDevices, findBoard, pointsOfMetric, type BoardDeps } from './deps.ts';
import { countedBelow, fold, isOver } from './figures.ts';

const dayMs = 86_400_000;
const quarterMs = 900_000;

const periods = {
  '24h': { lengthMs: dayMs, resolution: '15m' },
  '7d': { lengthMs: 7 * dayMs, resolution: '1h' },
  '30d': { lengthMs: 30 * dayMs, resolution: '1d' },
} as const;

interface Scope {
  readonly class: string;
  readonly space: string | undefined;
}

const keysOf = (points: readonly PointInfo[]) =>
  points.map(({ deviceId, metric }) => pointKey(deviceId, metric));

/**
 * One line of all devices of a board.
 * @throws ParkError `not-found` for a class without one, `too-many-values`
 */
export async function readTrend(
  deps: BoardDeps,
  { period, ...scope }: Scope & { readonly period: BoardPeriod },
): Promise<BoardTrend> {
  const { board, deviceClass } = findBoard(scope.class);
  const { trend } = board;
  if (trend === undefined) throw new ParkError('not-found', `The board of ${scope.class} has no trend`);
  const devices = await boardDevices(deps, scope);
  const { counted } = countedBelow(board.meterTree && trend.fold === 'sum' ? devices : []);
  const folded = devices.filter(({ id }) => !counted.has(id));
  const points = pointsOfMetric(deps, folded, trend.metric);
  refuseMany(points, limits.boardTrendPoints);
  const { lengthMs, resolution } = periods[period];
  // A bucket that goes on is not folded: some have told of it, others have not yet.
  const toMs = Math.floor(deps.clock.nowMs() / quarterMs) * quarterMs;
  const fromMs = toMs - lengthMs;
  const answer =
    points.length === 0
      ? { series: [], pending: false }
      : await queryReadings(deps, { points: keysOf(points), fromMs, toMs, resolution });
  return {
    ...trend,
    unit: deviceClass.metrics[trend.metric]?.unit ?? '',
    resolution,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ...foldSeries(answer.series, trend.fold),
    pending: answer.pending ?? false,
  };
}

function refuseMany(points: readonly unknown[], most: number): void {
  if (points.length <= most) return;
  const detail = `${points.length} devices are more than the ${most} of one trend; choose a space`;
  throw new ParkError('too-many-values', detail);
}

/**
 * Folds lines bucket by bucket; where not all of those that tell anything know one, it is uncertain. Pure.
 */
export function foldSeries(
  series: readonly Pick<Series, 't' | 'v' | 'q'>[],
  how: BoardTrend['fold'],
): Pick<BoardTrend, 't' | 'v' | 'q' | 'count' | 'devices'> {
  const buckets = new Map<number, { values: number[]; quality: number }>();
  for (const { t, v, q } of series) {
    for (const [at, timeMs] of t.entries()) {
      const value = v[at];
      if (value === null || value === undefined) continue;
      const bucket = buckets.get(timeMs) ?? { values: [], quality: 0 };
      bucket.values.push(value);
      // One bad reading among good ones makes a mean uncertain, not unusable.
      bucket.quality = Math.max(bucket.quality, Math.min(q[at] ?? 0, 1));
      buckets.set(timeMs, bucket);
    }
  }
  const devices = series.filter(({ v }) => v.some((value) => value !== null)).length;
  const found = [...buckets].sort(([a], [b]) => a - b);
  return {
    t: found.map(([timeMs]) => timeMs),
    v: found.map(([, { values }]) => fold(how, values)),
    q: found.map(([, { values, quality }]) => (values.length < devices ? 1 : quality)),
    count: found.map(([, { values }]) => values.length),
    devices,
  };
}

const calendarDays = 35;

/**
 * Day by day, what the limits of a board say of its stations.
 * @throws ParkError `not-found` for a board without limits, `too-many-values`
 */
export async function readCalendar(deps: BoardDeps, scope: Scope): Promise<BoardCalendar> {
  const { board } = findBoard(scope.class);
  if (board.limits.length === 0) {
    throw new ParkError('not-found', `The board of ${scope.class} has no limits`);
  }
  const devices = await boardDevices(deps, scope);
  const calendar = localCalendar(deps.timeZone);
  const metrics = [...new Set(board.limits.map(({ metric }) => metric))];
  const points = metrics.flatMap((metric) => pointsOfMetric(deps, devices, metric));
  refuseMany(points, limits.boardCalendarPoints);
  const toMs = deps.clock.nowMs();
  const today = calendar.dayOf(toMs);
  const fromMs = calendar.startOf(shiftDay(today, 1 - calendarDays));
  const lines: StationLine[] = [];
  // One metric after the other: hours of a month of all stations are many.
  for (const metric of metrics) {
    const own = points.filter((point) => point.metric === metric);
    if (own.length === 0) continue;
    const { series } = await queryReadings(deps, { points: keysOf(own), fromMs, toMs, resolution: '1h' });
    for (const [at, point] of own.entries()) {
      const hours = series[at];
      if (hours !== undefined) lines.push({ point, hours });
    }
  }
  const items = Array.from({ length: calendarDays }, (_, at) => shiftDay(today, at + 1 - calendarDays));
  const verdicts = verdictsByDay(board.limits, lines, calendar);
  return {
    items: items.map((day) => ({ day, verdicts: verdicts.get(day) ?? board.limits.map(() => null) })),
    nextCursor: null,
  };
}

interface StationLine {
  readonly point: Pick<PointInfo, 'deviceId' | 'metric' | 'deviceClass'> & PointInfo;
  readonly hours: Pick<Series, 't' | 'v'>;
}
type Verdict = BoardCalendar['items'][number]['verdicts'][number];

/** The worst station of each day under each limit, by hourly means. Pure. */
export function verdictsByDay(
  held: readonly BoardLimit[],
  lines: readonly StationLine[],
  calendar: Pick<LocalCalendar, 'dayOf' | 'minuteOf'>,
): Map<string, Verdict[]> {
  const found = new Map<string, Verdict[]>();
  for (const [place, limit] of held.entries()) {
    for (const { point, hours } of lines) {
      if (point.metric !== limit.metric) continue;
      const energy = meanKind(point) === 'energy';
      for (const [day, values] of valuesByDay(limit, hours, calendar)) {
        const verdicts = found.get(day) ?? held.map(() => null);
        found.set(day, verdicts);
        const value = dayValue(limit, values, energy);
        const before = verdicts[place] ?? null;
        const stations = (before?.stations ?? 0) + 1;
        const isWorse =
          before === null || (limit.side === 'high' ? value > before.value : value < before.value);
        verdicts[place] = isWorse
          ? { value, deviceId: point.deviceId, over: isOver(limit, value), stations }
          : { ...before, stations };
      }
    }
  }
  return found;
}

function valuesByDay(
  { hours }: BoardLimit,
  { t, v }: Pick<Series, 't' | 'v'>,
  calendar: Pick<LocalCalendar, 'dayOf' | 'minuteOf'>,
): Map<string, number[]> {
  const days = new Map<string, number[]>();
  for (const [at, timeMs] of t.entries()) {
    const value = v[at];
    if (value === null || value === undefined) continue;
    if (hours !== undefined && !isWithin(hours, calendar.minuteOf(timeMs))) continue;
    const day = calendar.dayOf(timeMs);
    const values = days.get(day) ?? [];
    values.push(value);
    days.set(day, values);
  }
  return days;
}

function dayValue({ of, side }: BoardLimit, values: readonly number[], energy: boolean): number {
  if (of === 'hour') return fold(side === 'high' ? 'max' : 'min', values);
  if (!energy) return fold('mean', values);
  return (
    10 *
    Math.log10(
      fold(
        'mean',
        values.map((level) => 10 ** (level / 10)),
      ),
    )
  );
}
