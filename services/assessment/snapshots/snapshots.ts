import type { Clock } from '#infra/clock.ts';
import { LeaseLost, startLeader, type Leader } from '#infra/lease.ts';
import { partLog, type Log } from '#infra/log.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { takeSnapshots, type SnapshotDeps } from './snapshot.ts';

/** A night is assessed within this time after it has settled; asking whether it was costs one row a rubric. */
const lookEveryMs = 10 * 60_000;
/** A start has better things to do than to measure a month. */
export const firstLookMs = 60_000;

export interface SnapshotsOptions {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA zone of the park. */
  readonly timeZone: string;
  readonly parkId: string;
  readonly program: string;
}

/** Stands by as the one who assesses the park every night, and does while it leads. */
export function startSnapshots(options: SnapshotsOptions): Leader {
  const { databaseUrl, clock, timeZone, parkId, program } = options;
  const log = partLog(options.log, 'assessment');
  return startLeader({
    role: 'assessment',
    databaseUrl,
    clock,
    log,
    lead: ({ db, fence, signal }) => {
      const deps = { db, clock, timeZone, parkId, program, rubrics: [...scoredRubrics.values()], fence };
      return startSnapshotJob(deps, { log, signal });
    },
  });
}

/** Looks again and again, one look after the other. */
function startSnapshotJob(
  deps: SnapshotDeps,
  { log, signal }: { log: Log; signal: AbortSignal },
): AsyncDisposable {
  let running: Promise<void> | null = null;
  const look = async () => {
    try {
      const taken = await takeSnapshots(deps);
      if (taken.length > 0) log.info({ rubrics: taken }, 'the night was assessed');
    } catch (error) {
      if (error instanceof LeaseLost || signal.aborted) return;
      log.warn({ err: error }, 'the night is not assessed yet; tried again');
    }
  };
  const tick = () => {
    running ??= look().finally(() => {
      running = null;
    });
  };
  const first = deps.clock.after(firstLookMs, tick);
  const timer = deps.clock.every(lookEveryMs, tick);
  return {
    async [Symbol.asyncDispose]() {
      first[Symbol.dispose]();
      timer[Symbol.dispose]();
      await running;
    },
  };
}
