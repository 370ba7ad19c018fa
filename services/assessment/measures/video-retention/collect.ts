import { pointKey } from '#schemas/ids.ts';
import { collectPopulation, factsHead, iso, standingAtEnd, type Collector } from '../../collect.ts';
import { readNewestGood, readPoints } from '../../facts-store.ts';
import { videoRetention, type VideoRetentionFacts } from './derive.ts';

const metric = 'oldest_recording_age';

export const videoRetentionCollector: Collector = {
  id: videoRetention.id,
  async collect(db, request): Promise<VideoRetentionFacts> {
    const devices = await collectPopulation(db, videoRetention.id, { ...request, classes: ['camera'] });
    const atEnd = standingAtEnd(devices, request);
    const points = await readPoints(db, {
      deviceIds: atEnd.map(({ deviceId }) => deviceId),
      metrics: [metric],
    });
    const pointOf = new Map(points.map(({ deviceId, pointId }) => [deviceId, pointId]));
    const newest = await readNewestGood(db, { pointIds: [...pointOf.values()], beforeMs: request.toMs });
    const cameras = atEnd.map((device) => {
      const reading = newest.get(pointOf.get(device.deviceId) ?? -1);
      return {
        ...device,
        point: pointKey(device.deviceId, metric),
        reading: reading === undefined ? null : { time: iso(reading.timeMs), ageS: reading.value },
      };
    });
    return { ...factsHead(videoRetention, request), cameras };
  },
};
