import type { Clock } from '#infra/clock.ts';
import { LeaseLost, startLeader, type Leader } from '#infra/lease.ts';
import { partLog, type Log } from '#infra/log.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { runningFrom } from './buckets.ts';
import { inTurn, runTurn, type JobDeps, type RunReport } from './job.ts';
import { startSweep } from './sweep.ts';

/** Derived rows follow the readings within a minute; this leaves a run most of it. */
const runEveryMs = 5_000;

export interface RollupOptions {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA zone of the park. */
  readonly timeZone: string;
}

/** Stands by as the one maker of derived rows, and makes them while it leads. */
export function startRollup(options: RollupOptions): Leader {
  const { databaseUrl, clock, timeZone } = options;
  const log = partLog(options.log, 'rollup');
  const calendar = localCalendar(timeZone);
  return startLeader({
    role: 'rollup',
    databaseUrl,
    clock,
    log,
    lead: ({ db, fence, signal }) => startRollupJob({ db, clock, log, calendar, fence, signal }),
  });
}

export interface RollupJob extends AsyncDisposable {
  /** Brings everything up to now; returns what was done. */
  run(): Promise<RunReport>;
}

/** Runs again and again, one run after the other. */
export function startRollupJob(deps: JobDeps): RollupJob {
  const stopped = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopped.signal]);
  let running: Promise<RunReport> | null = null;
  let lastQuarterMs = -Infinity;
  let isBehind = true;
  const sweep = startSweep();
  /** Once a quarter of an hour, and again while days were left over. */
  const isQuarterDue = () => {
    const quarter = runningFrom(deps.clock.nowMs());
    const isDue = isBehind || quarter !== lastQuarterMs;
    lastQuarterMs = quarter;
    return isDue;
  };
  const turn = async () => {
    const did = await runTurn({ ...deps, signal, isQuarterDue }, sweep);
    isBehind = did.days.kept > 0 || did.days.more;
    return did;
  };
  const run = () => {
    running ??= inTurn(turn).finally(() => {
      running = null;
    });
    return running;
  };
  const tick = () => {
    if (running !== null) return;
    run().catch((error: unknown) => {
      if (error instanceof LeaseLost || signal.aborted) return;
      deps.log.warn({ err: error }, 'derived rows are behind; tried again');
    });
  };
  tick();
  const timer = deps.clock.every(runEveryMs, tick);
  return {
    run,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      stopped.abort(new Error('stopped'));
      await running?.catch(() => undefined);
    },
  };
}
