import { deviceClasses } from '#schemas/device-classes/index.ts';
import { environmentClass, environmentMedia, mediumMetrics, mediumOf } from '#schemas/environment-media.ts';
import { pointKey } from '#schemas/ids.ts';
import { collectDays, collectPopulation, factsHead, iso, localDays, type Collector } from '../../collect.ts';
import { dayFacts, readFirstTimes, readPoints, readServings, type PointRef } from '../../facts-store.ts';
import { environmentMonitoring, type EnvironmentMonitoringFacts, type StationPointFacts } from './derive.ts';

/** Data on the board that are older show that the board stands, not that the medium is published. */
const freshMs = 3_600_000;
const fallbackIntervalS = 60;

export const environmentMonitoringCollector: Collector = {
  id: environmentMonitoring.id,
  async collect(db, request): Promise<EnvironmentMonitoringFacts> {
    const stations = await collectPopulation(db, environmentMonitoring.id, {
      ...request,
      classes: [environmentClass],
    });
    const known = await readPoints(db, {
      deviceIds: stations.map(({ deviceId }) => deviceId),
      metrics: environmentMedia.flatMap((medium) => mediumMetrics[medium]),
    });
    const pointIds = known.map(({ pointId }) => pointId);
    const first = await readFirstTimes(db, { pointIds, beforeMs: request.toMs });
    const seen = known.filter(({ pointId }) => first.has(pointId));
    const days = localDays(request);
    const good = await dayFacts(db, { pointIds: seen.map(({ pointId }) => pointId), days, need: 'count' });
    const byDevice = Map.groupBy(seen, ({ deviceId }) => deviceId);
    const factsOf = (point: PointRef) =>
      pointFacts(point, first, good.get(point.pointId) ?? days.map(() => 0));
    const servings = await readServings(db, { ...request, freshMs });
    return {
      ...factsHead(environmentMonitoring, request),
      days: await collectDays(db, days),
      stations: stations.map((station) => ({
        ...station,
        points: (byDevice.get(station.deviceId) ?? []).flatMap(factsOf),
      })),
      publications: servings.map(({ medium, servings: count, firstMs, lastMs }) => {
        return { medium, servings: count, first: iso(firstMs), last: iso(lastMs) };
      }),
    };
  },
};

function pointFacts(
  { pointId, deviceId, metric }: PointRef,
  first: ReadonlyMap<number, number>,
  good: readonly number[],
): StationPointFacts[] {
  const medium = mediumOf(metric);
  const firstMs = first.get(pointId);
  if (medium === undefined || firstMs === undefined) return [];
  const definition = deviceClasses.get(environmentClass)?.metrics[metric];
  return [
    {
      point: pointKey(deviceId, metric),
      medium,
      expectedIntervalS: definition?.expectedIntervalS ?? fallbackIntervalS,
      firstReading: iso(firstMs),
      good,
    },
  ];
}
