import type { DeviceClassSummary } from './api.ts';

export type Metric = DeviceClassSummary['metrics'][string];

/** The part that all of them have alike; undefined where they differ or there is none. */
function common<T>(metrics: readonly Metric[], part: (metric: Metric) => T): T | undefined {
  const [first, ...others] = metrics.map(part);
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined;
}

/**
 * What a metric is called and measured in: by the class that is meant; where none is named, what the classes that have
 * it agree on. Its id stands for a name that is not known.
 */
export function metricOf(
  classes: readonly DeviceClassSummary[],
  { metric, deviceClass }: { metric: string; deviceClass?: string },
): Metric {
  const meant = classes.filter(({ id }) => deviceClass === undefined || id === deviceClass);
  const known = meant.flatMap(({ metrics }) => metrics[metric] ?? []);
  return {
    name: common(known, ({ name }) => name) ?? { zh: metric, en: metric },
    unit: common(known, ({ unit }) => unit) ?? '',
    states: common(known, ({ states }) => states) ?? [],
  };
}
