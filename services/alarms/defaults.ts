import type { Database } from '#infra/postgres.ts';
import { transaction } from '#infra/postgres.ts';
import { defaultRules } from './default-rules.ts';
import { insertRule, lockRules, ruleCount } from './rule-store.ts';

/**
 * Inserts the default rules into a park that never had a rule.
 * @returns how many were inserted
 */
export function insertDefaultRules(db: Database): Promise<number> {
  return transaction(db, async (client) => {
    await lockRules(client);
    if ((await ruleCount(client)) > 0) return 0;
    for (const body of defaultRules) {
      await insertRule(client, { body, version: 1, author: 'system', reason: 'default rule' });
    }
    return defaultRules.length;
  });
}
