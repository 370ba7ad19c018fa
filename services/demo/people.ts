import type { Clock } from '#infra/clock.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { addUser, newOneTime } from '#services/people/accounts.ts';
import { findUserByName, updateUser } from '#services/people/store.ts';

/**
 * The two people of the demo: one writes, the other decides. Their accounts are disabled from the moment they exist and
 * nobody was ever told their passwords, so they stand for a name and open no door.
 */
export const demoAuthor = 'demo-author';
export const demoApprover = 'demo-approver';

const displayNames = { [demoAuthor]: '示例·资料员', [demoApprover]: '示例·复核人' } as const;

export interface DemoPerson {
  readonly userId: string;
  readonly actor: string;
  readonly address: string;
}

/** Where they work from: the program itself. */
const address = 'demo';

/** The two, made where they are missing. */
export async function demoPeople(ground: {
  readonly db: Database;
  readonly clock: Clock;
}): Promise<{ readonly author: DemoPerson; readonly approver: DemoPerson }> {
  return { author: await person(ground, demoAuthor), approver: await person(ground, demoApprover) };
}

async function person(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  username: keyof typeof displayNames,
): Promise<DemoPerson> {
  const known = await findUserByName(db, username);
  if (known !== undefined) return { userId: known.id, actor: username, address };
  const oneTime = await newOneTime(clock);
  const userId = await transaction(db, async (client) => {
    const doing = { db, clock, actor: 'system' };
    const displayName = displayNames[username];
    const wanted = { username, displayName, role: 'engineer' as const, expiresAt: null, oneTime };
    const { id } = await addUser(client, doing, wanted);
    await updateUser(client, id, { displayName, role: 'engineer', disabled: true, expiresAt: null });
    return id;
  });
  return { userId, actor: username, address };
}
