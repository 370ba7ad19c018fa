import type { Clock } from '#infra/clock.ts';
import type { Device } from '#schemas/api/registry.ts';
import type { ClassBoard } from '#schemas/class-board.ts';
import { classBoards } from '#schemas/class-boards/index.ts';
import type { DeviceClass } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { PointInfo } from '#schemas/registry.ts';
import type { HistoryDeps, LatestDeps } from '#services/history/readings.ts';
import { listDevices } from '#services/registry/list-store.ts';

export type BoardDeps = HistoryDeps & LatestDeps;

/** @throws ParkError `not-found` */
export function findBoard(id: string): { deviceClass: DeviceClass; board: ClassBoard } {
  const [deviceClass, board] = [deviceClasses.get(id), classBoards.get(id)];
  if (deviceClass === undefined || board === undefined) {
    throw new ParkError('not-found', `There is no device class ${id}`);
  }
  return { deviceClass, board };
}

/**
 * Devices of a class in service, below `space` where one is named.
 * @throws ParkError `too-many-values` where a space must be chosen
 */
export async function boardDevices(
  { db, clock }: BoardDeps,
  query: { readonly class: string; readonly space: string | undefined },
): Promise<Device[]> {
  const most = limits.boardDevices;
  const devices = await listDevices(db, {
    class: query.class,
    space: query.space,
    lifecycle: 'in-service',
    after: '',
    limit: most + 1,
    now: new Date(clock.nowMs()),
  });
  if (devices.length > most) {
    throw new ParkError('too-many-values', `There are more than ${most} devices; choose a space`);
  }
  return devices;
}

/** The points of one metric of these devices. */
export function pointsOfMetric(
  { directory }: BoardDeps,
  devices: readonly { readonly id: string }[],
  metric: string,
): PointInfo[] {
  return devices.flatMap(({ id }) => directory.find(id, metric) ?? []);
}

const mostKept = 64;

/** Remembers what was computed. A key is always asked with the same computation. */
export type Keep = <T>(key: string, compute: () => Promise<T>) => Promise<T>;

/** Answers that many look at: computed once in so long, and once for all who ask meanwhile. */
export function keepAnswers(clock: Clock, keptMs: number): Keep {
  const kept = new Map<string, { readonly untilMs: number; readonly answer: Promise<unknown> }>();
  return <T>(key: string, compute: () => Promise<T>) => {
    const known = kept.get(key);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.answer as Promise<T>;
    const answer = compute();
    const entry = { untilMs: clock.monotonicMs() + keptMs, answer };
    kept.delete(key);
    kept.set(key, entry);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    answer.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return answer;
  };
}
