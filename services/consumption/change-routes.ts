import { pageOf } from '#schemas/api/common.ts';
import { changeSchema, changesQuery, type ConsumptionChange } from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { everyone } from '#schemas/roles.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import type { Api } from '#services/api/plugin.ts';
import {
  knownPoints,
  knownPointsOf,
  knownUnits,
  type KnownPointsDeps,
} from '#services/registry/known-points.ts';
import { listChanges, type ChangeRow } from './change-store.ts';
import { isoOf } from './consumption.ts';
import type { ConsumptionDeps } from './counters.ts';
import { flagsOf } from './parts.ts';

/** The journal of consumption that was known and is another now. */
export function changeRoutes(api: Api, { db, directory }: ConsumptionDeps): void {
  api.get(
    '/consumption/changes',
    {
      config: { access: everyone },
      schema: {
        summary: 'Consumption that was known and is another now, with its old and new value, newest first',
        tags: ['consumption'],
        querystring: changesQuery,
        response: { 200: pageOf(changeSchema) },
      },
    },
    async ({ query }) => {
      const { from, to, limit, cursor } = query;
      const pointIds = await pointsOf({ db, directory }, query);
      if (pointIds === null && (from !== undefined || to !== undefined)) {
        const message = 'goes with points or device';
        throw new ParkError('invalid-request', `from or to ${message}`, [
          { path: 'querystring/from', message },
        ]);
      }
      const rows = await listChanges(db, {
        pointIds,
        fromMs: from === undefined ? null : Date.parse(from),
        toMs: to === undefined ? null : Date.parse(to),
        beforeId: fromIdCursor(cursor),
        limit: limit + 1,
      });
      const unitOf = await knownUnits({ db, directory }, rows);
      return toPage(
        rows.map((row) => toChange(row, unitOf)),
        limit,
        (change) => change.id,
      );
    },
  );
}

async function pointsOf(
  deps: KnownPointsDeps,
  { points, device }: { points?: string[] | undefined; device?: string | undefined },
): Promise<number[] | null> {
  if (points === undefined && device === undefined) return null;
  const found =
    points === undefined ? await knownPointsOf(deps, device ?? '') : await knownPoints(deps, points);
  return found.map(({ pointId }) => pointId);
}

function toChange(row: ChangeRow, unitOf: (pointId: number) => string): ConsumptionChange {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    point: pointKey(row.deviceId, row.metric),
    unit: unitOf(row.pointId),
    from: isoOf(row.fromUs),
    to: isoOf(row.toUs),
    before: { value: row.oldValue, coverage: row.oldCoverage, flags: flagsOf(row.oldBits) },
    after: { value: row.newValue, coverage: row.newCoverage, flags: flagsOf(row.newBits) },
    cause: row.cause,
  };
}
