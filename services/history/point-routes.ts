import { pageOf } from '#schemas/api/common.ts';
import {
  pointDetailSchema,
  pointParams,
  sampleSchema,
  samplesQuery,
  type PointDetail,
  type Sample,
} from '#schemas/api/points.ts';
import { ParkError } from '#schemas/errors.ts';
import { parsePointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { qualityWord } from '#schemas/reading.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { everyone } from '#schemas/roles.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import type { Api } from '#services/api/plugin.ts';
import { readFormerPoints } from '#services/registry/former-store.ts';
import { knownPoints, type KnownPointsDeps } from '#services/registry/known-points.ts';
import { definitionOf, toPoint, toPointInfo } from '#services/registry/points.ts';
import { heldIntervals } from '#services/rollup/days.ts';
import { queryLatest, type LatestDeps } from './readings.ts';
import * as store from './sample-store.ts';

/** How often a device's registration may have changed and still be told apart, sample by sample. */
const mostVersions = 1_000;

/** GET /points/{key} and its samples: one point, also of a device that is retired or gone. */
export function pointRoutes(api: Api, deps: LatestDeps & KnownPointsDeps): void {
  api.get(
    '/points/:key',
    {
      config: { access: everyone },
      schema: {
        summary: 'One point: what it means, its device, its newest reading; also of devices that are gone',
        tags: ['readings'],
        params: pointParams,
        response: { 200: pointDetailSchema },
      },
    },
    ({ params }) => pointDetail(deps, params.key),
  );
  api.get(
    '/points/:key/samples',
    {
      config: { access: everyone },
      schema: {
        summary: 'Raw readings of one point, newest first: where each came from, what was corrected, gaps',
        tags: ['readings'],
        params: pointParams,
        querystring: samplesQuery,
        response: { 200: pageOf(sampleSchema) },
      },
    },
    async ({ params, query }) => {
      const [point] = await knownPoints(deps, [params.key]);
      if (point === undefined) throw notFound(params.key);
      const toUs = query.to === undefined ? Infinity : Date.parse(query.to) * 1_000;
      const beforeUs = Math.min(fromIdCursor(query.cursor) ?? Infinity, toUs);
      const fromUs = query.from === undefined ? 0 : Date.parse(query.from) * 1_000;
      // One more than is shown tells the gap before the last, and whether there is a next page.
      const rows = await store.readSamples(deps.db, {
        pointId: point.pointId,
        fromUs,
        beforeUs: beforeUs === Infinity ? endUs : beforeUs,
        most: query.limit + 1,
      });
      const page = toPage(rows, query.limit, ({ timeUs }) => String(timeUs));
      return {
        items: await samplesOf(deps, point, rows.slice(0, query.limit + 1), page.items.length),
        nextCursor: page.nextCursor,
      };
    },
  );
}

/** Nothing is stored for later than this: year 3000, epoch µs. */
const endUs = 32_503_680_000_000_000;

function notFound(key: string): ParkError {
  return new ParkError('not-found', `There is no point ${key}`);
}

/** @throws ParkError `not-found` */
async function pointDetail(deps: LatestDeps, key: string): Promise<PointDetail> {
  const parsed = parsePointKey(key);
  const [row] = parsed === null ? [] : await readFormerPoints(deps.db, [parsed]);
  if (row === undefined) throw notFound(key);
  const { min = null, max = null, resolution = null, modulus = null } = definitionOf(row);
  const [latest] = await queryLatest(deps, [toPointInfo(row)]);
  return {
    ...toPoint(row),
    min,
    max,
    resolution,
    modulus,
    device: {
      id: row.deviceId,
      name: row.deviceName,
      class: row.deviceClass,
      lifecycle: row.lifecycle,
      provenance: row.provenance,
      spaceId: row.spaceId,
      spaceName: row.spaceName,
      removedAt: row.removedAt?.toISOString() ?? null,
    },
    latest: latest ?? null,
  };
}

/** The first `count` of the rows as they are told. */
async function samplesOf(
  { db }: LatestDeps,
  point: PointInfo,
  rows: readonly store.SampleRow[],
  count: number,
): Promise<Sample[]> {
  const [newest, oldest] = [rows[0], rows[count - 1]];
  if (newest === undefined || oldest === undefined) return [];
  const corrections = Map.groupBy(
    await store.readCorrections(db, {
      pointId: point.pointId,
      firstUs: oldest.timeUs,
      lastUs: newest.timeUs,
      most: limits.readingsValues,
    }),
    ({ timeUs }) => timeUs,
  );
  const versions = await store.readProvenances(db, point.deviceId, mostVersions);
  const provenanceAt = (timeUs: number) =>
    (versions.find(({ sinceUs }) => sinceUs <= timeUs) ?? versions.at(-1))?.provenance ?? point.provenance;
  const longUs = heldIntervals * point.expectedIntervalMs * 1_000;
  return rows.slice(0, count).map(({ timeUs, value, quality, late }, at) => {
    const gapUs = timeUs - (rows[at + 1]?.timeUs ?? timeUs);
    return {
      time: isoOf(timeUs),
      value,
      state: point.kind === 'state' ? (point.states[value] ?? null) : null,
      quality: qualityWord(quality),
      provenance: provenanceAt(timeUs),
      late,
      gapS: gapUs > longUs ? gapUs / 1e6 : null,
      corrections: (corrections.get(timeUs) ?? []).map((one) => ({
        at: one.at.toISOString(),
        value: one.value,
        quality: qualityWord(one.quality),
      })),
    };
  });
}

/** RFC 3339 of epoch µs, cut to the millisecond. */
function isoOf(timeUs: number): string {
  return new Date(Math.floor(timeUs / 1_000)).toISOString();
}
