import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { SecretError, type SecretBox } from '#infra/secret-box.ts';
import type { ChannelBody, ChannelKind } from '#schemas/notify.ts';
import { causesOf } from '#services/alarms/flood-store.ts';
import type { AddressGuard } from './address-guard.ts';
import { addressOf, type Book } from './book.ts';
import type { Attempt, Ground, Senders } from './channels/channel.ts';
import { pushKeys } from './channels/push.ts';
import { loadHealth, saveHealth } from './circuit-store.ts';
import { claim, recentAttempts, settle, waitingChannels, type Claimed } from './delivery-store.ts';
import {
  afterFailure,
  afterLimit,
  atOnce,
  closedCircuit,
  giveUpMs,
  rateFreeMs,
  retryAfterMs,
  type Circuit,
} from './pacing.ts';
import { planAfterDead } from './last-resort.ts';
import { forgetBrowsers } from './push-store.ts';
import { openChannel } from './open-channel.ts';
import { findSetting } from './setting-store.ts';
import { putInWords, type Letterhead } from './words.ts';

/** Messages of one channel that may be under way at once: one that hangs does not stop the others. */
const channelAtOnce = 4;
/** How long one attempt may take. */
export const attemptMs = 10_000;
/** Messages to one reader that become one, when so many wait. */
const foldFrom = 6;
const foldMost = 50;
const floodMost = 1_000;
const rateWindowMs = 60_000;
/** Between two tries to write down what came of an attempt. */
const settleRetryMs = 1_000;
/** How long a shutdown waits for what is under way; what is still open then is sent again by the next leader. */
const stopMs = 5_000;

/** Readers of these want one message for each alarm. */
const neverFolded: ReadonlySet<ChannelKind> = new Set(['webhook', 'console']);

export interface SenderOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly fence: (client: Queryable) => Promise<void>;
  readonly box: SecretBox;
  readonly guard: AddressGuard;
  readonly senders: Senders;
  readonly letterhead: Letterhead;
  /** In [0, 1). */
  readonly random: () => number;
  /** After an attempt: there may be room for the next. */
  readonly onSettled: () => void;
}

/** Sends what is due, channel by channel, each at its own pace. */
export class Sender implements AsyncDisposable {
  readonly #o: SenderOptions;
  readonly #underWay = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  readonly #sentMs = new Map<string, number[]>();
  readonly #stopping = new AbortController();
  readonly #push: Ground['push'];
  #delivered = 0;
  #failed = 0;

  constructor(options: SenderOptions) {
    this.#o = options;
    this.#push = { keys: pushKeys(options.box), subject: subjectOf(options.letterhead) };
  }

  /** What the process before us sent counts for the pace of each channel. */
  async begin(): Promise<void> {
    const { db, clock } = this.#o;
    for (const { channelId, atMs } of await recentAttempts(db, clock.nowMs() - rateWindowMs)) {
      this.#noteSent(channelId, atMs);
    }
  }

