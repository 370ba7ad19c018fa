import type { Database } from '#infra/postgres.ts';
import { transaction } from '#infra/postgres.ts';
import { defaultRules } from './default-rules.ts';
import { insertRule, lockRules } from './rule-store.ts';
import { differingFields } from './rule-difference.ts';
import { loadRules } from './state-store.ts';

/** Who wrote what nobody has touched. */
const author = 'system';

/**
 * Brings the rules that the program ships into a park: those that it does not have yet, and newer versions of those
 * that nobody has changed. What a person wrote stays, also where they only switched it off.
 * @returns how many were inserted and how many followed the program
 */
export function deliverDefaultRules(db: Database): Promise<{ inserted: number; updated: number }> {
  return transaction(db, async (client) => {
    await lockRules(client);
    const current = new Map((await loadRules(client)).map((rule) => [rule.body.id, rule]));
    let [inserted, updated] = [0, 0];
    for (const body of defaultRules) {
      const known = current.get(body.id);
      if (known === undefined) {
        await insertRule(client, { body, version: 1, author, reason: 'default rule' });
        inserted++;
      } else if (known.author === author && differingFields(known.body, body).length > 0) {
        const reason = 'default rule of a newer release';
        await insertRule(client, { body, version: known.version + 1, author, reason });
        updated++;
      }
    }
    return { inserted, updated };
  });
}
