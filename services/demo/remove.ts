import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import { withdraw } from '#services/claims/claims.ts';
import { kindOf, withdrawRecord } from '#services/registers/registers.ts';
import { standingClaims, standingRecords, type StandingRecord } from './store.ts';

/** Read at a time. */
const atOnce = 500;
const reason = '示例数据移除 / demo data removed';

/**
 * Takes every record and claim that is marked `simulated` out of lists and measures. What was written stays readable in the
 * history, like everything that is withdrawn, and none of it comes again.
 * @returns how many were taken; `left` are records that others of the park refer to
 */
export async function removeDemo(
  ground: { readonly db: Database; readonly clock: Clock },
  actor: string,
): Promise<{ readonly records: number; readonly claims: number; readonly left: number }> {
  const person = { userId: actor, actor, address: 'command line' };
  const claims = await standingClaims(ground.db, atOnce);
  for (const id of claims) await withdraw(ground, { id, reason }, person);
  let records = 0;
  for (;;) {
    const standing = await standingRecords(ground.db, atOnce);
    let taken = 0;
    for (const record of standing) taken += (await take(ground, record, actor)) ? 1 : 0;
    records += taken;
    // What another one referred to goes in the next round; what somebody else refers to stays.
    if (taken === 0) return { records, claims: claims.length, left: standing.length };
  }
}

/** @returns false while another record refers to it */
async function take(
  ground: { readonly db: Database; readonly clock: Clock },
  { kind, code, version }: StandingRecord,
  actor: string,
): Promise<boolean> {
  try {
    await withdrawRecord(ground, kindOf(kind), { code, version, reason, editor: { actor } });
    return true;
  } catch (error) {
    if (error instanceof ParkError && error.code === 'in-use') return false;
    throw error;
  }
}
