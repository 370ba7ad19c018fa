import { deviceClasses } from '#schemas/device-classes/index.ts';
import { pointKey } from '#schemas/ids.ts';
import { collectPopulation, factsHead, iso, type Collector } from '../../collect.ts';
import { readFirstTimes, readPoints } from '../../facts-store.ts';
import { collectCompleteDays, collectMarks } from '../../places.ts';
import { meteredMedia, remoteMetering, type MeteredMedium, type RemoteMeteringFacts } from './derive.ts';

/** The register by which each class of meter is billed. */
const registers: ReadonlyMap<string, string> = new Map([
  ['water-meter', 'volume'],
  ['energy-meter', 'active_energy_import'],
  ['gas-meter', 'volume'],
]);

function mediumOf(deviceClass: string): MeteredMedium {
  const medium = meteredMedia.find((known) => deviceClasses.get(deviceClass)?.medium.includes(known));
  if (medium === undefined) throw new Error(`${deviceClass} meters none of ${meteredMedia.join(', ')}`);
  return medium;
}

export const remoteMeteringCollector: Collector = {
  id: remoteMetering.id,
  async collect(db, request): Promise<RemoteMeteringFacts> {
    const classes = [...registers.keys()];
    const devices = await collectPopulation(db, remoteMetering.id, { ...request, classes });
    const points = await readPoints(db, {
      deviceIds: devices.map(({ deviceId }) => deviceId),
      metrics: [...new Set(registers.values())],
    });
    const pointIds = new Map(
      points.map(({ deviceId, metric, pointId }) => [pointKey(deviceId, metric), pointId]),
    );
    const wanted = devices.flatMap(
      (device) => pointIds.get(pointKey(device.deviceId, registers.get(device.class) ?? '')) ?? [],
    );
    const days = await collectCompleteDays(db, request);
    const received = new Map<string, string>();
    for (const [deviceClass, register] of registers) {
      const asked = { classes: [deviceClass], metrics: [register], perDay: 1 };
      for (const [deviceId, marks] of await collectMarks(db, request, asked)) received.set(deviceId, marks);
    }
    const none = '0'.repeat(days.length);
    const first = await readFirstTimes(db, { pointIds: wanted, beforeMs: request.toMs });
    const meters = devices.map((device) => {
      const point = pointKey(device.deviceId, registers.get(device.class) ?? '');
      const pointId = pointIds.get(point) ?? -1;
      const firstMs = first.get(pointId);
      return {
        ...device,
        medium: mediumOf(device.class),
        point,
        received: received.get(device.deviceId) ?? none,
        firstReading: firstMs === undefined ? null : iso(firstMs),
      };
    });
    return { ...factsHead(remoteMetering, request), days, meters };
  },
};
