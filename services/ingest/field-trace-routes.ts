import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { fieldTraceAnswer } from '#schemas/api/ingest.ts';
import { idSchema } from '#schemas/ids.ts';
import { maskPersonalText } from '#schemas/personal.ts';
import { engineers } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { shownBytes } from './sources.ts';
import { readDeviceSequences } from './store-sequences.ts';
import type { Traffic } from './traffic.ts';

export interface FieldTraceDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Null where this process reads no field. */
  readonly traffic: Pick<Traffic, 'of'> | null;
}

/** GET /devices/{id}/field-trace: what a device really sends, for whoever connects it. */
export function fieldTraceRoute(api: Api, deps: FieldTraceDeps): void {
  api.get(
    '/devices/:id/field-trace',
    {
      config: { access: engineers },
      schema: {
        summary: 'The last packets of a device as they came in, and what is missing of its numbering',
        tags: ['ingest'],
        params: z.object({ id: idSchema }),
        response: { 200: fieldTraceAnswer },
      },
    },
    async ({ params: { id } }) => {
      const entries = deps.traffic?.of(id) ?? null;
      return {
        packets:
          entries?.map(({ atMs, bytes, ...entry }) => ({
            ...entry,
            at: new Date(atMs).toISOString(),
            // Whoever looks for a wrong unit need not know who went through the door.
            payload: maskPersonalText(shownBytes(bytes)),
          })) ?? null,
        sequences: await readDeviceSequences(deps.db, id, deps.clock.nowMs()),
      };
    },
  );
}
