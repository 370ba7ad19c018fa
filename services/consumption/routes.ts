import type { z } from 'zod';
import {
  consumptionAnswer,
  consumptionQuery,
  meterTreeAnswer,
  meterTreeQuery,
} from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import { limits } from '#schemas/limits.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { knownPoints } from '#services/registry/known-points.ts';
import { isQuarterHourZone, quarterMs } from './buckets.ts';
import { changeRoutes } from './change-routes.ts';
import { queryConsumption, readKeptConsumption } from './consumption.ts';
import { findCounter, type ConsumptionDeps } from './counters.ts';
import { reviewRoutes } from './review-routes.ts';
import type { IntervalConsumption } from './parts.ts';
import { readMeterTree } from './store.ts';
import { comparablePoint, meterTree } from './tree.ts';

/** Consumption, the tree of meters, recorded replacements and the review list. */
export function consumptionRoutes(api: Api, deps: ConsumptionDeps): void {
  const calendar = localCalendar(deps.timeZone);
  api.get(
    '/consumption',
    {
      config: { access: everyone },
      schema: {
        summary: 'What counters advanced, by quarter, hour, local day or month, and their totals by unit',
        tags: ['consumption'],
        querystring: consumptionQuery,
        response: { 200: consumptionAnswer },
      },
    },
    async ({ query }) => {
      const range = rangeOf(query);
      const timeZone = query.tz ?? deps.timeZone;
      if (!isQuarterHourZone(timeZone)) {
        throw fault('tz', 'is no time zone whose offset is a whole number of quarter hours');
      }
      const points = await wanted(deps, query);
      return queryConsumption(deps.db, { points, ...range, interval: query.interval, timeZone, calendar });
    },
  );
  treeRoute(api, deps, calendar);
  reviewRoutes(api, deps);
  changeRoutes(api, deps);
}

/** Meters report after one another: what a quarter of an hour held is known to all of them a little after its end. */
const reportingMs = 5 * 60_000;

function lastWholeQuarterMs(nowMs: number): number {
  return Math.floor((nowMs - reportingMs) / quarterMs) * quarterMs;
}

function treeRoute(api: Api, { db, directory, clock }: ConsumptionDeps, calendar: LocalCalendar): void {
  api.get(
    '/consumption/tree',
    {
      config: { access: everyone },
      schema: {
        summary: 'A meter and its sub-meters: the share of each in its parent, and the loss between them',
        tags: ['consumption'],
        querystring: meterTreeQuery,
        response: { 200: meterTreeAnswer },
      },
    },
    async ({ query }) => {
      const { fromMs, ...range } = rangeOf(query);
      const toMs = Math.min(range.toMs, Math.max(fromMs + quarterMs, lastWholeQuarterMs(clock.nowMs())));
      const { root } = query;
      const top = findCounter(directory, root, query.metric);
      const most = limits.meterTreeDevices;
      const rows = await readMeterTree(db, { root, most: most + 1 });
      if (rows.length > most) {
        throw new ParkError('too-many-values', `The tree of ${root} has more than ${most} meters`);
      }
      const meters = rows.map((row) => ({
        ...row,
        point: row.deviceId === root ? top : comparablePoint(top, directory.ofDevice(row.deviceId)),
      }));
      const points = meters.flatMap(({ point }) => point ?? []);
      const intervals = [{ fromUs: fromMs * 1_000, toUs: toMs * 1_000 }];
      const sums = new Map<number, IntervalConsumption>();
      for (const [pointId, [sum]] of await readKeptConsumption(db, { points, intervals, calendar })) {
        if (sum !== undefined) sums.set(pointId, sum);
      }
      const tree = meterTree(
        root,
        meters.map(({ point, ...row }) => ({ ...row, pointId: point?.pointId ?? null })),
        sums,
      );
      if (tree === null) throw new ParkError('not-found', `There is no meter ${root}`);
      const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
      return { metric: top.metric, unit: top.unit, from, to, root: tree };
    },
  );
}

async function wanted(
  deps: ConsumptionDeps,
  query: z.infer<typeof consumptionQuery>,
): Promise<readonly PointInfo[]> {
  if (query.points !== undefined) return knownPoints(deps, query.points);
  const points = deps.directory
    .ofSpace(query.space ?? '')
    .filter((point) => point.metric === query.metric && point.kind === 'counter');
  if (points.length > limits.consumptionPoints) {
    const detail = `${points.length} points were asked for, at most ${limits.consumptionPoints} are answered`;
    throw new ParkError('too-many-values', detail);
  }
  return points;
}

function rangeOf(query: { from: string; to: string }): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
  if (fromMs >= toMs) throw fault('from', 'is before to');
  return { fromMs, toMs };
}

function fault(parameter: string, message: string): ParkError {
  return new ParkError('invalid-request', `${parameter} ${message}`, [
    { path: `querystring/${parameter}`, message },
  ]);
}
