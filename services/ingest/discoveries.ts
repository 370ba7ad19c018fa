import type { Log } from '#infra/log.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { TallyBook } from './ledger.ts';
import { keeperLane } from './keeper.ts';
import {
  deleteKept,
  discoveredDevices,
  readKept,
  type DiscoveredDevice,
  type KeptPacket,
} from './store-lists.ts';
import { addToLedger } from './store.ts';

export interface DiscoveryDeps {
  readonly db: Database;
  readonly sink: ReadingSink;
  readonly directory: PointDirectory;
  readonly log: Log;
}

export interface Discoveries extends AsyncDisposable {
  /** Stores what was kept of a device and is known now; resolves when that is done. */
  replay(deviceId: string): Promise<void>;
}

/** Packets that are stored again at a time. */
const replayPackets = 200;

/**
 * Stores what was kept of devices and metrics once they are known, whoever made them known (adoption, import, another
 * process): now, and after every change of the registry. A packet leaves the book after it is committed, so a stop in
 * between repeats it, and repeated readings change nothing.
 */
export function startDiscoveries(deps: DiscoveryDeps): Discoveries {
  let queue: Promise<void> = Promise.resolve();
  let sweepQueued = false;
  let stopped = false;
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = queue.then(task);
    queue = done.catch(() => undefined);
    return done;
  };
  const sweep = async () => {
    sweepQueued = false;
    for (const device of await discoveredDevices(deps.db)) {
      if (stopped) return;
      if (hasKnown(deps.directory, device)) await replayKept(deps, device.deviceId);
    }
  };
  const sweepLater = () => {
    if (sweepQueued || stopped) return;
    sweepQueued = true;
    enqueue(sweep).catch((error: unknown) => {
      if (!stopped) deps.log.warn({ err: error }, 'discoveries wait for the next change of the registry');
    });
  };
  const unsubscribe = deps.directory.onChange(sweepLater);
  sweepLater();
  return {
    replay: (deviceId) => enqueue(() => replayKept(deps, deviceId)),
    async [Symbol.asyncDispose]() {
      stopped = true;
      unsubscribe();
      await queue;
    },
  };
}

function hasKnown(directory: PointDirectory, { deviceId, metrics, hasOthers }: DiscoveredDevice): boolean {
  return (
    directory.hasDevice(deviceId) &&
    (hasOthers || metrics.some((metric) => isJudged(directory, deviceId, metric)))
  );
}

function isJudged(directory: PointDirectory, deviceId: string, metric: string): boolean {
  return directory.find(deviceId, metric) !== undefined || directory.isIgnored(deviceId, metric);
}

async function replayKept(deps: DiscoveryDeps, deviceId: string): Promise<void> {
  if (!deps.directory.hasDevice(deviceId)) return;
  let after = 0;
  for (;;) {
    const kept = await readKept(deps.db, { deviceId, after, limit: replayPackets });
    const last = kept.at(-1);
    if (last === undefined) return;
    after = last.id;
    const wanted = kept.filter(
      ({ metrics }) =>
        metrics.length === 0 || metrics.some((metric) => isJudged(deps.directory, deviceId, metric)),
    );
    if (wanted.length === 0) continue;
    await Promise.all(wanted.map((packet) => deps.sink.write(toPacket(deviceId, packet))));
    await takeOut(
      deps.db,
      wanted.map((packet) => packet.id),
    );
  }
}

function toPacket(deviceId: string, kept: KeptPacket): Packet {
  return {
    source: kept.source,
    address: kept.address,
    deviceId,
    receivedAtMs: kept.receivedAt.getTime(),
    bytes: kept.payload,
    unacknowledged: false,
    content: kept.content,
  };
}

/** Out of the book, and once out of the ledger, which has these packets twice now. */
async function takeOut(db: Database, ids: readonly number[]): Promise<void> {
  await transaction(db, async (client) => {
    const book = new TallyBook();
    for (const { source, packets, values } of await deleteKept(client, ids)) {
      const tally = book.of(source);
      tally.packetsReceived -= packets;
      tally.valuesReceived -= values;
      tally.valuesUndiscovered -= values;
    }
    await addToLedger(client, keeperLane, book);
  });
}

/**
 * The device class that knows most of these metrics; null when none knows at least half of them. Of equals the
 * smaller class, which fits more closely.
 */
export function guessClass(metrics: readonly string[]): string | null {
  let best: { id: string; known: number; size: number } | null = null;
  for (const { id, metrics: definitions } of deviceClasses.values()) {
    const known = metrics.filter((metric) => metric in definitions).length;
    const size = Object.keys(definitions).length;
    if (known === 0 || known * 2 < metrics.length) continue;
    if (best === null || known > best.known || (known === best.known && size < best.size)) {
      best = { id, known, size };
    }
  }
  return best?.id ?? null;
}
