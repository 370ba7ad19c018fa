import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import type { Log } from '#infra/log.ts';

/**
 * One connection of a gateway box to the broker, with the box's memory: a message leaves it only when the broker has
 * acknowledged it. What was on the way when a connection broke is sent again first (the MQTT client keeps it), then
 * the rest, all in the order of arrival.
 */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface OutboxOptions {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Certificate authority of the broker, PEM. */
  readonly ca?: string | undefined;
  readonly clientId: string;
  readonly qos: 0 | 1;
  readonly will: OutgoingMessage | undefined;
  readonly log: Log;
  /** Sent at each (re)connection, before anything that waits. */
  readonly greeting: readonly OutgoingMessage[];
  /** What the box hears: of its devices' commands. */
  readonly listens?:
    | { readonly topics: readonly string[]; onMessage(topic: string, payload: string): void }
    | undefined;
  /** After each connection but the first: a broker may have forgotten what it retained. */
  readonly onReconnect?: () => void;
}

export interface Outbox extends AsyncDisposable {
  send(message: OutgoingMessage): void;
  /** Messages not yet acknowledged. */
  readonly waiting: number;
  readonly acknowledged: number;
  /** Messages that the box forgot because its memory was full. */
  readonly dropped: number;
  /** Resolves once at most `most` messages wait; rejects when the signal fires. */
  drained(most: number, signal?: AbortSignal): Promise<void>;
}

/** Messages on the way at once, and in a box's memory at most. */
const inFlightMost = 32;
const rememberedMost = 50_000;
const reconnectMs = 1_000;

export function openOutbox(options: OutboxOptions): Outbox {
  const queue: OutgoingMessage[] = [];
  let head = 0;
  let inFlight = 0;
  let acknowledged = 0;
  let dropped = 0;
  let ready = false;
  let connections = 0;
  const watchers = new Set<() => void>();
  const client = openClient(options);

  const publish = (message: OutgoingMessage, done: (failed: boolean) => void) => {
    client.publish(message.topic, message.payload, { qos: options.qos, retain: message.retain }, (error) =>
      done(error !== undefined && error !== null),
    );
  };
  const mayGo = () => ready && inFlight < inFlightMost && head < queue.length;
  const pump = () => {
    while (mayGo()) {
      const message = queue[head++];
      if (message === undefined) continue;
      inFlight++;
      publish(message, (failed) => {
        inFlight--;
        if (failed) queue.splice(head, 0, message);
        else acknowledged++;
        for (const watcher of watchers) watcher();
        pump();
      });
    }
    if (head > 1_000) {
      queue.splice(0, head);
      head = 0;
    }
  };
  client.on('connect', () => {
    options.log.debug({ client: options.clientId }, 'connected to the broker');
    for (const message of options.greeting) publish(message, () => undefined);
    if (options.listens !== undefined && options.listens.topics.length > 0)
      client.subscribe([...options.listens.topics], { qos: 1 });
    ready = true;
    if (connections++ > 0) options.onReconnect?.();
    pump();
  });
  client.on('close', () => {
    ready = false;
  });
  client.on('message', (topic, payload) => options.listens?.onMessage(topic, payload.toString('utf8')));
  let lastTrouble: string | null = null;
  client.on('error', ({ message }) => {
    // It is tried again every second: the same trouble is told once.
    if (message !== lastTrouble) options.log.warn({ client: options.clientId }, `broker: ${message}`);
    lastTrouble = message;
  });

  const waiting = () => queue.length - head + inFlight;
  return {
    send: (message) => {
      if (queue.length - head >= rememberedMost) {
        head++;
        if (dropped++ === 0)
          options.log.warn({ client: options.clientId }, 'memory full, forgetting the oldest messages');
      }
      queue.push(message);
      pump();
    },
    get waiting() {
      return waiting();
    },
    get acknowledged() {
      return acknowledged;
    },
    get dropped() {
      return dropped;
    },
    drained: (most, signal) => whenWatched(watchers, () => waiting() <= most, signal),
    async [Symbol.asyncDispose]() {
      ready = false;
      // Unacknowledged messages stay the business of the next start: the state file remembers from where.
      // A polite end would wait for acknowledgements that a busy broker may owe for long.
      await client.endAsync(!client.connected || waiting() > 0);
    },
  };
}

function openClient(options: OutboxOptions): MqttClient {
  return connect(options.url, {
    clientId: options.clientId,
    clean: true,
    reconnectPeriod: reconnectMs,
    resubscribe: false,
    queueQoSZero: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.will === undefined
      ? {}
      : { will: { ...options.will, payload: Buffer.from(options.will.payload), qos: options.qos } }),
  });
}

/** Resolves once the condition holds, looked at whenever the watchers are called; rejects when the signal fires. */
function whenWatched(
  watchers: Set<() => void>,
  condition: () => boolean,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      watchers.delete(watcher);
      signal?.removeEventListener('abort', aborted);
      act();
    };
    const watcher = () => {
      if (condition()) settle(resolve);
    };
    const aborted = () => settle(() => reject(signal?.reason as Error));
    if (signal?.aborted === true) return reject(signal.reason as Error);
    watchers.add(watcher);
    signal?.addEventListener('abort', aborted, { once: true });
    return watcher();
  });
}
