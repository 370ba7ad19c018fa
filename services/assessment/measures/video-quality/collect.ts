import { pointKey } from '#schemas/ids.ts';
import { collectPopulation, factsHead, iso, standingAtEnd, type Collector } from '../../collect.ts';
import { readNewestGood, readPoints } from '../../facts-store.ts';
import { videoQuality, type VideoQualityFacts } from './derive.ts';

export const videoQualityCollector: Collector = {
  id: videoQuality.id,
  async collect(db, request): Promise<VideoQualityFacts> {
    const devices = await collectPopulation(db, videoQuality.id, { ...request, classes: ['camera'] });
    const atEnd = standingAtEnd(devices, request);
    const points = await readPoints(db, {
      deviceIds: atEnd.map(({ deviceId }) => deviceId),
      metrics: ['width', 'height'],
    });
    const pointIds = points.map(({ pointId }) => pointId);
    const newest = await readNewestGood(db, { pointIds, beforeMs: request.toMs });
    const readings = new Map(
      points.map(({ deviceId, metric, pointId }) => [`${deviceId} ${metric}`, newest.get(pointId)]),
    );
    const cameras = atEnd.map((device) => {
      const width = readings.get(`${device.deviceId} width`);
      const height = readings.get(`${device.deviceId} height`);
      const picture =
        width === undefined || height === undefined
          ? null
          : {
              time: iso(Math.min(width.timeMs, height.timeMs)),
              widthPx: width.value,
              heightPx: height.value,
            };
      return { ...device, point: pointKey(device.deviceId, 'width'), picture };
    });
    return { ...factsHead(videoQuality, request), cameras };
  },
};
