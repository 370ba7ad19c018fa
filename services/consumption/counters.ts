import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';

export interface ConsumptionDeps {
  readonly db: Database;
  readonly directory: PointDirectory;
  readonly clock: Clock;
  /** IANA zone of the park. */
  readonly timeZone: string;
}

/** @throws ParkError `not-found` when the device has no such counter */
export function findCounter(
  directory: PointDirectory,
  deviceId: string,
  metric: string | undefined,
): PointInfo {
  if (!directory.hasDevice(deviceId)) throw new ParkError('not-found', `There is no device ${deviceId}`);
  const counters = directory.ofDevice(deviceId).filter((point) => point.kind === 'counter');
  const [deviceClass] = counters.map((point) => deviceClasses.get(point.deviceClass));
  const order = Object.keys(deviceClass?.metrics ?? {});
  const byClass = counters.toSorted((a, b) => order.indexOf(a.metric) - order.indexOf(b.metric));
  const found = metric === undefined ? byClass[0] : counters.find((point) => point.metric === metric);
  if (found !== undefined) return found;
  throw new ParkError('not-found', `${deviceId} has no counter${metric === undefined ? '' : ` ${metric}`}`);
}