  figures(): { readonly delivered: number; readonly failed: number; readonly underWay: number } {
    return { delivered: this.#delivered, failed: this.#failed, underWay: this.#running.size };
  }

  /** Starts everything that may go out now. @returns when more may, epoch ms; null when nothing waits */
  async pump(book: Book): Promise<number | null> {
    const { db, clock } = this.#o;
    const waiting = await waitingChannels(db);
    if (waiting.length === 0) return null;
    const health = new Map((await loadHealth(db)).map((each) => [each.channelId, each]));
    let nextMs: number | null = null;
    for (const { channelId, dueMs } of waiting) {
      const channel = book.channels.get(channelId);
      if (channel === undefined && (await findSetting(db, 'channel', channelId)) !== undefined) {
        // It was added since the book was read: the next round knows it.
        this.#o.onSettled();
        continue;
      }
      const circuit = health.get(channelId) ?? closedCircuit;
      const freeMs = Math.max(dueMs, await this.#send(book, { channelId, channel, circuit }));
      if (freeMs > clock.nowMs()) nextMs = Math.min(nextMs ?? freeMs, freeMs);
    }
    return nextMs;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    const patience = new AbortController();
    await Promise.race([this.idle(), this.#o.clock.sleep(stopMs, patience.signal).catch(() => undefined)]);
    patience.abort(new Error('stopped'));
  }

  /** @returns from when on the channel can take another message; now while others are under way */
  async #send(
    book: Book,
    {
      channelId,
      channel,
      circuit,
    }: { channelId: string; channel: ChannelBody | undefined; circuit: Circuit },
  ): Promise<number> {
    const { clock } = this.#o;
    for (;;) {
      const nowMs = clock.nowMs();
      const freeMs = Math.max(
        circuit.openUntilMs,
        rateFreeMs(this.#sentMs.get(channelId) ?? [], channel?.perMinute ?? 1, nowMs),
      );
      const isFull = (this.#underWay.get(channelId) ?? 0) >= atOnce(circuit, channelAtOnce);
      if (isFull || freeMs > nowMs || this.#stopping.signal.aborted) return freeMs;
      const claimed = await this.#claim(channelId, channel, nowMs);
      if (claimed.length === 0) return nowMs;
      this.#noteSent(channelId, nowMs);
      this.#start(channelId, this.#deliver(book, { channelId, channel, claimed, circuit }));
    }
  }

  #claim(channelId: string, channel: ChannelBody | undefined, nowMs: number): Promise<Claimed[]> {
    const most = channel === undefined || neverFolded.has(channel.config.kind) ? 1 : foldMost;
    return transaction(this.#o.db, async (client) => {
      const claimed = await claim(client, { channelId, nowMs, most, foldFrom, floodMost });
      await this.#o.fence(client);
      return claimed;
    });
  }

  #start(channelId: string, delivering: Promise<void>): void {
    this.#underWay.set(channelId, (this.#underWay.get(channelId) ?? 0) + 1);
    const running = delivering
      .catch((error: unknown) => this.#o.log.error({ err: error, channelId }, 'a message was not settled'))
      .finally(() => {
        this.#underWay.set(channelId, (this.#underWay.get(channelId) ?? 1) - 1);
        this.#running.delete(running);
        this.#o.onSettled();
      });
    this.#running.add(running);
  }

  async #deliver(
    book: Book,
    sent: {
      channelId: string;
      channel: ChannelBody | undefined;
      claimed: readonly Claimed[];
      circuit: Circuit;
    },
  ): Promise<void> {
    const { clock } = this.#o;
    const startedMs = clock.nowMs();
    const fromMs = clock.monotonicMs();
    const attempt = await this.#attempt(book, sent);
    const durationMs = clock.monotonicMs() - fromMs;
    if (attempt.outcome === 'delivered') this.#delivered += 1;
    else this.#failed += 1;
    for (;;) {
      try {
        await this.#settle(book, { ...sent, attempt, startedMs, durationMs });
        return;
      } catch (error) {
        if (this.#stopping.signal.aborted || (error as Error).name === 'LeaseLost') throw error;
        this.#o.log.warn({ err: error }, 'what came of a message waits for the store');
        await clock.sleep(settleRetryMs, this.#stopping.signal);
      }
    }
  }

  async #attempt(
    book: Book,
    { channel, claimed }: { channel: ChannelBody | undefined; claimed: readonly Claimed[] },
  ): Promise<Attempt> {
    const [head] = claimed;
    if (head === undefined) throw new Error('nothing was claimed');
    if (channel?.enabled !== true) {
      return {
        outcome: 'refused',
        code: 'channel',
        excerpt: channel === undefined ? 'is gone' : 'is switched off',
      };
    }
    try {
      const opened = await openChannel(this.#o, channel);
      const { clock, db, guard, letterhead, senders } = this.#o;
      const messages = claimed.map(({ message }) => message);
      const flood = head.floodId === null || claimed.length === 1 ? null : await causesOf(db, head.floodId);
      const message = putInWords(
        messages,
        { channel, username: head.username, flood },
        { letterhead, book, nowMs: clock.nowMs() },
      );
      const person = head.username === null ? undefined : book.people.get(head.username);
      const address = person === undefined ? null : (addressOf(person, channel.config.kind) ?? null);
      const key = head.batch ?? head.key;
      const ground = { clock, guard, timeoutMs: attemptMs, push: this.#push };
      const browsers = person?.browsers ?? [];
      return await senders[channel.config.kind](opened, { key, address, message, browsers }, ground);
    } catch (error) {
      if (error instanceof SecretError) return { outcome: 'retry', code: 'secret', excerpt: error.message };
      this.#o.log.error({ err: error, channelId: channel.id }, 'a channel failed in an unforeseen way');
      return { outcome: 'retry', code: 'internal', excerpt: 'failed in an unforeseen way; it was logged' };
    }
  }

  #settle(
    book: Book,
    done: {
      channelId: string;
      claimed: readonly Claimed[];
      circuit: Circuit;
      attempt: Attempt;
      startedMs: number;
      durationMs: number;
    },
  ): Promise<void> {
    const { clock, db, fence, random } = this.#o;
    const { channelId, claimed, circuit, attempt, startedMs, durationMs } = done;
    const nowMs = clock.nowMs();
    const oldest = Math.min(...claimed.map(({ sinceMs }) => sinceMs));
    const isTest = claimed.some(({ kind }) => kind === 'test');
    const isOver = attempt.outcome === 'refused' || isTest || oldest <= nowMs - giveUpMs;
    const state = attempt.outcome === 'delivered' ? 'delivered' : isOver ? 'dead' : 'waiting';
    const pauseMs =
      attempt.afterMs ?? retryAfterMs(Math.max(...claimed.map(({ attempts }) => attempts)), random());
    const ids = claimed.map(({ id }) => id);
    return transaction(db, async (client) => {
      await settle(client, {
        ids,
        state,
        attempt,
        channelId,
        startedMs,
        durationMs,
        nowMs,
        dueMs: nowMs + pauseMs,
      });
      await saveHealth(
        client,
        healthAfter(channelId, {
          attempt,
          circuit: await this.#circuitNow(client, channelId, circuit),
          nowMs,
        }),
      );
      await forgetBrowsers(client, attempt.gone ?? []);
      if (state === 'dead') await planAfterDead(client, claimed, { book, nowMs });
      await fence(client);
    });
  }

  /** Others of the channel may have failed meanwhile. */
  async #circuitNow(client: Queryable, channelId: string, before: Circuit): Promise<Circuit> {
    return (await loadHealth(client)).find((each) => each.channelId === channelId) ?? before;
  }

  #noteSent(channelId: string, atMs: number): void {
    const recent = (this.#sentMs.get(channelId) ?? []).filter((sentMs) => sentMs > atMs - rateWindowMs);
    this.#sentMs.set(channelId, [...recent, atMs]);
  }
}

/** Whom a push service may ask about what we send: an https address, or that of nobody. */
function subjectOf({ base, park }: Letterhead): string {
  return base.startsWith('https://') ? base : `mailto:${park}@parkwatch.invalid`;
}

function healthAfter(
  channelId: string,
  { attempt, circuit, nowMs }: { attempt: Attempt; circuit: Circuit; nowMs: number },
) {
  const told = `${attempt.code} ${attempt.excerpt}`.trim();
  // A message that will never be taken says nothing against the channel.
  if (attempt.outcome === 'delivered' || attempt.outcome === 'refused') {
    return { channelId, circuit: closedCircuit, told: null, nowMs };
  }
  if (attempt.outcome === 'limited') {
    return { channelId, circuit: afterLimit(circuit, nowMs + (attempt.afterMs ?? 0)), told, nowMs };
  }
  return { channelId, circuit: afterFailure(circuit, nowMs), told, nowMs };
}
