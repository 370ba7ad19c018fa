import type { DeviceClassInput, MetricInput, Severity } from '../device-class.ts';
import type { UnitName } from '../units.ts';

/** Chinese first, English second, as everywhere in the product. */
export type Names = readonly [zh: string, en: string];

interface NumberOptions {
  readonly min?: number;
  readonly max?: number;
  readonly decimals: number;
  /** Expected interval, s; {@link defaultIntervalS} when absent. */
  readonly everyS?: number;
  readonly required?: boolean;
  readonly mean?: 'arithmetic' | 'energy' | 'circular';
}

interface CounterOptions extends NumberOptions {
  readonly resolution: number;
  readonly modulus?: number;
  readonly modulusAttribute?: string;
  readonly rateAttribute?: string;
  readonly maxRatePerHour?: number;
}

interface StateOptions {
  /** In the order of their codes, from 0; new ones are only ever appended. */
  readonly states: Readonly<Record<string, Names>>;
  readonly abnormal?: Readonly<Record<string, Severity>>;
  readonly everyS?: number;
  readonly required?: boolean;
}

interface FlagOptions {
  readonly off: Names;
  readonly on: Names;
  /** Severity of `on`, for flags that report something wrong. */
  readonly abnormalOn?: Severity;
  /** Severity of `off`, for flags that report that all is well. */
  readonly abnormalOff?: Severity;
  readonly everyS?: number;
  readonly required?: boolean;
}

/** Most of the field reports once a minute. */
const defaultIntervalS = 60;

const bilingual = ([zh, en]: Names): { zh: string; en: string } => ({ zh, en });

/** Marks a plain object as the definition of a device class; nothing is parsed here. */
export function defineDeviceClass(definition: DeviceClassInput): DeviceClassInput {
  return definition;
}

/** A momentary quantity. */
export function gauge(names: Names, unit: UnitName, options: NumberOptions): MetricInput {
  const { everyS = defaultIntervalS, ...rest } = options;
  return { kind: 'gauge', name: bilingual(names), unit, expectedIntervalS: everyS, ...rest };
}

/** A cumulative register. */
export function counter(names: Names, unit: UnitName, options: CounterOptions): MetricInput {
  const { everyS = defaultIntervalS, ...rest } = options;
  return { kind: 'counter', name: bilingual(names), unit, expectedIntervalS: everyS, ...rest };
}

/** An enumerated state. */
export function state(names: Names, options: StateOptions): MetricInput {
  const { everyS = defaultIntervalS, states, abnormal, required } = options;
  return {
    kind: 'state',
    name: bilingual(names),
    states: Object.entries(states).map(([key, stateNames]) => ({ key, name: bilingual(stateNames) })),
    ...(abnormal === undefined ? {} : { abnormal: { ...abnormal } }),
    expectedIntervalS: everyS,
    decimals: 0,
    ...(required === undefined ? {} : { required }),
  };
}

/** A boolean: the states `off` (0, false) and `on` (1, true), named for what they mean here. */
export function flag(names: Names, options: FlagOptions): MetricInput {
  const { off, on, abnormalOn, abnormalOff, ...rest } = options;
  const abnormal: Record<string, Severity> = {};
  if (abnormalOff !== undefined) abnormal['off'] = abnormalOff;
  if (abnormalOn !== undefined) abnormal['on'] = abnormalOn;
  return state(names, { states: { off, on }, abnormal, ...rest });
}

/** Days until a date that the registry knows, or that an event has told since; told by the system once a day. */
export function dueIn(
  names: Names,
  due: { readonly attribute: string; readonly event?: string },
): MetricInput {
  // A date of a century ago or ahead is a slip of the pen.
  const range = { min: -36_525, max: 36_525, decimals: 0, everyS: 86_400 };
  return { ...gauge(names, 'd', range), due };
}

/** A type of events: what it means, and how bad it is where it is bad. */
export function happening(
  names: Names,
  severity?: Severity,
): { name: { zh: string; en: string }; severity?: Severity } {
  return { name: bilingual(names), ...(severity === undefined ? {} : { severity }) };
}

/** Whether the device answers; the same everywhere. */
export function onlineFlag(
  options: { readonly required?: boolean; readonly abnormalOff?: Severity } = {},
): MetricInput {
  return flag(['在线', 'Online'], {
    off: ['离线', 'Offline'],
    on: ['在线', 'Online'],
    abnormalOff: 'high',
    ...options,
  });
}

/** Whether the device reports a fault of its own. */
export function faultFlag(severity: Severity = 'medium'): MetricInput {
  return flag(['故障', 'Fault'], {
    off: ['无故障', 'No fault'],
    on: ['故障', 'Fault'],
    abnormalOn: severity,
  });
}
