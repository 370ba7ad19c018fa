import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { startLeader, type Leader } from '#infra/lease.ts';
import type { Log } from '#infra/log.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { insertDefaultRules } from './defaults.ts';
import { startAlarmEngine } from './engine.ts';

/** Stands by for the role `alarms` and judges while it leads; a park without any rule gets the default ones. */
export function startAlarms(options: {
  readonly databaseUrl: string;
  readonly bus: Bus;
  readonly directory: Pick<PointDirectory, 'onChange'>;
  readonly clock: Clock;
  readonly log: Log;
}): Leader {
  const { bus, directory, clock, log } = options;
  return startLeader({
    ...options,
    role: 'alarms',
    async lead({ db, fence }) {
      const inserted = await insertDefaultRules(db);
      if (inserted > 0) log.info(`${inserted} default alarm rules inserted`);
      return startAlarmEngine({ db, bus, directory, clock, log, fence });
    },
  });
}
