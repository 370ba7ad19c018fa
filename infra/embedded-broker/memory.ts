import type { Aedes, Client, PublishPacket } from 'aedes';
import mqttPacket from 'mqtt-packet';

/** What clients may make the broker keep; it keeps everything in the memory of our process. */
export const memoryLimits = {
  /** Retained messages: a status a device, and some. */
  retainedTopics: 10_000,
  /** Of their topics and payloads, together. */
  retainedBytes: 16 * 1024 * 1024,
  /** Of one connection. */
  subscriptions: 100,
} as const;

/** Of aedes' in-memory persistence, what we stand between. */
interface PersistenceInside {
  storeRetained(packet: PublishPacket): Promise<void>;
  incomingStorePacket(client: Client, packet: PublishPacket): Promise<void>;
}

const nothing = Buffer.alloc(0);

/**
 * Bounds what aedes keeps. A retained message beyond the limit is delivered and not kept; of a QoS 2 message that
 * waits for its release only the packet id is needed, to know it when it comes again. And numbers are written when they
 * are: the library would make a buffer for each of 65,536 with the first packet, 10 MiB, and the broker writes few. Of
 * the whole process.
 */
export function limitMemory(broker: Aedes): { readonly retainedRefused: () => number } {
  mqttPacket.writeToStream.cacheNumbers = false;
  const { persistence } = broker as unknown as { persistence: PersistenceInside };
  const storeRetained = persistence.storeRetained.bind(persistence);
  const storeIncoming = persistence.incomingStorePacket.bind(persistence);
  const sizes = new Map<string, number>();
  let bytes = 0;
  let refused = 0;

  persistence.storeRetained = async (packet) => {
    const { topic, payload } = packet;
    const before = sizes.get(topic) ?? 0;
    const size = payload.length === 0 ? 0 : Buffer.byteLength(topic) + payload.length;
    const tooMany = size > 0 && before === 0 && sizes.size >= memoryLimits.retainedTopics;
    if (tooMany || (size > before && bytes - before + size > memoryLimits.retainedBytes)) {
      refused++;
      return;
    }
    bytes += size - before;
    if (size === 0) sizes.delete(topic);
    else sizes.set(topic, size);
    await storeRetained(packet);
  };
  persistence.incomingStorePacket = (client, packet) =>
    storeIncoming(client, { ...packet, payload: nothing });
  return { retainedRefused: () => refused };
}

/** Whether a connection may subscribe to one more filter, or to one it has. */
export function maySubscribe(client: Client, filter: string): boolean {
  const { subscriptions } = client as unknown as { subscriptions: Readonly<Record<string, unknown>> };
  if (Object.hasOwn(subscriptions, filter)) return true;
  return Object.keys(subscriptions).length < memoryLimits.subscriptions;
}
