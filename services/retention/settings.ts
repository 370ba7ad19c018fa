import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import type { RawRetention } from '#schemas/api/retention.ts';
import { ParkError } from '#schemas/errors.ts';
import { goingOf, type Going } from '#schemas/raw-keep.ts';
import * as store from './keep-store.ts';

/** What somebody wants of a class. */
export interface KeepChange {
  readonly class: string;
  readonly days: number | null;
  readonly reason: string;
  readonly confirm: boolean;
}

type ClassRetention = RawRetention['classes'][number];

/**
 * Refuses what cannot be, and what would lose readings unless that is confirmed. Pure.
 * @param now.of the class as it stands; undefined when it has sent nothing and nothing was set
 * @throws ParkError `invalid-request`, `confirmation-required`
 */
export function refuseKeep(
  change: KeepChange,
  now: { readonly retention: RawRetention; readonly of: ClassRetention | undefined; readonly nowMs: number },
): void {
  const { horizonDays, bytesPerReading } = now.retention;
  if (change.days !== null && change.days <= horizonDays) {
    const message =
      `is more than ${horizonDays}: readings of every class are kept so long, since late and corrected ones need them; ` +
      'null keeps the class as long as all others';
    throw new ParkError('invalid-request', `days ${message}`, [{ path: '/days', message }]);
  }
  const days = change.days ?? horizonDays;
  if (now.of === undefined || days >= now.of.days || change.confirm) return;
  const { keptSince } = now.of;
  const kept = { ...now.of, bytesPerReading, keptSinceMs: keptSince === null ? null : Date.parse(keptSince) };
  throw new ParkError(
    'confirmation-required',
    `Raw readings of ${change.class} would be kept ${days} days instead of ${now.of.days}; ` +
      `${tellGoing(goingOf(kept, days, now.nowMs))}. Repeat it with confirm: true`,
  );
}

function tellGoing({ readings, bytes }: Going): string {
  if (readings === 0) return 'none of them is older now';
  const size = bytes === null ? '' : `, ${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return `about ${readings} readings${size} that are older would go and cannot be brought back`;
}

/**
 * Sets how long raw readings of a class are kept. What is gone does not come back: a longer time begins with the next day
 * that is closed.
 * @param deps.read what stands
 * @throws ParkError as {@link refuseKeep}
 */
export function changeKeep(
  deps: {
    readonly db: Database;
    readonly nowMs: number;
    readonly read: (client: Queryable) => Promise<RawRetention>;
  },
  change: KeepChange,
  who: { readonly actor: string; readonly address: string },
): Promise<void> {
  return transaction(deps.db, async (client) => {
    await store.lockKeeps(client);
    const retention = await deps.read(client);
    const of = retention.classes.find((each) => each.class === change.class);
    refuseKeep(change, { retention, of, nowMs: deps.nowMs });
    const { days, reason } = change;
    await store.insertKeep(client, { class: change.class, days, reason, author: who.actor });
    await appendAudit(client, {
      ...who,
      action: 'raw-retention.update',
      object: change.class,
      reason,
      before: { days: of?.days ?? retention.horizonDays },
      after: { days: days ?? retention.horizonDays },
    });
  });
}
