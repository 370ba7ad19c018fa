import { dayMs, isWorkday, yearFraction } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { levelAt, profiles } from './profiles.ts';
import type { ProfileName } from './profiles.ts';
import { mix, noise } from './random.ts';
import type { Weather } from './weather.ts';

/**
 * A quantity that flows (kW, m3/h, trips per hour) and the register that it drives, as functions of time alone: the
 * register is the exact integral of the rate, so it never goes back, whoever asks, whenever, after any restart.
 */
export interface Curve {
  /** Per hour. */
  rate(timeMs: number): number;
  /** Since the beginning of {@link epochDay}. */
  total(timeMs: number): number;
}

export interface Load {
  readonly key: number;
  readonly profile: ProfileName;
  /** Rate at level 1, per hour. */
  readonly peak: number;
}

/** 2024-01-01: registers were zeroed then; before it they stand still. */
export const epochDay = 19_723;

/** Nodes of a day's shape; between them the rate runs straight. */
const nodes = 96;

interface DayShape {
  readonly day: number;
  /** Rate at each of the nodes 0..96. */
  readonly rates: readonly number[];
  /** Integral from the start of the day to each node, in rate x hours of a day of 24. */
  readonly sums: readonly number[];
}

/** Mean level of a profile on one kind of day: what a day's integral is made of. */
function meanLevel(levels: readonly number[]): number {
  return levels.reduce((sum, level) => sum + level, 0) / levels.length;
}

export function createCurve(load: Load, calendar: Calendar, weather: Weather): Curve {
  const profile = profiles[load.profile];
  const means = { workday: meanLevel(profile.workday), restday: meanLevel(profile.restday) };
  const dayTotals: number[] = [0];
  let recent: DayShape[] = [];

  const kindOf = (day: number) => (isWorkday(day) ? 'workday' : 'restday');
  const factor = (day: number): number =>
    (1 + 0.07 * noise(mix(load.key, 1), day + 0.5, 1)) * weatherFactor(profile.weather, day, weather);
  const dayTotal = (day: number): number => load.peak * factor(day) * means[kindOf(day)] * 24;
  /** Sum of the whole days from the epoch to the start of `day`, always added in the same order. */
  const before = (day: number): number => {
    for (let next = dayTotals.length; next <= day - epochDay; next++) {
      dayTotals.push((dayTotals[next - 1] ?? 0) + dayTotal(epochDay + next - 1));
    }
    return dayTotals[Math.max(0, day - epochDay)] ?? 0;
  };

  const shapeOf = (day: number): DayShape => {
    const found = recent.find((shape) => shape.day === day);
    if (found !== undefined) return found;
    const levels = profile[kindOf(day)];
    const raw = Array.from({ length: nodes + 1 }, (_, node) => {
      const wobble = 1 + 0.14 * noise(mix(load.key, 2), day * nodes + node, 3);
      return levelAt(levels, node / nodes) * wobble;
    });
    const shape = scaled(day, raw, dayTotal(day));
    recent = [shape, ...recent].slice(0, 3);
    return shape;
  };

  const place = (timeMs: number) => {
    const { day, startMs, endMs } = calendar.dayOf(timeMs);
    const position = ((timeMs - startMs) / (endMs - startMs)) * nodes;
    const node = Math.min(nodes - 1, Math.floor(position));
    return { day, node, part: position - node, lengthMs: endMs - startMs };
  };
  return {
    rate: (timeMs) => {
      const { day, node, part, lengthMs } = place(timeMs);
      if (day < epochDay) return 0;
      const { rates } = shapeOf(day);
      const from = rates[node] ?? 0;
      return ((from + ((rates[node + 1] ?? 0) - from) * part) * dayMs) / lengthMs;
    },
    total: (timeMs) => {
      const { day, node, part } = place(timeMs);
      if (day < epochDay) return 0;
      const { rates, sums } = shapeOf(day);
      const from = rates[node] ?? 0;
      const slope = (rates[node + 1] ?? 0) - from;
      const inNode = (from * part + (slope * part * part) / 2) * (24 / nodes);
      return before(day) + (sums[node] ?? 0) + inNode;
    },
  };
}

/** Brings a day's shape to its total. */
function scaled(day: number, raw: readonly number[], total: number): DayShape {
  const areas = raw.slice(1).map((to, node) => (((raw[node] ?? 0) + to) / 2) * (24 / nodes));
  const area = areas.reduce((sum, part) => sum + part, 0);
  const scale = area === 0 ? 0 : total / area;
  const sums = [0];
  for (const part of areas) sums.push((sums.at(-1) ?? 0) + part * scale);
  return { day, rates: raw.map((rate) => rate * scale), sums };
}

function weatherFactor(kind: string, day: number, weather: Weather): number {
  const mean = weather.dayMeanDegC(day);
  const cooling = Math.min(1, Math.max(0, mean - 19) / 9);
  const heating = Math.min(1, Math.max(0, 15 - mean) / 12);
  if (kind === 'climate') return 0.12 + 0.88 * Math.max(cooling, 0.7 * heating);
  if (kind === 'cooling') return 0.04 + 0.96 * cooling;
  if (kind === 'heating') return 0.1 + 0.9 * heating;
  if (kind === 'dry') return 0.3 + 0.7 * Math.max(0, Math.sin(Math.PI * yearFraction(day)));
  return 1;
}

/** A main meter behind which the others hang: their sum, and the losses between. */
export function sumOfCurves(parts: readonly Curve[], lossFactor: number): Curve {
  return {
    rate: (timeMs) => lossFactor * parts.reduce((sum, part) => sum + part.rate(timeMs), 0),
    total: (timeMs) => lossFactor * parts.reduce((sum, part) => sum + part.total(timeMs), 0),
  };
}

/**
 * What a register shows: cut to its last digit, wrapped at its modulus. A float sum may fall short of a round figure
 * by less than a millionth of the digit, which is lifted over it.
 */
export function registerReading(
  total: number,
  register: { readonly base: number; readonly resolution: number; readonly modulus: number },
): number {
  const counts = Math.floor((register.base + total) / register.resolution + 1e-6);
  const decimals = Math.max(0, Math.round(-Math.log10(register.resolution)));
  return Number(((counts * register.resolution) % register.modulus).toFixed(decimals));
}
