import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { CameraProbe } from '#schemas/cctv.ts';
import { writeProbes } from './store.ts';

const writeEveryMs = 5_000;
/** Rows of one statement. */
const batchMost = 1_000;

export interface ProbeKeeperOptions {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly log: Log;
  /** The last round of every camera that this process asks. */
  readonly cameras: () => Iterable<CameraProbe>;
}

/** Writes what cameras were last found to be, for the console and for other processes. */
export function startProbeKeeper({ db, clock, log, cameras }: ProbeKeeperOptions): AsyncDisposable {
  const written = new Map<string, number>();
  let writing: Promise<void> | null = null;
  const write = async () => {
    const all = [...cameras()];
    const asked = new Set(all.map(({ deviceId }) => deviceId));
    for (const deviceId of written.keys()) if (!asked.has(deviceId)) written.delete(deviceId);
    const news = all.filter(({ deviceId, atMs }) => written.get(deviceId) !== atMs);
    for (let first = 0; first < news.length; first += batchMost) {
      const batch = news.slice(first, first + batchMost);
      await writeProbes(db, batch);
      for (const { deviceId, atMs } of batch) written.set(deviceId, atMs);
    }
  };
  // The store may be away: what is told is told again.
  const run = () =>
    (writing ??= write()
      .catch((error: unknown) => log.debug({ err: error }, 'the state of cameras waits'))
      .finally(() => (writing = null)));
  const timer = clock.every(writeEveryMs, () => void run());
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await run();
    },
  };
}
