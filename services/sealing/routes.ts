import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { headSchema } from '#schemas/api/assessment.ts';
import type { Api } from '#services/api/plugin.ts';
import type { Signer } from './signing.ts';
import { readHeads } from './store.ts';

/** GET /evidence/heads: public, so that anybody can witness where the journals stand. */
export function sealingRoutes(api: Api, deps: { db: Database; clock: Clock; signer: Signer }): void {
  const { db, clock, signer } = deps;
  api.get(
    '/evidence/heads',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Signed heads of the sealed journals',
        tags: ['evidence'],
        response: { 200: z.object({ publicKey: z.string(), items: z.array(headSchema) }) },
      },
    },
    async () => ({
      publicKey: signer.publicKey,
      items: (await readHeads(db)).map((head) => signer.signHead(head, clock.nowMs())),
    }),
  );
}
