import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Config } from '#infra/config.ts';
import type { Lifecycle } from '#infra/lifecycle.ts';
import type { Log } from '#infra/log.ts';
import type { Metrics } from '#infra/metrics.ts';
import type { RunningPointDirectory } from '#services/registry/directory.ts';
import type { ParkDatabase } from './database.ts';

/** What every part of a serving process is given. */
export interface Context {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  readonly bus: Bus;
  readonly database: ParkDatabase;
  readonly directory: RunningPointDirectory;
}
