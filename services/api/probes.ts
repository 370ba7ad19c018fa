import { Histogram } from 'prom-client';
import { z } from 'zod';
import type { Metrics } from '#infra/metrics.ts';
import type { Api } from './plugin.ts';

/** What the process stands on; a state and nothing else, since anyone may ask. */
export interface Readiness {
  /** `none` in a box in the field, which has a spool instead. */
  readonly database: 'ok' | 'away' | 'none';
  /** `none` in a process without a broker. */
  readonly broker: 'ok' | 'away' | 'none';
  readonly dialect: 'plain' | 'timescale' | 'none';
  readonly spool?: 'ok' | 'filling' | 'full';
}

const readinessSchema = z.object({
  database: z.enum(['ok', 'away', 'none']),
  broker: z.enum(['ok', 'away', 'none']),
  dialect: z.enum(['plain', 'timescale', 'none']),
  spool: z.enum(['ok', 'filling', 'full']).optional(),
});

/** /healthz: the process answers. /readyz: what it needs answers too. /metrics: its figures. */
export function probeRoutes(
  api: Api,
  deps: { readiness: () => Promise<Readiness> | Readiness; metrics: Metrics },
): void {
  api.get(
    '/healthz',
    { config: { access: 'public' }, schema: { response: { 200: z.object({ status: z.literal('ok') }) } } },
    () => ({ status: 'ok' as const }),
  );
  api.get(
    '/readyz',
    { config: { access: 'public' }, schema: { response: { 200: readinessSchema, 503: readinessSchema } } },
    async (_request, reply) => {
      const readiness = await deps.readiness();
      // A spool is there for a broker that is away; only a full one takes nothing.
      const ready =
        readiness.spool === undefined
          ? readiness.database === 'ok' && readiness.broker !== 'away'
          : readiness.spool !== 'full';
      return reply.code(ready ? 200 : 503).send(readiness);
    },
  );
  api.get('/metrics', { config: { access: 'metrics' }, schema: { hide: true } }, async (_request, reply) => {
    const text = await deps.metrics.metrics();
    return reply.type(deps.metrics.contentType).send(text);
  });
}

/** From an answer out of memory to the slowest query that anybody waits for; seconds. */
const durationBuckets = [0.005, 0.02, 0.1, 0.5, 2, 10];

/** Counts requests and how long their answers took, by route (never by address: those are endless) and status. */
export function measureRequests(api: Api, metrics: Metrics): void {
  const duration = new Histogram({
    name: 'parkwatch_http_request_duration_seconds',
    help: 'How long requests took to answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: durationBuckets,
    registers: [metrics],
  });
  api.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
  });
}
