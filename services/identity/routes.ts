import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import {
  identityPatch,
  identityPolicySchema,
  pseudonymAnswer,
  pseudonymBody,
} from '#schemas/api/identity.ts';
import { admins, engineers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { identityKey } from './guard.ts';
import { pseudonymOf } from './protect.ts';
import { readPolicy, writePolicy } from './store.ts';

/** Trying whole lists of cards would undo what pseudonyms are for. */
const rateLimit = { max: 10, timeWindow: 60_000 } as const;
const tags = ['privacy'];

/** What becomes of the identity of people. */
export function identityRoutes(
  api: Api,
  { db, box }: { readonly db: Database; readonly box: SecretBox },
): void {
  api.get(
    '/identity-policy',
    {
      config: { access: engineers },
      schema: {
        summary: 'What becomes of card numbers, names and plates before they are stored',
        tags,
        response: { 200: identityPolicySchema },
      },
    },
    () => readPolicy(db),
  );
  api.patch(
    '/identity-policy',
    {
      config: { access: admins },
      schema: {
        summary: 'Change it, for what comes from now on; what is stored stays until its time is over',
        tags,
        body: identityPatch,
        response: { 200: identityPolicySchema },
      },
    },
    async (request) => {
      const { actor } = principalOf(request);
      return transaction(db, async (client) => {
        const before = await readPolicy(client);
        const { mode = before.mode, keepDays = before.keepDays } = request.body;
        const after = { mode, keepDays };
        await writePolicy(client, after);
        const entry = { actor, action: 'identity-policy.change', object: 'park', address: request.ip };
        await appendAudit(client, { ...entry, before, after });
        return after;
      });
    },
  );
  api.post(
    '/identity-policy/pseudonym',
    {
      config: { access: admins, rateLimit },
      schema: {
        summary:
          'Under which pseudonym events of somebody stand, e.g. of a lost card; audited, without the value',
        tags,
        body: pseudonymBody,
        response: { 200: pseudonymAnswer },
      },
    },
    async (request) => {
      const { actor } = principalOf(request);
      const { value, reason } = request.body;
      const pseudonym = pseudonymOf(identityKey(box), value);
      const entry = { actor, action: 'identity.pseudonym', object: pseudonym, address: request.ip };
      await appendAudit(db, { ...entry, reason });
      return { pseudonym };
    },
  );
}
