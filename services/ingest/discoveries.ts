import { systemClock, type Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { StoreUnavailable, type Packet, type ReadingSink } from '#schemas/reading.ts';
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
  readonly clock?: Clock;
}

/** What a replay needs. */
interface Replay extends DiscoveryDeps {
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

export interface Discoveries extends AsyncDisposable {
  /** Stores what was kept of a device and is known now; resolves when that is done. */
  replay(deviceId: string): Promise<void>;
}

/** Packets that are read from the book at a time; the largest has 256 KiB. */
const replayPackets = 50;
/** Values that are offered to the sink at a time: a small part of what may wait there. */
const replayValues = 10_000;
/** How long a replay waits when the sink has no room. */
const noRoomMs = 250;
/** When a sweep that failed is tried again. */
const sweepAgainMs = 30_000;

/**
 * Stores what was kept of devices and metrics once they are known, whoever made them known (adoption, import, another
 * process): now, and after every change of the registry. A packet leaves the book after it is committed, so a stop in
 * between repeats it, and repeated readings change nothing.
 */
export function startDiscoveries(deps: DiscoveryDeps): Discoveries {
  const stop = new AbortController();
  const replay: Replay = { ...deps, clock: deps.clock ?? systemClock(), stopping: stop.signal };
  let queue: Promise<void> = Promise.resolve();
  let sweepQueued = false;
  let again: Disposable | null = null;
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = queue.then(task);
    queue = done.catch(() => undefined);
    return done;
  };
  const sweep = async () => {
    sweepQueued = false;
    for (const device of await discoveredDevices(deps.db)) {
      stop.signal.throwIfAborted();
      if (hasKnown(deps.directory, device)) await replayKept(replay, device.deviceId);
    }
  };
  const sweepLater = () => {
    if (sweepQueued || stop.signal.aborted) return;
    sweepQueued = true;
    enqueue(sweep).catch((error: unknown) => {
      if (stop.signal.aborted) return;
      deps.log.warn({ err: error }, 'discoveries could not be stored; tried again in half a minute');
      again?.[Symbol.dispose]();
      again = replay.clock.after(sweepAgainMs, sweepLater);
    });
  };
  const unsubscribe = deps.directory.onChange(sweepLater);
  sweepLater();
  return {
    replay: (deviceId) => enqueue(() => replayKept(replay, deviceId)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      unsubscribe();
      again?.[Symbol.dispose]();
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

async function replayKept(deps: Replay, deviceId: string): Promise<void> {
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
    for (const part of inParts(wanted)) {
      await Promise.all(part.map((packet) => insist(deps, toPacket(deviceId, packet))));
      await takeOut(
        deps.db,
        part.map((packet) => packet.id),
      );
    }
  }
}

/** Parts of about {@link replayValues} values. */
function* inParts(packets: readonly KeptPacket[]): Generator<KeptPacket[]> {
  let part: KeptPacket[] = [];
  let values = 0;
  for (const packet of packets) {
    part.push(packet);
    values += packet.content.kind === 'telemetry' ? packet.content.samples.length : 1;
    if (values < replayValues) continue;
    yield part;
    part = [];
    values = 0;
  }
  if (part.length > 0) yield part;
}

/** Writes, waiting for room where the sink has none. */
async function insist({ sink, clock, stopping }: Replay, packet: Packet): Promise<void> {
  for (;;) {
    try {
      await sink.write(packet);
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await clock.sleep(noRoomMs, stopping);
    }
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
 * The device class that knows most of these metrics; null when none knows at least half of them. Of equals that whose
 * headline has most of them, then whose first headline is among them, then the smaller class, which fits more closely. One
 * metric that several classes know as well as each other says too little.
 */
export function guessClass(metrics: readonly string[]): string | null {
  const fits = [...deviceClasses.values()]
    .map(({ id, metrics: definitions, headline }) => ({
      id,
      known: metrics.filter((metric) => metric in definitions).length,
      headlines: metrics.filter((metric) => headline.includes(metric)).length,
      first: metrics.includes(headline[0] ?? '') ? 1 : 0,
      size: Object.keys(definitions).length,
    }))
    .filter(({ known }) => known > 0 && known * 2 >= metrics.length)
    .sort((a, b) => b.known - a.known || b.headlines - a.headlines || b.first - a.first || a.size - b.size);
  const [best, next] = fits;
  if (best === undefined) return null;
  const unclear =
    best.known === 1 && next?.known === 1 && next.headlines === best.headlines && next.first === best.first;
  return unclear ? null : best.id;
}
