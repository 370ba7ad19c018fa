/**
 * Acknowledgements in order of arrival (MQTT-4.6.0): each leaves when it is settled and everything before it has left.
 * One queue per connection: packet ids are reused, so an acknowledgement must never leave on another connection.
 */
export interface AckQueue {
  /** Appends an acknowledgement; call what it returns once the packet is committed or refused. */
  push(release: () => void): () => void;
  /** How many have been appended and not released. */
  readonly waiting: number;
  /** The connection is gone: nothing that still waits is ever released. */
  discard(): void;
}

interface Entry {
  readonly release: () => void;
  settled: boolean;
}

export function createAckQueue(): AckQueue {
  let entries: Entry[] = [];
  /** Index of the oldest entry that has not left; the array is cut when half of it has. */
  let head = 0;
  const drain = () => {
    for (let entry = entries[head]; entry?.settled === true; entry = entries[head]) {
      head++;
      entry.release();
    }
    if (head * 2 > entries.length) {
      entries = entries.slice(head);
      head = 0;
    }
  };
  return {
    push(release) {
      const entry: Entry = { release, settled: false };
      entries.push(entry);
      return () => {
        entry.settled = true;
        if (entries[head] === entry) drain();
      };
    },
    get waiting() {
      return entries.length - head;
    },
    discard() {
      entries = [];
      head = 0;
    },
  };
}
