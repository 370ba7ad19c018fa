import type { Clock } from '#infra/clock.ts';
import { LeaseLost, startLeader, type Leader } from '#infra/lease.ts';
import { partLog, type Log } from '#infra/log.ts';
import type { StoreDialect } from '#infra/migrate.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { runRetention, type RetentionDeps } from './job.ts';

/** What is closed by one run is dropped by the next. */
const runEveryMs = 15 * 60_000;

export interface RetentionOptions {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA zone of the park. */
  readonly timeZone: string;
  readonly dialect: StoreDialect;
  readonly horizonDays: number;
}

/** Stands by as the one who drops raw readings, and does while it leads. */
export function startRetention(options: RetentionOptions): Leader {
  const { databaseUrl, clock, timeZone, dialect, horizonDays } = options;
  const log = partLog(options.log, 'retention');
  const calendar = localCalendar(timeZone);
  return startLeader({
    role: 'retention',
    databaseUrl,
    clock,
    log,
    lead: ({ db, fence, check, signal }) =>
      startRetentionJob({ db, clock, log, calendar, dialect, horizonDays, fence, check, signal }),
  });
}

/** Runs again and again, one run after the other. */
export function startRetentionJob(deps: RetentionDeps): AsyncDisposable {
  const stopped = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopped.signal]);
  let running: Promise<void> | null = null;
  const run = async () => {
    try {
      const { dropped, closed } = await runRetention({ ...deps, signal });
      if (dropped.length + closed.length > 0)
        deps.log.info({ dropped, closed }, 'raw readings beyond the horizon');
    } catch (error) {
      if (error instanceof LeaseLost || signal.aborted) return;
      deps.log.warn({ err: error }, 'raw readings beyond the horizon are still kept; tried again');
    }
  };
  const timer = deps.clock.every(runEveryMs, () => {
    running ??= run().finally(() => {
      running = null;
    });
  });
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      stopped.abort(new Error('stopped'));
      await running;
    },
  };
}
