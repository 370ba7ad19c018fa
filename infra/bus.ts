import type { AlarmTransition } from '#schemas/alarm.ts';

/**
 * Live frames between roles: a hint, never a source (DESIGN §2). Who needs every value reads the rows.
 * In one process it is an emitter; between processes infra/mqtt-bus.ts carries the same messages.
 */
export interface BusMessages {
  /** Readings that have just been committed, as parallel columns. */
  readings: ReadingFrame;
  /** Events have just been committed, of these devices. */
  events: { readonly deviceIds: readonly string[] };
  /** An alarm transition that has just been committed. */
  alarm: AlarmTransition;
  /** A device came online, went offline, or was changed. */
  device: {
    readonly deviceId: string;
    readonly status: 'online' | 'offline' | 'changed';
    readonly timeMs: number;
  };
  /** New evidence of a rubric. */
  assessment: { readonly rubricId: string; readonly evidenceIds: readonly string[] };
  /** The registry (devices, points, spaces, rules) changed: reload what you cache. */
  registry: { readonly changed: 'points' | 'rules' };
  /** A user, session or token was changed or ended: ask again who a connection belongs to. */
  people: { readonly userId: string | null };
  /** A question to whichever process can answer it, and its answer (infra/bus-call.ts). */
  ask: SealedCall;
  answer: SealedCall;
  /**
   * Frames of a sender were lost (between processes): published before the frame that showed it, so that whoever
   * needs every value reads the rows first.
   */
  hole: { readonly sender: string };
}

export interface ReadingFrame {
  readonly pointIds: readonly number[];
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
  /** Quality codes 0 good, 1 uncertain, 2 bad. */
  readonly qualities: readonly number[];
}

/** Only processes with the park's secret key can read or write what is sealed. */
export interface SealedCall {
  readonly id: string;
  readonly service: string;
  /** Base64. */
  readonly sealed: string;
}

export type BusKind = keyof BusMessages;

export interface Bus {
  publish<K extends BusKind>(kind: K, message: BusMessages[K]): void;
  /** Returns the unsubscribe function. A listener that throws is logged by the publisher and harms nobody else. */
  subscribe<K extends BusKind>(kind: K, listener: (message: BusMessages[K]) => void): () => void;
}

/** The bus of one process. */
export function createBus(onError: (error: unknown) => void): Bus {
  const listeners = new Map<BusKind, Set<(message: never) => void>>();
  return {
    publish(kind, message) {
      for (const listener of listeners.get(kind) ?? []) {
        try {
          (listener as (message: unknown) => void)(message);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(kind, listener) {
      const set = listeners.get(kind) ?? new Set();
      listeners.set(kind, set.add(listener));
      return () => set.delete(listener);
    },
  };
}
