import type { Socket } from 'socket.io';
import type { BusMessages } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import {
  subscribeSchema,
  type ClientEvents,
  type ServerEvents,
  type Subscribe,
  type SubscribeAnswer,
} from '#schemas/api/live.ts';
import { ParkError, type ErrorCode } from '#schemas/errors.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { currentCursor } from '#services/alarms/transition-store.ts';
import { readLatest } from '#services/history/store.ts';
import type { Principal } from '#services/api/plugin.ts';
import type { AlarmFeed, AlarmFrame, AlarmListener } from './alarm-feed.ts';
import { Coalescer, frameIntervalMs, type CoalescedValue } from './coalesce.ts';
import type { Interest } from './interest.ts';
import { readSnapshot } from './snapshot.ts';
import { keyOf, pointsPerClient, resolvePoints } from './subscription.ts';

export type LiveSocket = Socket<ClientEvents, ServerEvents>;

/** Packets in the socket's buffer above which alarms wait for it to drain: a replay's worth is let through. */
const alarmBuffer = 64;
/** Device frames sent at a time; the rest goes with the next frames. */
const devicesPerPump = 200;
/** Subscriptions of one client in ten seconds: a page subscribes anew whenever a part of it comes or goes. */
const subscribesPerWindow = 60;
const subscribeWindowMs = 10_000;

export interface LiveContext {
  readonly db: Database;
  readonly directory: PointDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly interest: Interest<Connection>;
  readonly feed: AlarmFeed;
}

/** One client: what it asked for, and what it has not been told yet. */
export class Connection implements AlarmListener, Disposable {
  readonly token: string;
  principal: Principal;
  /** When the token was last known to be good, monotonic ms. */
  checkedAtMs: number;
  readonly #socket: LiveSocket;
  readonly #context: LiveContext;
  readonly #coalescer = new Coalescer();
  readonly #devices = new Map<string, BusMessages['device']>();
  readonly #evidence = new Map<string, Set<string>>();
  #subscribe: Subscribe | null = null;
  #alarmCursor = '0';
  #isBehind = false;
  #timer: Disposable | null = null;
  #turn: Promise<void> = Promise.resolve();
  #subscribedAtMs: number[] = [];
  /** Packets that the transport has not taken yet. */
  #buffered = 0;
  #listensTo: object | null = null;
  #isClosed = false;

