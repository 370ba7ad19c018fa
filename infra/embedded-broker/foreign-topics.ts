/** The newest message of a topic outside the native contract. */
export interface ForeignMessage {
  readonly topic: string;
  readonly atMs: number;
  /** The first of it. */
  readonly bytes: Uint8Array;
}

export const foreignLimits = {
  topics: 200,
  topicLength: 256,
  bytes: 4 * 1024,
  /** A topic is looked at again after so long: what is remembered costs the others nothing. */
  everyMs: 1_000,
} as const;

/** Remembers what vendors' devices say, for whoever writes a mapping; in memory, bounded. */
export interface ForeignTopics {
  note(topic: string, payload: string | Uint8Array, nowMs: number): void;
  /** Newest first. */
  list(): ForeignMessage[];
}

export function createForeignTopics(): ForeignTopics {
  const byTopic = new Map<string, ForeignMessage>();
  return {
    note(topic, payload, atMs) {
      const before = byTopic.get(topic);
      if (before !== undefined && atMs - before.atMs < foreignLimits.everyMs) return;
      if (topic.length > foreignLimits.topicLength) return;
      // To the end: the map keeps the order of insertion.
      byTopic.delete(topic);
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      byTopic.set(topic, { topic, atMs, bytes: Uint8Array.from(bytes.subarray(0, foreignLimits.bytes)) });
      const [oldest] = byTopic.keys();
      if (byTopic.size > foreignLimits.topics && oldest !== undefined) byTopic.delete(oldest);
    },
    list: () => [...byTopic.values()].toReversed(),
  };
}
