import { collectDefaultMetrics, Registry, type Gauge } from 'prom-client';

/** Figures of one process for Prometheus; names begin with `parkwatch_` and say their unit, e.g. `_total`, `_seconds`. */
export type Metrics = Registry;

/** A registry of its own, never the library's global one; with the figures of the process when asked. */
export function createMetrics(options: { process: boolean }): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry, prefix: 'parkwatch_' });
  return registry;
}

/**
 * Registers gauges that are set together: one reading of the store for all of them, since the registry asks them side by
 * side. While `set` fails they are left out, and the others are told all the same.
 * @param set gauges are empty when it is called
 */
export function registerTogether(metrics: Metrics, gauges: readonly Gauge[], set: () => Promise<void>): void {
  const clear = () => {
    for (const one of gauges) one.reset();
  };
  let running: Promise<void> | null = null;
  const collect = () => {
    if (running !== null) return running;
    clear();
    running = set()
      .catch(clear)
      .finally(() => {
        running = null;
      });
    return running;
  };
  for (const one of gauges) {
    Object.assign(one, { collect });
    metrics.registerMetric(one);
  }
}
