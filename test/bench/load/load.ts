import { startWorker } from '../worker.ts';
import type { Percentiles } from './histogram.ts';

export interface LoadSettings {
  readonly kind: 'open';
  /** Of the broker. */
  readonly port: number;
  readonly parkId: string;
  /** What its MQTT client ids begin with. */
  readonly name: string;
  readonly devices: number;
  /** Values a packet. */
  readonly values: number;
  readonly connections: number;
  /** Packets in flight per connection, at most. */
  readonly window: number;
}

export type LoadCommand =
  | { readonly kind: 'figures' | 'figures-and-clear' }
  | {
      readonly kind: 'run';
      /** 0 rests; null keeps every window full. */
      readonly packetsPerS: number | null;
      /** Repeats per new packet, e.g. 0.01. */
      readonly repeats?: number;
      /** Sends what was sent before once more, from the beginning. */
      readonly replay?: boolean;
      /** Packets that may be due and unsent; what is beyond is given up. */
      readonly mostOwed?: number;
    };

export interface LoadFigures {
  readonly sentPackets: number;
  readonly ackedPackets: number;
  readonly inFlight: number;
  /** Due and not sent. */
  readonly owed: number;
  /** Given up. */
  readonly skipped: number;
  readonly cpuMs: number;
  /** By the generator's own monotonic clock. */
  readonly atMs: number;
  /** From when a packet was due until it was acknowledged. */
  readonly latencyMs: Percentiles;
}

/** The handle of a load generator in a process of its own. */
export interface Load extends AsyncDisposable {
  readonly settings: LoadSettings;
  tell(command: LoadCommand): Promise<LoadFigures>;
}

export async function openLoad(settings: LoadSettings): Promise<Load> {
  const worker = startWorker<LoadSettings | LoadCommand, LoadFigures>('test/bench/load/process.ts');
  await worker.ask(settings);
  return {
    settings,
    tell: (command) => worker.ask(command),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}
