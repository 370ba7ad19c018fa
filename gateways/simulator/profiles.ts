/**
 * Shapes of a day: 24 hourly levels from 0 to 1 of the load's peak, for working days and for the others. Between the
 * hours a level runs straight; the last hour runs into the first.
 */
interface Profile {
  readonly workday: readonly number[];
  readonly restday: readonly number[];
  /** How the day's level follows the weather. */
  readonly weather: 'none' | 'climate' | 'cooling' | 'heating' | 'dry';
}

const flat = (level: number): number[] => Array.from({ length: 24 }, () => level);

/** Levels by hour ranges: [first hour, level] until the next one. */
function steps(...changes: readonly (readonly [hour: number, level: number])[]): number[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const [, level] = changes.findLast(([from]) => from <= hour) ?? [0, 0];
    return level;
  });
}

const night = [0, 0.08] as const;

export const profiles = {
  lighting: {
    workday: steps(
      night,
      [7, 0.35],
      [8, 0.8],
      [9, 0.92],
      [12, 0.7],
      [14, 0.9],
      [18, 0.62],
      [20, 0.35],
      [22, 0.12],
    ),
    restday: steps(night, [8, 0.2], [10, 0.28], [17, 0.16], [20, 0.08]),
    weather: 'none',
  },
  sockets: {
    workday: steps(
      [0, 0.22],
      [7, 0.34],
      [8, 0.66],
      [9, 0.88],
      [12, 0.72],
      [14, 0.9],
      [18, 0.55],
      [20, 0.36],
      [22, 0.24],
    ),
    restday: steps([0, 0.2], [9, 0.3], [18, 0.22]),
    weather: 'none',
  },
  hvac: {
    workday: steps(
      [0, 0.06],
      [6, 0.25],
      [7, 0.75],
      [8, 0.95],
      [10, 0.82],
      [13, 0.92],
      [17, 0.7],
      [18, 0.35],
      [21, 0.12],
    ),
    restday: steps([0, 0.05], [9, 0.25], [17, 0.1]),
    weather: 'climate',
  },
  chiller: {
    workday: steps([0, 0.05], [6, 0.3], [7, 0.75], [9, 0.85], [12, 0.92], [17, 0.6], [19, 0.25], [22, 0.08]),
    restday: steps([0, 0.05], [9, 0.3], [18, 0.1]),
    weather: 'cooling',
  },
  boiler: {
    workday: steps([0, 0.2], [5, 0.7], [7, 0.95], [9, 0.7], [13, 0.6], [17, 0.45], [20, 0.25]),
    restday: steps([0, 0.2], [7, 0.4], [18, 0.25]),
    weather: 'heating',
  },
  traffic: {
    workday: steps(
      [0, 0.02],
      [7, 0.35],
      [8, 0.95],
      [9, 0.6],
      [10, 0.4],
      [12, 0.9],
      [13, 0.7],
      [14, 0.4],
      [17, 0.7],
      [18, 0.9],
      [19, 0.4],
      [21, 0.12],
      [23, 0.03],
    ),
    restday: steps([0, 0.02], [9, 0.14], [12, 0.2], [18, 0.12], [21, 0.03]),
    weather: 'none',
  },
  server: { workday: flat(0.82), restday: flat(0.78), weather: 'none' },
  workshop: {
    workday: steps([0, 0.1], [7, 0.4], [8, 0.9], [12, 0.35], [13, 0.95], [17, 0.7], [18, 0.4], [21, 0.12]),
    restday: steps([0, 0.08], [8, 0.35], [12, 0.1]),
    weather: 'none',
  },
  canteen: {
    workday: steps(
      [0, 0.12],
      [5, 0.4],
      [6, 0.8],
      [8, 0.3],
      [10, 0.85],
      [11, 0.95],
      [13, 0.3],
      [16, 0.7],
      [17, 0.85],
      [19, 0.2],
    ),
    restday: steps([0, 0.1], [7, 0.3], [10, 0.45], [13, 0.15], [17, 0.3], [19, 0.1]),
    weather: 'none',
  },
  street: {
    workday: steps([0, 0.55], [6, 0.3], [7, 0], [18, 0.5], [19, 1], [23, 0.6]),
    restday: steps([0, 0.55], [6, 0.3], [7, 0], [18, 0.5], [19, 1], [23, 0.6]),
    weather: 'none',
  },
  charging: {
    workday: steps([0, 0.25], [6, 0.1], [8, 0.5], [9, 0.85], [12, 0.6], [14, 0.7], [18, 0.4], [22, 0.3]),
    restday: steps([0, 0.2], [9, 0.3], [18, 0.25]),
    weather: 'none',
  },
  water: {
    workday: steps(
      [0, 0.03],
      [7, 0.4],
      [8, 0.7],
      [10, 0.6],
      [12, 0.9],
      [14, 0.6],
      [17, 0.5],
      [19, 0.2],
      [22, 0.06],
    ),
    restday: steps([0, 0.03], [9, 0.15], [18, 0.05]),
    weather: 'none',
  },
  irrigation: {
    workday: steps([0, 0], [5, 0.9], [7, 0], [19, 0.5], [20, 0]),
    restday: steps([0, 0], [5, 0.9], [7, 0], [19, 0.5], [20, 0]),
    weather: 'dry',
  },
} satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;

/** Level (0 to 1) of a profile at a fraction of the day (0 to 1). */
export function levelAt(levels: readonly number[], fraction: number): number {
  const position = fraction * 24;
  const hour = Math.floor(position) % 24;
  const from = levels[hour] ?? 0;
  const to = levels[(hour + 1) % 24] ?? 0;
  return from + (to - from) * (position - Math.floor(position));
}
