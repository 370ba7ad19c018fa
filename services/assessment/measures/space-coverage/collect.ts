import { pointKey } from '#schemas/ids.ts';
import { factsHead, type Collector } from '../../collect.ts';
import {
  collectCompleteDays,
  collectDeclared,
  collectMarks,
  collectPlaced,
  hasAttributes,
} from '../../places.ts';
import { spaceCoverage, type SpaceCoverageFacts } from './derive.ts';

export const spaceCoverageCollector: Collector = {
  id: spaceCoverage.id,
  perItem: true,
  async collect(db, request, item): Promise<SpaceCoverageFacts> {
    const { coverage } = item;
    if (coverage === undefined) throw new Error(`${item.id} says of no space that it is to be covered`);
    const { classes, metrics, attributes } = coverage;
    const spaces = await collectDeclared(db, request, coverage.spaces);
    const within = new Set(spaces.flatMap((space) => space.within));
    const placed = (await collectPlaced(db, request, { classes, names: [spaceCoverage.id, item.id] })).filter(
      (entry) => within.has(entry.spaceId ?? '') && hasAttributes(entry, attributes),
    );
    const marks = await collectMarks(db, request, { classes, metrics, perDay: 1 });
    return {
      ...factsHead(spaceCoverage, request),
      item: item.id,
      days: await collectCompleteDays(db, request),
      spaces: spaces.map(({ spaceId, name, within: inside }) => ({
        spaceId,
        name,
        deviceIds: placed
          .filter((entry) => inside.includes(entry.spaceId ?? ''))
          .map(({ device }) => device.deviceId),
      })),
      devices: placed.map(({ device }) => device),
      live: placed.map(({ device: { deviceId }, movedAt }) => ({
        deviceId,
        point: pointKey(deviceId, metrics[0] ?? ''),
        marks: marks.get(deviceId) ?? '',
        since: movedAt,
      })),
    };
  },
};
