import type { Queryable } from '#infra/postgres.ts';
import { timelineAnswer, timelineQuery, type Timeline } from '#schemas/api/timeline.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { dayAfter, localCalendar, type DaySegment, type LocalCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { knownPoints } from '#services/registry/known-points.ts';
import { heldIntervals } from '#services/rollup/days.ts';
import type { HistoryDeps } from './readings.ts';
import { stateSpans, stateTotals, type Run } from './timeline.ts';
import { readKeptDays, readKeptRuns, readRawRuns, readRunBefore } from './timeline-store.ts';

const dayMs = 86_400_000;

/** GET /timeline: bands of state points, out of the runs that are kept and, of the newest days, out of raw readings. */
export function timelineRoutes(api: Api, deps: HistoryDeps): void {
  api.get(
    '/timeline',
    {
      config: { access: everyone },
      schema: {
        summary: 'Which state each point was in, with the time in each',
        tags: ['readings'],
        querystring: timelineQuery,
        response: { 200: timelineAnswer },
      },
    },
    async ({ query }) => {
      const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
      if (fromMs >= toMs) throw fault('from', 'is before to');
      const points = await knownPoints(deps, query.points);
      const other = points.find(({ kind }) => kind !== 'state');
      if (other !== undefined)
        throw fault('points', `${pointKey(other.deviceId, other.metric)} has no states`);
      const calendar = localCalendar(deps.timeZone);
      const days = calendar.segments(fromMs, Math.min(toMs, deps.clock.nowMs()));
      if (days.length * points.length > limits.timelineDays) {
        throw new ParkError(
          'too-many-values',
          `At most ${limits.timelineDays} days of points are answered at once`,
        );
      }
      const items: Timeline[] = [];
      for (const point of points) items.push(await timelineOf(deps, point, { fromMs, toMs, days, calendar }));
      return {
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        items,
        nextCursor: null,
      };
    },
  );
}

function fault(name: string, message: string): ParkError {
  return new ParkError('invalid-request', `${name} ${message}`, [{ path: `querystring/${name}`, message }]);
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly days: readonly DaySegment[];
  readonly calendar: LocalCalendar;
}

async function timelineOf(deps: HistoryDeps, point: PointInfo, range: Range): Promise<Timeline> {
  const toMs = Math.max(range.fromMs, Math.min(range.toMs, deps.clock.nowMs()));
  const known = { fromMs: range.fromMs, toMs, holdMs: heldIntervals * point.expectedIntervalMs };
  const before = await readRunBefore(deps.db, {
    pointId: point.pointId,
    beforeMs: range.fromMs,
    rawSinceMs: Math.max(0, range.fromMs - deps.horizonDays * dayMs),
  });
  const inside = await readRuns(deps.db, point, range);
  const runs = before === null ? inside : [before, ...inside];
  const spans = stateSpans(runs, known);
  const beganBefore = before !== null && spans[0]?.fromMs === range.fromMs && spans[0].value === before.value;
  const { byValue, unknownMs } = stateTotals(spans, { ...known, beganBefore });
  const state = (value: number) => point.states[value] ?? null;
  return {
    point: pointKey(point.deviceId, point.metric),
    spans: spans.map(({ value, ...span }) => ({
      from: new Date(span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
      value,
      state: state(value),
    })),
    totals: [...byValue]
      .toSorted(([a], [b]) => a - b)
      .map(([value, { ms, entered }]) => ({ value, state: state(value), seconds: ms / 1e3, entered })),
    unknownS: unknownMs / 1e3,
  };
}

/** @throws ParkError `too-many-values` */
async function readRuns(db: Queryable, point: PointInfo, { days, calendar, fromMs }: Range): Promise<Run[]> {
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (first === undefined || last === undefined) return [];
  const { pointId } = point;
  const holdMs = heldIntervals * point.expectedIntervalMs;
  const most = limits.timelineSpans + 1;
  const kept = await readKeptDays(db, { pointId, firstDay: first, lastDay: last });
  const keptDays = days.map(({ day }) => day).filter((day) => kept.has(day));
  const runs = keptDays.length === 0 ? [] : await readKeptRuns(db, { pointId, days: keptDays, most });
  for (const { fromDay, toDay } of stretches(days.map(({ day }) => day).filter((day) => !kept.has(day)))) {
    const raw = {
      fromMs: Math.max(fromMs, calendar.startOf(fromDay)),
      toMs: calendar.startOf(dayAfter(toDay)),
    };
    runs.push(...(await readRawRuns(db, { pointId, ...raw, holdMs, most })));
  }
  if (runs.length > limits.timelineSpans) {
    const detail = `${pointKey(point.deviceId, point.metric)} changed more than ${limits.timelineSpans} times; ask for less`;
    throw new ParkError('too-many-values', detail);
  }
  return runs.toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Days that follow one another, as first and last. */
function stretches(days: readonly string[]): { fromDay: string; toDay: string }[] {
  const found: { fromDay: string; toDay: string }[] = [];
  for (const day of days) {
    const open = found.at(-1);
    if (open !== undefined && dayAfter(open.toDay) === day) open.toDay = day;
    else found.push({ fromDay: day, toDay: day });
  }
  return found;
}
