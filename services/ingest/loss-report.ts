import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Packet, ReadingSink, Sample } from '#schemas/reading.ts';
import { lossWindowMs, type Loss } from './gateway-states.ts';

const reportEveryMs = 60_000;
/** The ledger's key of what the park tells of itself. */
export const ownSource = 'parkwatch';

export interface LossReportDeps {
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** The number of this process. */
  readonly instance: number;
  readonly hasDevice: (id: string) => boolean;
  /** Makes the device of class `gateway` that stands for this process. */
  readonly makeDevice: (id: string) => Promise<void>;
}

/** Tells as readings what brokers lose, so that alarm rules can watch it. */
export interface LossReport extends AsyncDisposable {
  add(loss: Loss): void;
}

/**
 * The device `parkwatch-ingest-{n}` is made with the first loss and reports from then on: `broker_losses`, how much was
 * found lost within the last 15 minutes.
 */
export function startLossReport(deps: LossReportDeps): LossReport {
  const { sink, clock, log, instance, hasDevice, makeDevice } = deps;
  const deviceId = `parkwatch-ingest-${instance}`;
  let losses: Loss[] = [];
  let running: Promise<void> = Promise.resolve();
  const report = async () => {
    if (losses.length === 0 && !hasDevice(deviceId)) return;
    if (!hasDevice(deviceId)) await makeDevice(deviceId);
    const nowMs = clock.nowMs();
    losses = losses.filter(({ atMs }) => atMs > nowMs - lossWindowMs);
    await sink.write(packetOf(deviceId, nowMs, countLosses(losses)));
  };
  const run = () => {
    running = running
      .then(report)
      .catch((error: unknown) => log.warn({ err: error }, 'what the broker lost could not be reported'));
  };
  const timer = clock.every(reportEveryMs, run);
  return {
    add(loss) {
      losses = [...losses, loss].slice(-lossesKept);
      run();
    },
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await running;
    },
  };
}

/** More than one every two seconds of the window cannot be found. */
const lossesKept = lossWindowMs / 2_000;

function countLosses(losses: readonly Loss[]): number {
  return losses.reduce((sum, { count }) => sum + count, 0);
}

function packetOf(deviceId: string, timeMs: number, losses: number): Packet {
  const sample = (metric: string, value: number): Sample => ({
    metric,
    timeMs,
    value,
    quality: 'good',
    rev: 0,
    untimed: false,
  });
  const values = { online: 1, broker_losses: losses };
  return {
    source: ownSource,
    address: deviceId,
    deviceId,
    receivedAtMs: timeMs,
    bytes: Buffer.from(JSON.stringify(values)),
    unacknowledged: true,
    content: {
      kind: 'telemetry',
      samples: Object.entries(values).map(([metric, value]) => sample(metric, value)),
      rejected: [],
      sequence: [],
    },
  };
}
