import type { Curve } from './curves.ts';
import { faultAt } from './faults.ts';
import type { Model } from './plan.ts';
import { digits, mix, unit } from './random.ts';
import type { ReadingGroup, Values, World } from './world.ts';

type ElevatorModel = Extract<Model, { kind: 'elevator' }>;

/** A car makes at most one trip a minute; a slot is that minute. */
const slotMs = 60_000;
/** How far back the last trip is looked for; a car that rests longer has gone home. */
const mostRestSlots = 240;
const floorHeightM = 3.9;
const averageTripS = 27;
const doorMs = 2_000;
const holdMs = 8_000;

/** Where a car is and what it does. */
interface Car {
  readonly floor: number;
  readonly direction: 'idle' | 'up' | 'down';
  readonly door: 'closed' | 'open' | 'opening' | 'closing';
  readonly speedMs: number;
  readonly loadKg: number;
}

export function elevatorGroups(deviceId: string, model: ElevatorModel, world: World): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const planned = world.plan.devices.find(({ id }) => id === deviceId);
  const ratedSpeed = Number(planned?.attributes['ratedSpeedMs'] ?? 1);
  const trips = world.loadCurve({ key: mix(key, 41), profile: 'traffic', peak: model.tripsPerHour });
  const carAt = carMotion({ key, model, trips, ratedSpeed });
  const state = (timeMs: number): Values => {
    const trapped = faultAt(key, 'entrapment', timeMs);
    const inspected = faultAt(key, 'inspection', timeMs);
    const stopped = trapped ?? inspected;
    const car = carAt(stopped?.fromMs ?? timeMs);
    const direction = stopped === null ? car.direction : 'idle';
    const loadKg = stopped === null ? car.loadKg : trapped === null ? 0 : 150;
    const mode = trapped === null ? (inspected === null ? 'normal' : 'inspection') : 'fault';
    return {
      mode,
      floor: car.floor,
      direction,
      running: direction !== 'idle',
      // Whoever is trapped stands between two floors.
      door_zone: trapped === null && direction === 'idle',
      passenger_present: loadKg > 0,
      door: stopped === null ? car.door : trapped === null ? 'open' : 'closed',
      speed: stopped === null ? digits(car.speedMs, 2) : 0,
      load: loadKg,
      entrapment: trapped !== null,
      fault: trapped === null ? 'none' : 'stopped_off_floor',
      fault_code: trapped === null ? 0 : 501,
    };
  };
  const base = Math.floor(40_000 + 400_000 * unit(key, 42));
  const counted = (timeMs: number): Values => ({
    run_count: base + Math.floor(trips.total(timeMs) + 1e-6),
    run_hours: Math.floor((((base + trips.total(timeMs)) * averageTripS) / 3600) * 10) / 10,
  });
  return [
    { everyMs: 3_000, backfillEveryMs: null, read: state },
    { everyMs: slotMs, backfillEveryMs: null, read: counted },
  ];
}

interface MotionOptions {
  readonly key: number;
  readonly model: ElevatorModel;
  readonly trips: Curve;
  readonly ratedSpeed: number;
}

/** The run counter says in which minutes the car travels; the minute's own randomness says where to. */
function carMotion({ key, model, trips, ratedSpeed }: MotionOptions): (timeMs: number) => Car {
  const travels = (slot: number): boolean =>
    Math.floor(trips.total((slot + 1) * slotMs) + 1e-6) > Math.floor(trips.total(slot * slotMs) + 1e-6);
  const home = 1;
  const floors = model.highest - model.lowest + (model.lowest < 0 ? 0 : 1);
  const target = (slot: number): number => {
    // Half of the trips begin or end in the lobby.
    if (unit(key, slot * 4) < 0.45) return home;
    const index = Math.floor(unit(key, slot * 4 + 1) * floors);
    return model.lowest < 0 && model.lowest + index >= 0 ? model.lowest + index + 1 : model.lowest + index;
  };
  const restingBefore = (slot: number): number => {
    for (let earlier = slot - 1; earlier >= slot - mostRestSlots; earlier--) {
      if (travels(earlier)) return target(earlier);
    }
    return home;
  };
  return (timeMs) => {
    const slot = Math.floor(timeMs / slotMs);
    const from = restingBefore(slot);
    const resting: Car = { floor: from, direction: 'idle', door: 'closed', speedMs: 0, loadKg: 0 };
    const to = target(slot);
    if (!travels(slot) || from === to) return resting;
    const startMs = slot * slotMs + Math.floor(unit(key, slot * 4 + 2) * 5_000);
    const travelMs = ((Math.abs(to - from) * floorHeightM) / ratedSpeed) * 1000 + 1500;
    const phaseMs = timeMs - startMs;
    const direction = to > from ? 'up' : 'down';
    const loadKg = Math.round((0.08 + 0.5 * unit(key, slot * 4 + 3)) * 800);
    if (phaseMs < 0) return resting;
    if (phaseMs < doorMs) return { ...resting, direction, door: 'closing', loadKg };
    if (phaseMs < doorMs + travelMs) {
      const part = (phaseMs - doorMs) / travelMs;
      const floor = skipZero(from, Math.round(from + (to - from) * part));
      const speedMs = (direction === 'up' ? 1 : -1) * ratedSpeed * Math.min(1, 4 * part, 4 * (1 - part));
      return { floor, direction, door: 'closed', speedMs, loadKg };
    }
    const arrivedMs = phaseMs - doorMs - travelMs;
    const arrived: Car = { ...resting, floor: to };
    if (arrivedMs < doorMs) return { ...arrived, door: 'opening', loadKg };
    if (arrivedMs < doorMs + holdMs) return { ...arrived, door: 'open', loadKg: Math.round(loadKg / 3) };
    return arrivedMs < 2 * doorMs + holdMs ? { ...arrived, door: 'closing' } : arrived;
  };
}

/** Floors are numbered … -1, 1 …; a car between them is shown at the one it left. */
function skipZero(from: number, floor: number): number {
  if (floor !== 0) return floor;
  return from < 0 ? -1 : 1;
}
