import { registerReading } from './curves.ts';
import type { Model } from './plan.ts';
import { between, digits, mix, noise, unit } from './random.ts';
import type { ReadingGroup, Values, World } from './world.ts';

const quarterMs = 15 * 60_000;
const minuteMs = 60_000;

/** What a register had counted before the epoch. */
function registerBase(key: number, most: number): number {
  return digits(between(key, 11, [0.02, 1]) * most, 2);
}

/** Electricity: power every 5 s, the electrical quantities every 15 s, the register every minute. */
export function energyMeterGroups(
  deviceId: string,
  model: Extract<Model, { kind: 'energy-meter' }>,
  world: World,
): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const curve = world.meterCurve(deviceId);
  const register = { base: registerBase(key, 60_000), resolution: 0.01, modulus: model.modulus };
  const factor = 0.9 + 0.07 * unit(key, 12);
  const powerKw = (timeMs: number): number =>
    curve.rate(timeMs) * (1 + 0.02 * noise(mix(key, 13), timeMs, 9_000));
  const powerFactor = (timeMs: number): number =>
    Math.min(0.999, factor + 0.025 * noise(mix(key, 14), timeMs, quarterMs));
  const voltage = (phase: number, timeMs: number): number =>
    229 +
    3.5 * noise(mix(key, 20 + phase), timeMs, 20 * minuteMs) +
    0.8 * noise(mix(key, 23 + phase), timeMs, 20_000);
  const electrical = (timeMs: number): Values => {
    const power = powerKw(timeMs);
    const cosine = powerFactor(timeMs);
    const phases = model.polyphase ? [1, 2, 3] : [1];
    const values: Record<string, number> = { power_factor: digits(cosine, 3) };
    for (const phase of phases) {
      const volts = voltage(phase, timeMs);
      const share = 1 + 0.04 * (phase - 2) * (model.polyphase ? 1 : 0);
      values[`voltage_l${phase}`] = digits(volts, 1);
      values[`current_l${phase}`] = digits(((power * 1000) / (3 * volts * cosine)) * share, 2);
    }
    if (model.polyphase) {
      values['reactive_power'] = digits(power * Math.tan(Math.acos(cosine)), 2);
      values['frequency'] = digits(50 + 0.03 * noise(1, timeMs, 30_000), 2);
    }
    return values;
  };
  return [
    {
      everyMs: 5_000,
      backfillEveryMs: quarterMs,
      read: (timeMs) => ({ active_power: digits(powerKw(timeMs), 2) }),
    },
    { everyMs: 15_000, backfillEveryMs: null, read: electrical },
    {
      everyMs: minuteMs,
      backfillEveryMs: quarterMs,
      read: (timeMs) => ({ active_energy_import: registerReading(curve.total(timeMs), register) }),
    },
  ];
}

/** Water and gas: flow every 15 s, the register every minute. */
export function volumeMeterGroups(
  deviceId: string,
  model: Extract<Model, { kind: 'volume-meter' }>,
  world: World,
): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const curve = world.meterCurve(deviceId);
  const isWater = model.medium === 'water';
  const decimals = isWater ? 3 : 2;
  const register = { base: registerBase(key, 4_000), resolution: 10 ** -decimals, modulus: model.modulus };
  const pressure = isWater
    ? { mean: 0.34, swing: 0.03, decimals: 3 }
    : { mean: 0.012, swing: 0.0006, decimals: 4 };
  return [
    {
      everyMs: 15_000,
      backfillEveryMs: quarterMs,
      read: (timeMs) => ({
        flow: digits(curve.rate(timeMs) * (1 + 0.05 * noise(mix(key, 13), timeMs, 25_000)), decimals),
      }),
    },
    {
      everyMs: minuteMs,
      backfillEveryMs: quarterMs,
      read: (timeMs) => ({
        volume: registerReading(curve.total(timeMs), register),
        pressure: digits(
          pressure.mean + pressure.swing * noise(mix(key, 15), timeMs, 30 * minuteMs),
          pressure.decimals,
        ),
      }),
    },
  ];
}
