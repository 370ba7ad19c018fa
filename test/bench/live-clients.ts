import type { Percentiles } from './load/histogram.ts';
import { deviceId, metricNames } from './load/packets.ts';
import type { BenchPark } from './park.ts';
import { startWorker, type Worker } from './worker.ts';

export type LiveCommand =
  | {
      readonly kind: 'open';
      readonly url: string;
      readonly token: string;
      readonly points: readonly (readonly string[])[];
    }
  | { readonly kind: 'figures' | 'clear' };

export interface LiveFigures {
  readonly frames: number;
  /** From the time of a value, which is when its packet was made, until a client had it. */
  readonly latencyMs: Percentiles;
}

/** What one screen shows at most. */
const devicesPerClient = 50;

/** Opens sockets of a user each, spread over the devices. */
export async function openLiveClients(
  park: BenchPark,
  { clients, devices }: { clients: number; devices: number },
): Promise<Worker<LiveCommand, LiveFigures>> {
  const login = { username: 'admin', password: 'correct horse battery' };
  const { body } = await park.served.request<{ token: string }>('POST', '/auth/login', login);
  const points = Array.from({ length: clients }, (_, client) =>
    Array.from({ length: Math.min(devicesPerClient, devices) }, (_each, index) =>
      deviceId((client * devicesPerClient + index) % devices),
    ).flatMap((id) => metricNames.map((metric) => `${id}.${metric}`)),
  );
  const worker = startWorker<LiveCommand, LiveFigures>('test/bench/live-process.ts');
  await worker.ask({ kind: 'open', url: park.served.url, token: body.token, points });
  return worker;
}
