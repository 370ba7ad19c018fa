import { convert, readUnit, type UnitName } from '#schemas/units.ts';
import type { DeviceClassSummary } from '../../app/api.ts';

/** What a variable of a server probably is, by its name, its unit and the class of the device. Pure; a person decides. */

export interface Candidate {
  readonly nodeId: string;
  readonly name: string;
  /** Names of the objects above, the outermost first. */
  readonly path: readonly string[];
  readonly dataType: string | null;
  readonly value: string | null;
  /** In the server's own words. */
  readonly unit: string | null;
}

type Metrics = DeviceClassSummary['metrics'];

/** Short forms that machines use. */
const longForms: Readonly<Record<string, string>> = {
  temp: 'temperature',
  tmp: 'temperature',
  hum: 'humidity',
  press: 'pressure',
  freq: 'frequency',
  pwr: 'power',
  lvl: 'level',
  spd: 'speed',
  run: 'running',
  alm: 'fault',
  alarm: 'fault',
  flt: 'fault',
  sp: 'setpoint',
  hrs: 'hours',
  dir: 'direction',
  cnt: 'count',
};

/** `TempOut-1` and `temp_out_1` are the same words. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => longForms[word] ?? word);
}

/** The unit that has to be configured: undefined where the server's is the metric's already, or is not known. */
export function unitFor(told: string | null, metricUnit: string): string | undefined {
  const unit = told === null ? null : readUnit(told);
  return unit === null || unit === metricUnit || !fits(unit, metricUnit) ? undefined : unit;
}

/** Whether a unit that the server tells rules the metric out. */
export function fits(unit: string, metricUnit: string): boolean {
  return metricUnit !== '' && convert(0, unit, metricUnit as UnitName) !== null;
}

/** The metric that a variable is, of those that no other variable of the device has; null when nothing speaks for one. */
export function guessMetric(
  { name, unit: told, dataType }: Candidate,
  metrics: Metrics,
  taken: ReadonlySet<string>,
): string | null {
  const unit = told === null ? null : readUnit(told);
  const isSwitch = dataType === 'Boolean' || dataType === 'String';
  const possible = Object.entries(metrics).filter(([metric, { unit: metricUnit, states }]) => {
    if (taken.has(metric)) return false;
    if (isSwitch) return (states?.length ?? 0) > 0;
    return unit === null || fits(unit, metricUnit);
  });
  const words = wordsOf(name);
  const joined = words.join('_');
  const sameName = possible.find(
    ([metric, { name: names }]) =>
      metric === joined || names.zh === name || wordsOf(names.en).join('_') === joined,
  );
  if (sameName !== undefined) return sameName[0];
  const inName = possible
    .filter(([metric]) => metric.split('_').every((word) => words.includes(word)))
    .toSorted(([a], [b]) => b.length - a.length)[0];
  if (inName !== undefined) return inName[0];
  const [onlyOne, another] = unit === null ? [] : possible;
  return onlyOne !== undefined && another === undefined ? onlyOne[0] : null;
}

/** The innermost object above that is called as a device is: by its id or its name. */
export function guessDevice<Device extends { readonly id: string; readonly name: string }>(
  path: readonly string[],
  devices: readonly Device[],
): Device | null {
  for (const above of path.toReversed()) {
    const wanted = above.trim().toLowerCase();
    const found = devices.find(
      ({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted,
    );
    if (found !== undefined) return found;
  }
  return null;
}
