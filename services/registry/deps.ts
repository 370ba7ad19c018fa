import type { z } from 'zod';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import type { overviewSchema } from '#schemas/api/registry.ts';
import type { RunningPointDirectory } from './directory.ts';

/** What the registry's routes stand on. */
export interface RegistryDeps {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly directory: Pick<RunningPointDirectory, 'reload'>;
  /** Active and unacknowledged alarms by severity, for the overview. */
  readonly countAlarms: () => Promise<z.output<typeof overviewSchema>['alarms']>;
  /** Readings committed in the last minute. */
  readonly readingsPerMinute: () => number;
}
