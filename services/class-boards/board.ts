import type { BoardColumn, BoardRow, ClassBoardAnswer } from '#schemas/api/class-board.ts';
import type { Device } from '#schemas/api/registry.ts';
import type { ClassBoard } from '#schemas/class-board.ts';
import type { DeviceClass, Severity } from '#schemas/device-class.ts';
import { pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { qualityWord } from '#schemas/reading.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import type { LatestRow } from '#services/history/store.ts';
import { readLatest } from '#services/history/store.ts';
import { boardDevices, findBoard, pointsOfMetric, type BoardDeps } from './deps.ts';
import { boardFigures, countedBelow, isOver, limitsAt, rankOf, severityOf, worse } from './figures.ts';
import { readActiveAlarms } from './store.ts';

/** A board with all of its devices, worst first. */
export interface RankedBoard {
  readonly answer: Omit<ClassBoardAnswer, 'items' | 'nextCursor'>;
  readonly ranked: readonly { readonly row: BoardRow; readonly rank: string }[];
}

/**
 * One page of a board, with its figures.
 * @throws ParkError `invalid-request` for a cursor that is not ours
 */
export function pageOfBoard(
  { answer, ranked }: RankedBoard,
  query: { readonly limit: number; readonly cursor: string | undefined },
): ClassBoardAnswer {
  const after = fromCursor(query.cursor);
  const from = ranked.findIndex(({ rank }) => rank > after);
  const rest = from < 0 ? [] : ranked.slice(from, from + query.limit + 1);
  const page = toPage(rest, query.limit, ({ rank }) => rank);
  return { ...answer, items: page.items.map(({ row }) => row), nextCursor: page.nextCursor };
}

/**
 * A board as it is now. Values come from memory; the store is asked twice, however many devices there are.
 * @throws ParkError `not-found`, `too-many-values`
 */
export async function rankBoard(
  deps: BoardDeps,
  query: { readonly class: string; readonly space: string | undefined },
): Promise<RankedBoard> {
  const { deviceClass, board } = findBoard(query.class);
  const devices = await boardDevices(deps, query);
  const alarms = await readActiveAlarms(
    deps.db,
    devices.map(({ id }) => id),
  );
  const valuesOf = await readValues(deps, { devices, board, deviceClass });
  const rows = devices.map((device) =>
    toRow(device, { values: valuesOf(device.id), alarms: alarms.get(device.id), deviceClass }),
  );
  const { counted, parents } = board.meterTree
    ? countedBelow(devices)
    : { counted: new Set<string>(), parents: new Set<string>() };
  const ranked = rows.map((row) => ({ row, rank: rankOf(row) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  // A class has metrics that none of these devices ever told: they are not shown.
  const has = (metric: string) => rows.some(({ values }) => values.some((value) => value.metric === metric));
  const columns = board.columns.filter(has);
  const counters = board.consumption === undefined ? [] : pointsOfMetric(deps, devices, board.consumption);
  const keysOf = (points: typeof counters) =>
    points.slice(0, limits.consumptionPoints).map(({ deviceId, metric }) => pointKey(deviceId, metric));
  const answer = {
    class: deviceClass.id,
    name: deviceClass.name,
    time: new Date(deps.clock.nowMs()).toISOString(),
    board,
    columns: (columns.length > 0 ? columns : board.columns).map((metric) => toColumn(metric, deviceClass)),
    figures: boardFigures({ board, deviceClass, rows, counted }).filter(
      ({ metric }) => metric === null || has(metric),
    ),
    total: rows.length,
    counters: {
      top: keysOf(counters.filter(({ deviceId }) => !counted.has(deviceId))),
      all: keysOf(counters),
      total: counters.length,
    },
    treeRoots: devices
      .filter(({ id }) => parents.has(id) && !counted.has(id))
      .map(({ id, name }) => ({ id, name })),
  };
  return { answer, ranked };
}

function toColumn(metric: string, { metrics }: DeviceClass): BoardColumn {
  const definition = metrics[metric];
  return {
    metric,
    name: definition?.name ?? { zh: metric, en: metric },
    kind: definition?.kind ?? 'gauge',
    unit: definition?.unit ?? '',
    decimals: definition?.decimals ?? 0,
    states: definition?.states ?? [],
    abnormal: definition?.abnormal ?? {},
    expectedIntervalS: definition?.expectedIntervalS ?? 0,
  };
}

/** The newest value of every metric that the board shows, judges or counts, by device. */
async function readValues(
  deps: BoardDeps,
  { devices, board }: { devices: readonly Device[]; board: ClassBoard; deviceClass: DeviceClass },
): Promise<(deviceId: string) => BoardRow['values']> {
  const metrics = new Set([
    ...board.columns,
    ...board.figures.flatMap((figure) => (figure.stat === 'over' ? [] : figure.metric)),
    ...board.limits.map(({ metric }) => metric),
  ]);
  const points = devices.flatMap(({ id }) =>
    [...metrics].flatMap((metric) => deps.directory.find(id, metric) ?? []),
  );
  const unread = points.filter(({ pointId }) => deps.latest.of(pointId) === undefined);
  const read: readonly LatestRow[] =
    unread.length === 0
      ? []
      : await readLatest(
          deps.db,
          unread.map(({ pointId }) => pointId),
        );
  const fromRows = new Map(read.map((row) => [row.pointId, row]));
  const minute = localCalendar(deps.timeZone).minuteOf(deps.clock.nowMs());
  const holding = limitsAt(board.limits, minute);
  const byDevice = new Map<string, BoardRow['values']>();
  for (const { pointId, deviceId, metric } of points) {
    const row = deps.latest.of(pointId) ?? fromRows.get(pointId);
    if (row === undefined) continue;
    const over = holding
      .filter((limit) => limit.metric === metric && isOver(limit, row.value))
      .map(({ severity }) => severity)
      .reduce<Severity | null>(worse, null);
    const { value, timeMs } = row;
    const quality = qualityWord(row.quality);
    const told = { metric, time: new Date(timeMs).toISOString(), value, quality };
    const list = byDevice.get(deviceId) ?? [];
    list.push({ ...told, over: quality === 'bad' ? null : over });
    byDevice.set(deviceId, list);
  }
  return (deviceId) => byDevice.get(deviceId) ?? [];
}

function toRow(
  device: Device,
  more: {
    readonly values: BoardRow['values'];
    readonly alarms: { readonly severity: Severity; readonly count: number } | undefined;
    readonly deviceClass: DeviceClass;
  },
): BoardRow {
  const { values, alarms, deviceClass } = more;
  const { id, name, spaceId, spaceName, provenance, connection, lastSeen } = device;
  const severity = values
    .map((value) => severityOf(value, deviceClass.metrics[value.metric]))
    .reduce<Severity | null>(worse, alarms?.severity ?? null);
  const count = alarms?.count ?? 0;
  return { id, name, spaceId, spaceName, provenance, connection, lastSeen, severity, alarms: count, values };
}
