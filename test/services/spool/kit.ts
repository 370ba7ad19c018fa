import type { Packet, Sample } from '#schemas/reading.ts';
import type { NativeMessage } from '#services/spool/record.ts';
import type { SpoolPublisher } from '#services/spool/shipper.ts';

export function sampleOf(
  metric: string,
  timeMs: number,
  value: number | string,
  more: Partial<Sample> = {},
): Sample {
  return { metric, timeMs, value, quality: 'good', rev: 0, untimed: false, ...more };
}

/** A packet as an OPC UA gateway hands it over. */
export function packetOf(
  deviceId: string,
  samples: readonly Sample[],
  receivedAtMs = 1_763_000_000_000,
): Packet {
  return {
    source: 'opcua-plant',
    address: 'opc.tcp://plant',
    deviceId,
    receivedAtMs,
    bytes: Buffer.from('[]'),
    unacknowledged: false,
    content: { kind: 'telemetry', samples, rejected: [], sequence: [] },
  };
}

export function numbered(number: number): Packet {
  return packetOf('em-1', [sampleOf('number', 1_763_000_000_000 + number, number)]);
}

/** The numbers of {@link numbered} that a message carries. */
export function numbersOf(messages: readonly NativeMessage[]): number[] {
  return messages.flatMap(({ payload }) =>
    (JSON.parse(Buffer.from(payload).toString()) as { values: { number: number } }[]).map(
      ({ values }) => values.number,
    ),
  );
}

/** A broker that the test answers for. */
export interface TestPublisher extends SpoolPublisher {
  readonly published: NativeMessage[];
  window: number;
  /** `ack`: at once. `hold`: by {@link settle}. `refuse`: rejects. */
  mode: 'ack' | 'hold' | 'refuse';
  /** Acknowledges what is held, and everything from now on. */
  settle(): void;
  until(condition: () => boolean): Promise<void>;
}

export function createTestPublisher(mode: TestPublisher['mode'] = 'ack'): TestPublisher {
  let held: (() => void)[] = [];
  let waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const publisher: TestPublisher = {
    window: 100,
    published: [],
    mode,
    publish({ topic, payload }) {
      publisher.published.push({ topic, payload: Buffer.from(payload) });
      for (const one of waiting) if (one.condition()) one.resolve();
      waiting = waiting.filter(({ condition }) => !condition());
      if (publisher.mode === 'refuse') return Promise.reject(new Error('not authorized'));
      if (publisher.mode === 'ack') return Promise.resolve();
      return new Promise((resolve) => held.push(resolve));
    },
    settle() {
      publisher.mode = 'ack';
      for (const resolve of held.splice(0)) resolve();
      held = [];
    },
    until: (condition) =>
      new Promise((resolve) => {
        if (condition()) resolve();
        else waiting.push({ condition, resolve });
      }),
  };
  return publisher;
}
