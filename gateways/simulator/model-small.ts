import { registerReading } from './curves.ts';
import { faultAt } from './faults.ts';
import type { Model } from './plan.ts';
import { levelAt, profiles } from './profiles.ts';
import { digits, mix, noise, unit } from './random.ts';
import type { ReadingGroup, Values, World } from './world.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

/** A street lamp: on and dimmed by the park's schedule, its energy the integral of its power. */
export function luminaireGroups(deviceId: string, ratedKw: number, world: World): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const curve = world.loadCurve({ key, profile: 'street', peak: ratedKw * 0.95 });
  const register = { base: digits(600 * unit(key, 81), 3), resolution: 0.001, modulus: 1e7 };
  return [
    {
      everyMs: 30_000,
      backfillEveryMs: null,
      read: (timeMs) => {
        const power = curve.rate(timeMs);
        const level = levelAt(profiles.street.workday, world.calendar.hourOf(timeMs) / 24);
        return {
          on: power > 0,
          dimming: Math.round(level * 100),
          power: digits(power, 3),
          light_level: Math.round(world.weather.daylightLx(timeMs) + 22 * level),
          fault: faultAt(key, 'lamp-fault', timeMs) !== null,
        };
      },
    },
    {
      everyMs: 5 * minuteMs,
      backfillEveryMs: quarterMs,
      read: (timeMs) => ({ energy: registerReading(curve.total(timeMs), register) }),
    },
  ];
}

/** A charger: how long somebody charges follows how much energy the place draws. */
export function chargerGroups(deviceId: string, ratedKw: number, world: World): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const curve = world.loadCurve({ key, profile: 'charging', peak: ratedKw * 0.6 });
  const register = { base: digits(9_000 * unit(key, 82), 2), resolution: 0.01, modulus: 1e9 };
  const state = (timeMs: number): Values => {
    const power = curve.rate(timeMs);
    const charging = power > 0.12 * ratedKw;
    const faulted = faultAt(key, 'charger-fault', timeMs) !== null;
    const status = faulted ? 'faulted' : charging ? 'charging' : 'available';
    return { status, power: digits(power, 2), connector: charging, online: true };
  };
  return [
    { everyMs: 15_000, backfillEveryMs: null, read: state },
    {
      everyMs: minuteMs,
      backfillEveryMs: quarterMs,
      read: (timeMs) => ({ energy: registerReading(curve.total(timeMs), register) }),
    },
  ];
}

export function firePanelGroups(deviceId: string, world: World): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  return [
    {
      everyMs: minuteMs,
      backfillEveryMs: 60 * minuteMs,
      read: (timeMs) => ({
        alarm: false,
        fault: faultAt(key, 'panel-fault', timeMs) !== null,
        supervisory: false,
        mains: true,
        battery: true,
        online: true,
      }),
    },
  ];
}

/** The gateway box about itself. `devices_online` counts those that answer it. */
export function boxGroups(deviceId: string, world: World): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const behind = world.plan.devices
    .filter(({ box, id }) => box === deviceId && id !== deviceId)
    .map(({ id }) => world.keyOf(id));
  return [
    {
      everyMs: minuteMs,
      backfillEveryMs: null,
      read: (timeMs) => ({
        online: true,
        devices_online: behind.filter((other) => faultAt(other, 'offline', timeMs) === null).length,
        cpu_load: Math.round(19 + 9 * noise(mix(key, 83), timeMs, 90_000)),
        disk_used: digits(31 + 4 * noise(mix(key, 84), timeMs, 60 * 60 * minuteMs), 1),
      }),
    },
  ];
}

type EquipmentModel = Extract<Model, { kind: 'equipment' }>;

const plants = {
  chiller: { profile: 'chiller', setpoint: 7, idleDegC: 16, pressureMPa: 0.42, flow: 240 },
  boiler: { profile: 'boiler', setpoint: 82, idleDegC: 38, pressureMPa: 0.31, flow: 65 },
  pump: { profile: 'hvac', setpoint: 0.32, idleDegC: 22, pressureMPa: 0.36, flow: 210 },
} as const;

/** A machine of the plant room: it runs when its load says so. */
export function equipmentGroups(deviceId: string, model: EquipmentModel, world: World): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const plant = plants[model.equipment];
  const curve = world.loadCurve({ key, profile: plant.profile, peak: model.ratedKw });
  const read = (timeMs: number): Values => {
    const fault = faultAt(key, 'equipment-fault', timeMs) !== null;
    const load = curve.rate(timeMs) / model.ratedKw;
    const running = !fault && load > 0.06;
    const share = running ? load : 0;
    const reach = plant.idleDegC + (plant.setpoint - plant.idleDegC) * Math.min(1, 0.4 + share);
    const isPump = model.equipment === 'pump';
    return {
      running,
      fault,
      power: digits(share * model.ratedKw, 2),
      pressure: digits(
        plant.pressureMPa * (running ? 1 : 0.4) + 0.008 * noise(mix(key, 91), timeMs, 60_000),
        3,
      ),
      flow: digits(running ? plant.flow * (0.5 + 0.5 * load) : 0, 1),
      ...(isPump
        ? { frequency: running ? digits(28 + 20 * share, 1) : 0 }
        : {
            setpoint: plant.setpoint,
            temperature: digits(
              (running ? reach : plant.idleDegC) + 0.4 * noise(mix(key, 92), timeMs, 4 * minuteMs),
              1,
            ),
          }),
    };
  };
  const hours = world.loadCurve({ key: mix(key, 93), profile: plant.profile, peak: 0.9 });
  const base = 2_000 + 9_000 * unit(key, 94);
  return [
    { everyMs: 10_000, backfillEveryMs: null, read },
    {
      everyMs: minuteMs,
      backfillEveryMs: null,
      read: (timeMs) => ({ run_hours: Math.floor((base + hours.total(timeMs)) * 10 + 1e-6) / 10 }),
    },
  ];
}
