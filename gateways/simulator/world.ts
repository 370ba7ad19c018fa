import { createCalendar } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { createCurve, sumOfCurves } from './curves.ts';
import type { Curve, Load } from './curves.ts';
import type { Metered, ParkPlan, PlannedDevice } from './plan.ts';
import { mix, textKey } from './random.ts';
import { createWeather } from './weather.ts';
import type { Weather } from './weather.ts';

/** What every model may look at: the plan, the calendar, the weather, and what flows where. */
export interface World {
  readonly plan: ParkPlan;
  readonly calendar: Calendar;
  readonly weather: Weather;
  /** The device's own randomness. */
  keyOf(deviceId: string): number;
  /** The flow through a meter. @throws when the plan has no such meter */
  meterCurve(deviceId: string): Curve;
  loadCurve(load: Load): Curve;
}

/** A value as a field device sends it: a number, a boolean, or the name of a state. */
export type FieldValue = number | boolean | string;
export type Values = Readonly<Record<string, FieldValue>>;

/** Metrics that a device sends together. */
export interface ReadingGroup {
  readonly everyMs: number;
  /** How often the device's buffer kept them before we first listened; null: it kept none. */
  readonly backfillEveryMs: number | null;
  /** The values at a time; those that the device could not measure are absent. */
  read(timeMs: number): Values;
}

export interface HappeningEvent {
  readonly type: string;
  readonly id: string;
  readonly data: Readonly<Record<string, FieldValue>>;
}

/** Something that is sent when it happens, not by the clock. */
export interface Happening {
  readonly timeMs: number;
  readonly values?: Values;
  readonly event?: HappeningEvent;
}

/** Closed-open, epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Sampler {
  readonly device: PlannedDevice;
  readonly groups: readonly ReadingGroup[];
  /** In time order. */
  happenings(span: Span): readonly Happening[];
}

export function createWorld(plan: ParkPlan, timeZone: string): World {
  const calendar = createCalendar(timeZone);
  const weather = createWeather(plan.seed, calendar);
  const keyOf = (deviceId: string): number => mix(textKey(deviceId), plan.seed);
  const loadCurve = (load: Load): Curve => createCurve(load, calendar, weather);
  const metered = new Map<string, Metered>(
    plan.devices.flatMap(({ id, model }) => ('metered' in model ? [[id, model.metered] as const] : [])),
  );
  const made = new Map<string, Curve>();
  const meterCurve = (deviceId: string): Curve => {
    const found = made.get(deviceId);
    if (found !== undefined) return found;
    const what = metered.get(deviceId);
    if (what === undefined) throw new Error(`The simulated park has no meter ${deviceId}.`);
    const curve =
      'load' in what
        ? loadCurve({ ...what.load, key: keyOf(deviceId) })
        : sumOfCurves(what.sumOf.map(meterCurve), what.lossFactor);
    made.set(deviceId, curve);
    return curve;
  };
  return { plan, calendar, weather, keyOf, meterCurve, loadCurve };
}
