import { randomUUID } from 'node:crypto';
import { connect } from 'mqtt';
import { busTopic } from '#schemas/topics.ts';
import { createBus, type Bus, type BusKind, type BusMessages } from './bus.ts';
import {
  createHoleWatch,
  encodeBeat,
  encodeFrame,
  openFrame,
  readFrame,
  sealFrame,
  type WireKind,
} from './bus-frame.ts';
import type { Clock } from './clock.ts';
import type { MqttConfig } from './config.ts';
import type { Log } from './log.ts';
import { backOff, externalClientOptions, withoutCredentials } from './mqtt-client.ts';

/** Limits of the bus between processes. */
export const busLimits = {
  /** Frames handed to the socket and not yet written; beyond it a frame is left out, which its receivers notice. */
  unsentFrames: 1_000,
  /** How often a sender repeats its last numbers, so that a lost last frame is noticed too. */
  beatMs: 2_000,
  keepaliveS: 15,
  /** Who publishes what is not ours shall not fill the log as well. */
  warnEveryMs: 60_000,
} as const;

export interface MqttBusOptions {
  readonly config: MqttConfig;
  /** The external broker (MQTT_URL): the embedded one serves one process, which needs no bus of this kind. */
  readonly url: string;
  readonly parkId: string;
  /** What only the park's processes know (bus_key). */
  readonly key: Buffer;
  readonly clock: Clock;
  readonly log: Log;
}

/** What goes over the wire; `hole` is only ever said to our own listeners. */
const kinds = Object.keys({
  readings: true,
  events: true,
  alarm: true,
  device: true,
  assessment: true,
  registry: true,
  people: true,
  ask: true,
  answer: true,
} satisfies Record<WireKind, true>) as WireKind[];

/** The sender of the `hole` that is published when we have (re)connected: anybody's frames may have passed. */
export const anySender = '*';

/**
 * The bus of several processes: what is published here reaches listeners in this process at once, and those of others
 * through the broker at QoS 0. A hint, never a source (DESIGN §2): missed frames are told as `hole`. Disposing of it
 * ends the connection.
 */
export function startMqttBus(options: MqttBusOptions): Bus & AsyncDisposable {
  const { config, url, parkId, key, clock, log } = options;
  const sender = randomUUID();
  const local = createBus((error) => log.error({ err: error }, 'bus: a listener failed'));
  const watch = createHoleWatch();
  const sent = new Map<WireKind, number>();
  let unsent = 0;

  const client = connect(url, {
    ...externalClientOptions(config),
    clientId: `parkwatch-${parkId}-bus-${sender}`,
    clean: true,
    keepalive: busLimits.keepaliveS,
  });
  backOff(client, clock);
  const send = (kind: WireKind, frame: string) => {
    if (!client.connected || unsent >= busLimits.unsentFrames) return;
    unsent++;
    const topic = busTopic(parkId, kind);
    client.publish(topic, sealFrame(key, topic, frame), { qos: 0 }, () => unsent--);
  };
  let warnedAtMs = -Infinity;
  const warnOfStranger = (topic: string) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - warnedAtMs < busLimits.warnEveryMs) return;
    warnedAtMs = nowMs;
    log.warn(
      { topic },
      'bus: somebody who is none of our processes publishes here; let the broker forbid it',
    );
  };
  const topics = kinds.map((kind) => busTopic(parkId, kind));
  client.on('connect', () => {
    // nl: our own frames have reached our own listeners already.
    client.subscribe(topics, { qos: 0, nl: true }, (error) => {
      if (error !== null) return;
      log.info({ broker: withoutCredentials(url) }, 'bus: connected');
      local.publish('hole', { sender: anySender });
    });
  });
  client.on('error', (error) => log.warn({ err: error }, 'bus: connection failed; trying again'));
  client.on('message', (topic, payload) => {
    const kind = kinds[topics.indexOf(topic)];
    if (kind === undefined) return;
    const text = openFrame(key, topic, payload.toString());
    if (text === null) return warnOfStranger(topic);
    const frame = readFrame(kind, text);
    if (frame === null) return log.warn({ topic }, 'bus: frame of a form we do not know');
    const missed = watch.missed(kind, frame);
    if (missed === null) return;
    if (missed > 0) local.publish('hole', { sender: frame.sender });
    if (frame.message !== undefined) local.publish(kind, frame.message);
  });
  const beat = clock.every(busLimits.beatMs, () => {
    for (const [kind, number] of sent) send(kind, encodeBeat(sender, number));
  });

  return {
    publish<K extends BusKind>(kind: K, message: BusMessages[K]) {
      local.publish(kind, message);
      if (!isWireKind(kind)) return;
      const number = (sent.get(kind) ?? 0) + 1;
      sent.set(kind, number);
      send(kind, encodeFrame(sender, number, message as BusMessages[WireKind]));
    },
    subscribe: (kind, listener) => local.subscribe(kind, listener),
    async [Symbol.asyncDispose]() {
      beat[Symbol.dispose]();
      await client.endAsync(!client.connected);
    },
  };
}

function isWireKind(kind: BusKind): kind is WireKind {
  return kind !== 'hole';
}
