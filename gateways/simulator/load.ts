import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { fieldTopic } from '#schemas/topics.ts';
import type { BrokerOptions } from './options.ts';
import { openOutbox } from './outbox.ts';
import type { Outbox } from './outbox.ts';
import type { DeviceEntry, ParkDocument } from './plan.ts';
import { digits, noise, textKey } from './random.ts';

/** Plain load: many energy meters, one rate, any broker. */
export interface LoadOptions {
  readonly devices: number;
  /** Values per second of all devices together. */
  readonly rate: number;
  readonly parkId: string;
  readonly broker: BrokerOptions;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LoadCounts {
  readonly sentValues: number;
  readonly sentPackets: number;
  readonly acknowledgedPackets: number;
  readonly waitingPackets: number;
}

export interface Load extends AsyncDisposable {
  counts(): LoadCounts;
}

const connectionsMost = 16;
const tickMs = 20;
/** A broker that does not keep up slows the load down, it does not fill our memory. */
const waitingMost = 20_000;
const stopDrainMs = 10_000;

export function loadDeviceId(index: number): string {
  return `load-${String(index + 1).padStart(5, '0')}`;
}

/** The import document of the load's devices. */
export function loadPark(devices: number): ParkDocument {
  return {
    spaces: [],
    devices: Array.from({ length: devices }, (_, index): DeviceEntry => ({
      id: loadDeviceId(index),
      name: `负载测试电表${index + 1}`,
      class: 'energy-meter',
      provenance: 'simulated',
    })),
  };
}

/** Values of one packet; the register is the integral of a power that never changes. */
export function loadValues(index: number, timeMs: number): Record<string, number> {
  const key = textKey(`load${index}`);
  const powerKw = 5 + (key % 400) / 10;
  const wobble = noise(key, timeMs, 30_000);
  return {
    active_power: digits(powerKw + wobble, 2),
    active_energy_import: digits((powerKw * (timeMs - 1_704_067_200_000)) / 3_600_000, 2),
    power_factor: digits(0.95 + 0.03 * wobble, 3),
    voltage_l1: digits(230 + 2 * wobble, 1),
    voltage_l2: digits(229 - 2 * wobble, 1),
    voltage_l3: digits(231 + wobble, 1),
    current_l1: digits(powerKw * 1.5 + wobble, 2),
    frequency: digits(50 + 0.02 * wobble, 2),
  };
}

const valuesPerPacket = Object.keys(loadValues(0, 0)).length;

/** Starts sending at once; what falls behind because the broker is slow is not caught up. */
export function startLoad(options: LoadOptions): Load {
  const { clock, log, parkId, broker } = options;
  const boxes: Outbox[] = Array.from({ length: Math.min(connectionsMost, options.devices) }, (_, index) =>
    openOutbox({ ...broker, clientId: `${parkId}-load-${index + 1}`, will: undefined, greeting: [], log }),
  );
  const sequence = new Uint32Array(options.devices);
  const packetsPerMs = options.rate / valuesPerPacket / 1000;
  let next = 0;
  let owed = 0;
  let sentPackets = 0;
  let lastMs = clock.monotonicMs();
  const waiting = () => boxes.reduce((sum, box) => sum + box.waiting, 0);
  const ticking = clock.every(tickMs, () => {
    const nowMs = clock.monotonicMs();
    owed += (nowMs - lastMs) * packetsPerMs;
    lastMs = nowMs;
    if (waiting() > waitingMost) owed = 0;
    for (; owed >= 1; owed--) {
      const index = next++ % options.devices;
      const timeMs = clock.nowMs();
      const seq = (sequence[index] = (sequence[index] ?? 0) + 1);
      boxes[index % boxes.length]?.send({
        topic: fieldTopic(parkId, loadDeviceId(index), 'telemetry'),
        payload: JSON.stringify({ ts: timeMs, values: loadValues(index, timeMs), seq }),
        retain: false,
      });
      sentPackets++;
    }
  });
  return {
    counts: () => ({
      sentPackets,
      sentValues: sentPackets * valuesPerPacket,
      acknowledgedPackets: boxes.reduce((sum, box) => sum + box.acknowledged, 0),
      waitingPackets: waiting(),
    }),
    async [Symbol.asyncDispose]() {
      ticking[Symbol.dispose]();
      const late = new AbortController();
      using _ = clock.after(stopDrainMs, () => late.abort(new Error('the broker does not answer')));
      await Promise.allSettled(boxes.map((box) => box.drained(0, late.signal)));
      await Promise.allSettled(boxes.map((box) => box[Symbol.asyncDispose]()));
    },
  };
}
