import type { Board } from '#schemas/api/board.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import {
  environmentClass,
  environmentMedia,
  mediumMetrics,
  type EnvironmentMedium,
} from '#schemas/environment-media.ts';
import { qualityWord } from '#schemas/reading.ts';
import type { BoardRow } from './store.ts';

type BoardItem = Board['items'][number];

/** The board's items: by medium, then by station, metrics in their order. Pure. */
export function boardItems(rows: readonly BoardRow[]): BoardItem[] {
  const byDevice = Map.groupBy(rows, ({ deviceId }) => deviceId);
  return environmentMedia.flatMap((medium) =>
    [...byDevice.values()].flatMap((own) => stationItem(medium, own) ?? []),
  );
}

function stationItem(medium: EnvironmentMedium, rows: readonly BoardRow[]): BoardItem | undefined {
  const [first] = rows;
  const values = mediumMetrics[medium].flatMap((metric) => {
    const row = rows.find((candidate) => candidate.metric === metric);
    return row === undefined ? [] : [boardValue(row)];
  });
  if (first === undefined || values.length === 0) return undefined;
  const { deviceId, name, spaceName, provenance } = first;
  return { medium, deviceId, name, spaceName, provenance, values };
}

function boardValue({ metric, value, time, quality }: BoardRow): BoardItem['values'][number] {
  const definition = deviceClasses.get(environmentClass)?.metrics[metric];
  return {
    metric,
    name: definition?.name ?? { zh: metric, en: metric },
    value,
    unit: definition?.unit ?? '',
    time: time.toISOString(),
    quality: qualityWord(quality),
  };
}

/** Source time of the newest value of each medium that is not bad; ms. */
export function newestByMedium(items: readonly BoardItem[]): Map<EnvironmentMedium, number> {
  const newest = new Map<EnvironmentMedium, number>();
  for (const { medium, values } of items) {
    for (const { time, quality } of values) {
      if (quality !== 'bad') newest.set(medium, Math.max(newest.get(medium) ?? -Infinity, Date.parse(time)));
    }
  }
  return newest;
}
