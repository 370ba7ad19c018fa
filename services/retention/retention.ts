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

/** A clock that was set by more than this is not believed for a while. */
const clockJumpMs = 3_600_000;
/** Time for a person, or the time service, to set it right. */
const mistrustMs = 24 * 3_600_000;

/**
 * Whether the clock of this machine can be believed. Dropping cannot be taken back: a clock that jumped a month ahead would
 * take the whole horizon with it. It is compared with the monotonic clock, which nobody sets.
 */
export function clockTrust(clock: Clock): () => boolean {
  const offset = () => clock.nowMs() - clock.monotonicMs();
  let known = offset();
  let mistrustedUntilMs = -Infinity;
  return () => {
    const now = offset();
    if (Math.abs(now - known) > clockJumpMs) mistrustedUntilMs = clock.monotonicMs() + mistrustMs;
    known = now;
    return clock.monotonicMs() >= mistrustedUntilMs;
  };
}

/** Runs again and again, one run after the other. */
export function startRetentionJob(deps: RetentionDeps): AsyncDisposable {
  const stopped = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopped.signal]);
  let running: Promise<void> | null = null;
  const isTrusted = clockTrust(deps.clock);
  const run = async () => {
    if (!isTrusted()) {
      deps.log.error(
        'the clock of this machine was set by more than an hour; raw readings are kept for a day more',
      );
      return;
    }
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
