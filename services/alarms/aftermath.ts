import type { AlarmTransition } from '#schemas/alarm.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { Queryable } from '#infra/postgres.ts';
import { expireHolds, followHolds, hasExpiredHold } from './hold-store.ts';
import { followMaintenance, hasReview, reviewMaintenance } from './maintenance-store.ts';
import { assignPositions } from './position-store.ts';
import { followRepeats, reviewRepeats } from './repeat-store.ts';
import { updateSuppression } from './suppression-store.ts';

/** What raising and clearing brings about, and what time brings about. */

interface Moment {
  readonly calendar: LocalCalendar;
  readonly nowMs: number;
}

/**
 * In the transaction of what was raised and cleared: planned work it falls into, earlier ones it repeats, holds that
 * begin or end with it, alarms that it explains.
 * @returns the transitions that were written besides
 */
export async function followTransitions(
  client: Queryable,
  written: readonly AlarmTransition[],
  moment: Moment,
): Promise<AlarmTransition[]> {
  if (written.length === 0) return [];
  const { nowMs } = moment;
  await assignPositions(
    client,
    written.filter((each) => each.kind === 'raised').map((each) => each.alarmId),
  );
  return [
    ...(await followMaintenance(client, written, moment)),
    ...(await followRepeats(client, written, nowMs)),
    ...(await followHolds(client, written, nowMs)),
    ...(await updateSuppression(client, nowMs)),
  ];
}

type Review = (client: Queryable) => Promise<AlarmTransition[]>;

/** What is worth a transaction now: shelving that is over, planned work that begins or ends, causes that came or went. */
export async function dueReviews(db: Queryable, moment: Moment & { hasSilent: boolean }): Promise<Review[]> {
  const { calendar, nowMs, hasSilent } = moment;
  return [
    ...((await hasExpiredHold(db, nowMs)) ? [(client: Queryable) => expireHolds(client, nowMs)] : []),
    ...((await hasReview(db, nowMs))
      ? [
          (client: Queryable) => reviewMaintenance(client, calendar, nowMs),
          (client: Queryable) => reviewRepeats(client, nowMs),
        ]
      : []),
    ...(hasSilent ? [(client: Queryable) => updateSuppression(client, nowMs)] : []),
  ];
}