  constructor(socket: LiveSocket, context: LiveContext, who: { token: string; principal: Principal }) {
    this.#socket = socket;
    this.#context = context;
    this.token = who.token;
    this.principal = who.principal;
    this.checkedAtMs = context.clock.monotonicMs();
    socket.conn.on('packetCreate', () => void this.#buffered++);
    socket.conn.on('drain', () => void (this.#buffered = 0));
  }

  /** Answers `subscribe`; one after the other, the last one stands. */
  onSubscribe(body: unknown, answer: (result: SubscribeAnswer) => void): void {
    this.#inTurn(async () => {
      const result = await this.#answer(body);
      answer(result);
      if (result.ok) this.#begin(result.cursor);
    });
  }

  onUnsubscribe(answer: (result: { ok: true }) => void): void {
    this.#inTurn(async () => {
      this.#forget();
      answer({ ok: true });
    });
  }

  /** A reading was committed; {@link pump} sends it. */
  offer(value: CoalescedValue): void {
    this.#coalescer.offer(value);
  }

  deviceChanged(message: BusMessages['device']): void {
    if (this.#subscribe === null) return;
    this.#devices.set(message.deviceId, message);
    this.pump();
  }

  evidenceAdded({ rubricId, evidenceIds }: BusMessages['assessment']): void {
    if (this.#subscribe === null) return;
    const known = this.#evidence.get(rubricId) ?? new Set();
    for (const id of evidenceIds) known.add(id);
    this.#evidence.set(rubricId, known);
    this.pump();
  }

  /** The registry changed: spaces and devices may mean other points now. */
  registryChanged(): void {
    this.#inTurn(async () => {
      if (this.#subscribe === null) return;
      const points = resolvePoints(this.#context.directory, this.#subscribe);
      if (points.size > pointsPerClient) return;
      await this.#offerNewest(this.#watch(points));
    });
  }

  /** Frames were lost: what the points are now. */
  reread(): void {
    this.#inTurn(() => this.#offerNewest([...this.#coalescer.pointIds()]));
  }

  canTake(): boolean {
    if (this.#buffered < alarmBuffer) return true;
    this.#isBehind = true;
    this.#wait();
    return false;
  }

  send(frame: AlarmFrame): void {
    this.#alarmCursor = frame.cursor;
    this.#socket.emit('alarm', frame);
  }

  tooOld(): void {
    this.#socket.emit('too-old');
  }

  /** Sends what is due if the socket takes it, else sees to being called again. */
  pump(): void {
    if (this.#isClosed || this.#coalescer.isHeld) return;
    // The transport is writable once the kernel has taken the frame before: a slow client paces itself.
    if (!this.#socket.conn.transport.writable || this.#buffered > 0) return this.#waitForSocket();
    const frame = this.#coalescer.take(this.#context.clock.monotonicMs());
    if (frame !== null) this.#socket.emit('readings', frame);
    this.#sendEvents();
    if (this.#isBehind) this.#follow(this.#alarmCursor);
    if (this.#coalescer.dueMs() !== null || this.#devices.size > 0) this.#wait();
  }

  disconnect(): void {
    this.#socket.disconnect(true);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#forget();
  }

  async #answer(body: unknown): Promise<SubscribeAnswer> {
    const nowMs = this.#context.clock.monotonicMs();
    this.#subscribedAtMs = this.#subscribedAtMs.filter((atMs) => nowMs - atMs < subscribeWindowMs);
    if (this.#subscribedAtMs.length >= subscribesPerWindow) {
      return refuse('too-many-requests', `at most ${subscribesPerWindow} subscriptions in 10 s`);
    }
    this.#subscribedAtMs.push(nowMs);
    const parsed = subscribeSchema.safeParse(body);
    if (!parsed.success) {
      const told = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      return refuse('invalid-request', told.slice(0, 5).join('; '));
    }
    const points = resolvePoints(this.#context.directory, parsed.data);
    if (points.size > pointsPerClient) {
      return refuse('too-many-values', `${points.size} points; at most ${pointsPerClient} at a time`);
    }
    try {
      return await this.#open(parsed.data, points);
    } catch (error) {
      this.#forget();
      this.#context.log.warn({ err: error }, 'a live subscription could not be answered');
      return refuse(error instanceof ParkError ? error.code : 'unavailable', 'try again shortly');
    }
  }

  /** Holds first and reads then: whatever is committed from here on is in the snapshot, or waits, or both. */
  async #open(subscribe: Subscribe, points: Map<number, PointInfo>): Promise<SubscribeAnswer> {
    this.#forget();
    this.#coalescer.hold();
    this.#subscribe = subscribe;
    this.#watch(points);
    const cursor = await currentCursor(this.#context.db);
    const { latest, alarms, readings } = await readSnapshot(this.#context.db, {
      points,
      alarms: subscribe.alarms ?? false,
    });
    for (const reading of readings) this.#coalescer.seed(reading);
    return { ok: true, cursor, snapshot: { latest, alarms } };
  }

  /** After the answer has been sent: what waited goes out. */
  #begin(cursor: string): void {
    this.#coalescer.release();
    if (this.#subscribe?.alarms === true) this.#follow(this.#since(cursor));
    this.pump();
  }

  #since(cursor: string): string {
    const since = this.#subscribe?.since;
    if (since === undefined) return cursor;
    if (/^\d{1,18}$/.test(since)) return since;
    this.tooOld();
    return cursor;
  }

  #follow(cursor: string): void {
    this.#isBehind = false;
    this.#alarmCursor = cursor;
    this.#context.feed.follow(this, cursor).catch((error: unknown) => {
      this.#context.log.warn({ err: error }, 'alarms could not be replayed');
      this.#isBehind = true;
      this.#wait();
    });
  }

  #watch(points: ReadonlyMap<number, PointInfo>): number[] {
    const keys = new Map(points.entries().map(([pointId, point]) => [pointId, keyOf(point)]));
    const fresh = this.#coalescer.watch(keys);
    this.#context.interest.set(this, keys.keys());
    return fresh;
  }

  async #offerNewest(pointIds: readonly number[]): Promise<void> {
    if (pointIds.length === 0) return;
    for (const reading of await readLatest(this.#context.db, pointIds)) this.offer(reading);
    this.pump();
  }

  #sendEvents(): void {
    for (const [deviceId, { status, timeMs }] of this.#devices.entries().take(devicesPerPump)) {
      this.#socket.emit('device', { deviceId, status, time: new Date(timeMs).toISOString() });
      this.#devices.delete(deviceId);
    }
    for (const [rubricId, evidenceIds] of this.#evidence) {
      this.#socket.emit('assessment', { rubricId, evidenceIds: [...evidenceIds] });
    }
    this.#evidence.clear();
  }

  /** Also by the clock: the transport may be replaced (polling to WebSocket) and then never be ready again. */
  #waitForSocket(): void {
    this.#wait();
    const { transport } = this.#socket.conn;
    if (this.#listensTo === transport) return;
    this.#listensTo = transport;
    transport.once('ready', () => {
      this.#listensTo = null;
      this.pump();
    });
  }

  #wait(): void {
    if (this.#timer !== null || this.#isClosed) return;
    const { clock } = this.#context;
    const nowMs = clock.monotonicMs();
    const dueMs = this.#coalescer.dueMs() ?? 0;
    this.#timer = clock.after(dueMs > nowMs ? dueMs - nowMs : frameIntervalMs, () => {
      this.#timer = null;
      this.pump();
    });
  }

  #forget(): void {
    this.#subscribe = null;
    this.#coalescer.watch(new Map());
    this.#coalescer.release();
    this.#context.interest.set(this, []);
    this.#context.feed.leave(this);
    this.#devices.clear();
    this.#evidence.clear();
    this.#isBehind = false;
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
  }

  #inTurn(task: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(() => (this.#isClosed ? undefined : task()))
      .catch((error: unknown) => this.#context.log.warn({ err: error }, 'a live client could not be served'));
  }
}

function refuse(code: ErrorCode, detail: string): SubscribeAnswer {
  return { ok: false, code, detail };
}
