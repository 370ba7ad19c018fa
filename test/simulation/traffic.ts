import { fakeDirectory, type FakeDirectory } from '#test/kit/directory.ts';
import type { Chance } from './sim.ts';
import { startMs } from './sim.ts';

/** One value that was sent, by the key of the store. */
export interface SentValue {
  /** `pointId/epoch µs`. */
  readonly key: string;
  readonly value: number;
  readonly quality: number;
  readonly rev: number;
}

/** A message with what must come of it. */
export interface SentMessage {
  readonly topic: string;
  readonly payload: string;
  readonly values: readonly SentValue[];
  readonly book: 'none' | 'rejections' | 'discoveries' | 'events';
}

export const metrics = ['power', 'energy', 'level'] as const;

/** Three meters that speak MQTT, and a tank behind the box in the field. */
export function simulatedDirectory(): FakeDirectory {
  const directory = fakeDirectory();
  for (const device of ['em-1', 'em-2', 'em-3', 'tank-1']) {
    for (const metric of metrics) directory.add(device, metric, { min: 0, max: 1_000 });
  }
  return directory;
}

const stepMs = 1_000;
/** Older than the horizon of the simulated park. */
const horizonsAgoMs = 10 * 86_400_000;

/** What devices send: new values, repetitions, corrections, late ones and those older than the horizon, and what cannot be taken. */
export class Traffic {
  readonly #chance: Chance;
  readonly #directory: FakeDirectory;
  readonly #sent: SentMessage[] = [];
  readonly #revs = new Map<string, number>();
  #lastMs = startMs - 3_600_000;
  #seq = 0;

  constructor(chance: Chance, directory: FakeDirectory) {
    this.#chance = chance;
    this.#directory = directory;
  }

  next(): SentMessage {
    const message = this.#make();
    this.#sent.push(message);
    return message;
  }

  #make(): SentMessage {
    const chance = this.#chance;
    const [first, ...rest] = this.#sent;
    const dice = chance.next();
    const device = chance.pick(['em-1', 'em-2', 'em-3']);
    if (first !== undefined) {
      const earlier = chance.pick([first, ...rest]);
      if (dice < 0.1) return earlier;
      if (dice < 0.2 && earlier.values.length > 0) return this.#correction(earlier);
    }
    const topic = `park/v1/demo/${device}/telemetry`;
    if (dice < 0.26) return { topic, payload: `{"values":${this.#seq++}`, values: [], book: 'rejections' };
    if (dice < 0.29)
      return {
        topic,
        payload: `{"ts":${this.#lastMs++},"values":{"power":null}}`,
        values: [],
        book: 'rejections',
      };
    if (dice < 0.32) {
      const payload = `{"ts":${this.#lastMs++},"values":{"power":1}}`;
      return { topic: 'park/v1/demo/stranger/telemetry', payload, values: [], book: 'discoveries' };
    }
    if (dice < 0.36) {
      const payload = `{"ts":${this.#lastMs},"type":"trip","id":"${this.#seq++}"}`;
      return { topic: `park/v1/demo/${device}/event`, payload, values: [], book: 'events' };
    }
    this.#lastMs += stepMs;
    if (dice < 0.39) return this.#telemetry(device, this.#lastMs - horizonsAgoMs);
    const timeMs = dice < 0.45 ? this.#lastMs - chance.between(1, 60) * stepMs - 500 : this.#lastMs;
    return this.#telemetry(device, timeMs);
  }

  #telemetry(device: string, timeMs: number): SentMessage {
    const chosen = metrics.slice(0, this.#chance.between(1, metrics.length));
    const values = Object.fromEntries(chosen.map((metric) => [metric, this.#chance.between(0, 1_000)]));
    return {
      topic: `park/v1/demo/${device}/telemetry`,
      payload: JSON.stringify({ ts: timeMs, values, seq: this.#seq++ }),
      values: chosen.map((metric) => ({
        key: this.#key(device, metric, timeMs),
        value: values[metric] ?? 0,
        quality: 0,
        rev: 0,
      })),
      book: 'none',
    };
  }

  /** Another value for a key that was sent, with a revision or without. */
  #correction(earlier: SentMessage): SentMessage {
    const { topic, payload } = earlier;
    const [message] = [JSON.parse(payload)].flat() as { ts: number; values: Record<string, unknown> }[];
    const device = topic.split('/')[3] ?? '';
    const metric = Object.keys(message?.values ?? {})[0] ?? 'power';
    const timeMs = message?.ts ?? 0;
    const key = this.#key(device, metric, timeMs);
    const value = this.#chance.between(0, 1_000);
    const rev = this.#chance.hits(0.5) ? (this.#revs.get(key) ?? 0) + 1 : 0;
    if (rev > 0) this.#revs.set(key, rev);
    return {
      topic,
      payload: JSON.stringify({ ts: timeMs, values: { [metric]: rev > 0 ? { v: value, rev } : value } }),
      values: [{ key, value, quality: 0, rev }],
      book: 'none',
    };
  }

  #key(device: string, metric: string, timeMs: number): string {
    return `${this.#directory.find(device, metric)?.pointId ?? 0}/${timeMs * 1000}`;
  }
}
