import type { z } from 'zod';
import {
  consumptionAnswer,
  consumptionQuery,
  meterTreeAnswer,
  meterTreeQuery,
} from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { findPoints } from '#services/history/readings.ts';
import { isQuarterHourZone } from './buckets.ts';
import { queryConsumption, readConsumption } from './consumption.ts';
import { findCounter, type ConsumptionDeps } from './counters.ts';
import { reviewRoutes } from './review-routes.ts';
import { readMeterTree } from './store.ts';
import { meterTree } from './tree.ts';

/** Consumption, the tree of meters, recorded replacements and the review list. */
export function consumptionRoutes(api: Api, deps: ConsumptionDeps): void {
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
      const points = wanted(deps.directory, query);
      return queryConsumption(deps.db, { points, ...range, interval: query.interval, timeZone });
    },
  );
  treeRoute(api, deps);
  reviewRoutes(api, deps);
}

function treeRoute(api: Api, { db, directory }: ConsumptionDeps): void {
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
      const { fromMs, toMs } = rangeOf(query);
      const { root } = query;
      const top = findCounter(directory, root, query.metric);
      const most = limits.meterTreeDevices;
      const meters = await readMeterTree(db, { root, metric: top.metric, most: most + 1 });
      if (meters.length > most) {
        throw new ParkError('too-many-values', `The tree of ${root} has more than ${most} meters`);
      }
      const points = meters.flatMap(({ pointId }) => directory.byId(pointId) ?? []);
      const comparable = points.filter((point) => point.unit === top.unit && point.kind === 'counter');
      const intervals = [{ fromUs: fromMs * 1_000, toUs: toMs * 1_000 }];
      const found = await readConsumption(db, { points: comparable, intervals });
      const sums = new Map(
        [...found].flatMap(([pointId, [sum]]) => (sum === undefined ? [] : [[pointId, sum]])),
      );
      const tree = meterTree(
        root,
        meters.filter(({ pointId }) => sums.has(pointId)),
        sums,
      );
      if (tree === null) throw new ParkError('not-found', `There is no meter ${root}`);
      const { from, to } = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      return { metric: top.metric, unit: top.unit, from, to, root: tree };
    },
  );
}

function wanted(directory: PointDirectory, query: z.infer<typeof consumptionQuery>): readonly PointInfo[] {
  if (query.points !== undefined) return findPoints(directory, query.points);
  const points = directory
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
