import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { startLeader, type Leader } from '#infra/lease.ts';
import type { Log } from '#infra/log.ts';
import type { Metrics } from '#infra/metrics.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { deliverDefaultRules } from './defaults.ts';
import { startAlarmEngine, type AlarmEngine } from './engine.ts';
import { startAlarmFacts } from './facts.ts';
import { registerEngineMetrics } from './metrics.ts';

/** Stands by for the role `alarms` and judges while it leads; a park is first given the rules that the program ships. */
export function startAlarms(options: {
  readonly databaseUrl: string;
  readonly bus: Bus;
  readonly directory: Pick<PointDirectory, 'onChange'>;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA zone of the park. */
  readonly timeZone: string;
  readonly metrics?: Metrics;
}): Leader {
  const { bus, directory, clock, log, timeZone } = options;
  let engine: AlarmEngine | null = null;
  if (options.metrics !== undefined) registerEngineMetrics(options.metrics, () => engine);
  return startLeader({
    ...options,
    role: 'alarms',
    async lead({ db, fence }) {
      const { inserted, updated } = await deliverDefaultRules(db);
      if (inserted + updated > 0) log.info(`default alarm rules: ${inserted} inserted, ${updated} updated`);
      await using starting = new AsyncDisposableStack();
      const leading = starting.use(
        await startAlarmEngine({ db, bus, directory, clock, log, timeZone, fence }),
      );
      starting.use(startAlarmFacts({ db, clock, log, calendar: localCalendar(timeZone), fence }));
      engine = leading;
      const parts = starting.move();
      return {
        async [Symbol.asyncDispose]() {
          engine = null;
          await parts.disposeAsync();
        },
      };
    },
  });
}
