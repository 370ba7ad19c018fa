import { randomUUID } from 'node:crypto';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { makePartitions } from '#infra/partitions.ts';
import type { Database } from '#infra/postgres.ts';
import { StoreUnavailable, type Packet, type ReadingSink } from '#schemas/reading.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import { accept, type Judged } from './accept.ts';
import { Lane, sizeOf, type Entry, type LaneStatus } from './lane.ts';
import { addTally, enterPacket, TallyBook, waitingValues, type Tally } from './ledger.ts';
import { NewestTimes } from './newest-times.ts';
import type { Session, SessionOptions } from './session.ts';
import { forgetWriter, readNewestTimes } from './store.ts';

export interface WriterOptions {
  /** For what is read at the start and tidied later; the lanes connect by {@link databaseUrl} themselves. */
  readonly db: Database;
  readonly databaseUrl: string;
  readonly directory: PointDirectory;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** How the lanes connect; by {@link databaseUrl} unless given. */
  readonly connect?: ((options: SessionOptions) => Promise<Session>) | undefined;
  /** Connections that write side by side. */
  readonly lanes?: number;
  /** How far back raw readings are taken in: to the start of the local day of then. */
  readonly horizonDays: number;
  /** IANA zone of the park. */
  readonly timeZone: string;
  /** The most that may wait in memory; for tests. */
  readonly waiting?: { readonly values: number; readonly bytes: number };
}

export interface WriterStatus {
  readonly lanes: readonly LaneStatus[];
  /** What was received and is not committed yet, by source; its accepted values are those that wait. */
  readonly pending: ReadonlyMap<string, Tally>;
  readonly waitingValues: number;
  readonly waitingBytes: number;
}

/** The sink that commits to PostgreSQL. */
export interface Writer extends ReadingSink, AsyncDisposable {
  status(): WriterStatus;
}

const defaultLanes = 2;
/** What may wait in memory while the store is away; beyond it gateways are told to hold back. */
const defaultWaiting = { values: 200_000, bytes: 64 * 1024 * 1024 };
/** A packet without values takes room as well. */
const packetBytes = 512;
/** How long a stop waits for the store. */
const drainMs = 15_000;
const dayMs = 86_400_000;
/** How long the start of the local day is taken for granted. */
const todayForMs = 1_000;

/**
 * Starts the writer: packets of all gateways are judged, batched over a few milliseconds, and committed, all of one
 * device through one connection. `write` resolves after the commit; it rejects with StoreUnavailable at once when too
 * much waits already, and when the writer is stopped before the store came back.
 */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const { db, clock, directory, timeZone } = options;
  const writer = randomUUID();
  const newest = new NewestTimes(await readNewestTimes(db));
  const pending = new TallyBook();
  const most = options.waiting ?? defaultWaiting;
  const calendar = localCalendar(timeZone);
  const oldestUs = startOfDay(clock, calendar, options.horizonDays * dayMs);
  const waiting = { values: 0, bytes: 0 };
  let closed = false;
  const lanes = Array.from(
    { length: options.lanes ?? defaultLanes },
    (_, lane) =>
      new Lane({
        ...options,
        url: options.databaseUrl,
        writer,
        lane,
        newest,
        calendar,
        todayUs: startOfDay(clock, calendar, 0),
        makePartitions: (timesMs) => makePartitions(db, timesMs),
        onDone: leave,
      }),
  );
  await Promise.all(lanes.map((lane) => lane.open()));

  function leave(entries: readonly Entry[]): void {
    const left = new TallyBook();
    for (const { packet, judged } of entries) {
      enterPacket(left.of(packet.source), packet, judged);
      waiting.values -= valuesOf(judged);
      waiting.bytes -= sizeOf(packet) + packetBytes;
    }
    for (const [source, tally] of left.bySource) addTally(pending.of(source), tally, -1);
  }

  return {
    write(packet: Packet): Promise<void> {
      if (closed) return Promise.reject(new StoreUnavailable('The writer is stopped'));
      if (waiting.values >= most.values || waiting.bytes >= most.bytes) {
        return Promise.reject(new StoreUnavailable(`${waiting.values} readings wait for the store already`));
      }
      const judged = accept(packet, { directory, oldestMs: oldestUs() / 1000 });
      enterPacket(pending.of(packet.source), packet, judged);
      waiting.values += valuesOf(judged);
      waiting.bytes += sizeOf(packet) + packetBytes;
      packet.letGo?.();
      return new Promise((resolve, reject) => {
        lanes[laneOf(packet.deviceId, lanes.length)]?.add({ packet, judged, resolve, reject });
      });
    },
    status: () => ({
      lanes: lanes.map((lane) => lane.status()),
      pending: pending.bySource,
      waitingValues: pending.bySource.values().reduce((sum, tally) => sum + waitingValues(tally), 0),
      waitingBytes: waiting.bytes,
    }),
    async [Symbol.asyncDispose]() {
      closed = true;
      await Promise.all(lanes.map((lane) => lane.close(drainMs)));
      await forgetWriter(db, writer).catch(() => undefined);
    },
  };
}

/** What a packet holds in memory, whether it becomes readings, discoveries or rejections. */
function valuesOf({ accepted, late, undiscovered, rejected }: Judged): number {
  return accepted.pointIds.length + late.length + undiscovered.length + rejected.length;
}

/** FNV-1a of the device's id: everything of one device goes through one lane, in order. */
function laneOf(deviceId: string | null, lanes: number): number {
  const id = deviceId ?? '';
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % lanes;
}

/** Start of the local day of so long ago, epoch µs; computed now and then, since the calendar is slow. */
function startOfDay(clock: Clock, calendar: LocalCalendar, agoMs: number): () => number {
  let untilMs = -Infinity;
  let startUs = 0;
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs >= untilMs || nowMs < untilMs - todayForMs) {
      startUs = calendar.startOf(calendar.dayOf(nowMs - agoMs)) * 1000;
      untilMs = nowMs + todayForMs;
    }
    return startUs;
  };
}
