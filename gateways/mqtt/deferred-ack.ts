import type { IPublishPacket, MqttClient } from 'mqtt';
import { createAckQueue, type AckQueue } from '#infra/ack-queue.ts';

/**
 * mqtt.js hands over the next packet only when the previous one was acknowledged, so waiting for a commit would allow
 * one packet in flight. This file is the only one that reaches into it: its own PUBACK is swallowed, which lets it go
 * on, and ours leaves when the packet is durable, in order of arrival (MQTT-4.6.0) and only on the connection that the
 * packet came by: ids are reused, and an old acknowledgement would swallow a new message.
 *
 * Needs protocol 5 (the receive maximum bounds what is in flight) and subscriptions at QoS 1 at most.
 * The library is pinned; test/gateways/mqtt/deferred-ack.test.ts fails when it changes.
 */
export const mqttVersion = '5.16.0';

/** What waits in our memory, over all connections of this client: unsettled packets of a dead one count too. */
export const waitingLimits = {
  packets: 10_000,
  bytes: 32 * 1024 * 1024,
  /** QoS 0 is dropped and counted above this share of either, so that it never takes the room of QoS 1. */
  shareOfQos0: 0.5,
} as const;

export interface DeferredAcks {
  status(): {
    readonly packets: number;
    readonly bytes: number;
    /** QoS 0 packets that found no room. */
    readonly dropped: number;
    /** Acknowledgements whose connection was gone; their packets come again. */
    readonly discarded: number;
  };
  /** Takes no further packet; resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/** The parts of mqtt.js that are used here and are not public. */
interface ClientInside {
  stream: { readonly destroyed: boolean };
  _sendPacket(packet: { cmd: string; messageId?: number; reasonCode?: number }, done?: () => void): void;
}

/** @param handle takes every publish; its promise resolves when the packet may be acknowledged, and never rejects */
export function deferAcknowledgements(
  client: MqttClient,
  handle: (packet: IPublishPacket) => Promise<void>,
): DeferredAcks {
  const inside = client as unknown as ClientInside;
  const send = inside._sendPacket.bind(client);
  const queues = new WeakMap<object, AckQueue>();
  const waiting = { packets: 0, bytes: 0, dropped: 0, discarded: 0 };
  let stalled: (() => void)[] = [];
  let draining: (() => void) | null = null;

  inside._sendPacket = (packet, ...rest) => {
    if (packet.cmd === 'puback') rest[0]?.();
    else send(packet, ...rest);
  };

  const hasRoom = (share: number) =>
    waiting.packets < waitingLimits.packets * share && waiting.bytes < waitingLimits.bytes * share;

  /** Returns what to call when the packet is durable. */
  const hold = (packet: IPublishPacket): (() => void) => {
    if (packet.qos === 0) return () => undefined;
    const { stream } = inside;
    const queue = queues.get(stream) ?? createAckQueue();
    queues.set(stream, queue);
    return queue.push(() => {
      const alive = client.connected && inside.stream === stream && !stream.destroyed;
      if (!alive) waiting.discarded++;
      else send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
    });
  };

  const goOn = () => {
    if (waiting.packets === 0) draining?.();
    if (stalled.length === 0 || draining !== null || !hasRoom(0.5)) return;
    const callbacks = stalled;
    stalled = [];
    for (const next of callbacks) next();
  };

  client.handleMessage = (packet, next) => {
    // Unanswered: the broker keeps it for the next connection. What else it sends must still be read.
    if (draining !== null) return next();
    if (packet.qos === 0 && !hasRoom(waitingLimits.shareOfQos0)) {
      waiting.dropped++;
      return next();
    }
    const bytes = packet.payload.length;
    waiting.packets++;
    waiting.bytes += bytes;
    const settle = hold(packet);
    void settleAfter(handle(packet), () => {
      waiting.packets--;
      waiting.bytes -= bytes;
      settle();
      goOn();
    });
    // Not calling back stops the reading of this connection.
    if (hasRoom(1)) next();
    else stalled.push(next);
  };

  return {
    status: () => ({ ...waiting }),
    drain: () =>
      new Promise((resolve) => {
        draining = resolve;
        if (waiting.packets === 0) resolve();
      }),
  };
}

async function settleAfter(handled: Promise<void>, settle: () => void): Promise<void> {
  await handled;
  settle();
}
