import { Gauge } from 'prom-client';
import { registerTogether, type Metrics } from '#infra/metrics.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { OpcuaFigures } from '#schemas/api/opcua.ts';
import { readGatewayStates } from '#services/ingest/store-gateways.ts';

const help: Readonly<Record<string, readonly [string, (figures: OpcuaFigures) => number]>> = {
  nodes: ['Nodes that a server is asked to report', ({ nodes }) => nodes],
  nodes_refused: ['Nodes among them that it refuses', ({ refusedNodes }) => refusedNodes],
  values_per_second: ['Values that came, over the last 10 s', ({ valuesPerSecond }) => valuesPerSecond],
  values_waiting: ['Values that wait for the store', ({ valuesWaiting }) => valuesWaiting],
  values_lost: ['Values that found no room while the store was away', ({ valuesLost }) => valuesLost],
  overflows: ["Values marked with the server's overflow bit", ({ overflows }) => overflows],
  conditions_active: ['Conditions of the server that are active', (of) => of.conditions?.active ?? 0],
};

/** What the gateways of all OPC UA servers tell, whichever process they run in. */
export function registerOpcuaMetrics(metrics: Metrics, db: Queryable): void {
  const gauges = Object.entries(help).map(([name, [text, valueOf]]) => ({
    gauge: new Gauge({ name: `parkwatch_opcua_${name}`, help: text, labelNames: ['source'], registers: [] }),
    valueOf,
  }));
  registerTogether(
    metrics,
    gauges.map(({ gauge }) => gauge),
    async () => {
      for (const { source, figures, isFresh } of await readGatewayStates(db)) {
        if (figures === null || !isFresh) continue;
        for (const { gauge, valueOf } of gauges) gauge.set({ source }, valueOf(figures));
      }
    },
  );
}
