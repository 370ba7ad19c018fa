import { collectDefaultMetrics, Registry } from 'prom-client';

/** Figures of one process for Prometheus; names begin with `parkwatch_` and say their unit, e.g. `_total`, `_seconds`. */
export type Metrics = Registry;

/** A registry of its own, never the library's global one; with the figures of the process when asked. */
export function createMetrics(options: { process: boolean }): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry, prefix: 'parkwatch_' });
  return registry;
}
