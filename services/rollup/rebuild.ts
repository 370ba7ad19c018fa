import type { Clock } from '#infra/clock.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import { dayAfter, type LocalCalendar } from '#schemas/local-time.ts';
import { forgetDerived } from './cell-store.ts';
import { quarterMs, runningFrom } from './buckets.ts';

import { journalRange, readRawKeptSince } from './journal-store.ts';
import { localDay } from './local-day.ts';

const dayMs = 86_400_000;

export interface RebuildDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly calendar: LocalCalendar;
  /** How far back raw readings are kept. */
  readonly horizonDays: number;
}

/**
 * Throws the rollups of some local days away and journals all their buckets, in one transaction: whoever leads makes
 * them again from raw, and reads meanwhile know what is missing.
 * @param range.from first local day, `YYYY-MM-DD`
 * @param range.to last local day; the current one at most
 * @returns how many buckets are to be made again
 * @throws ParkError `beyond-horizon` when raw readings of a day may be gone; `invalid-request`
 */
export async function requestRebuild(
  { db, clock, calendar, horizonDays }: RebuildDeps,
  range: { from: string; to: string },
): Promise<number> {
  const nowMs = clock.nowMs();
  const today = calendar.dayOf(nowMs);
  if (range.from > range.to) throw new ParkError('invalid-request', '--from is after --to');
  if (range.to > today) throw new ParkError('invalid-request', `--to is after today, ${today}`);
  const fromMs = localDay(calendar, range.from).fromMs;
  const toMs = Math.min(localDay(calendar, range.to).toMs, runningFrom(nowMs) + quarterMs);
  await transaction(db, async (client) => {
    const wholeSinceMs = Math.max(await readRawKeptSince(client), nowMs - horizonDays * dayMs);
    if (fromMs < wholeSinceMs) {
      throw new ParkError(
        'beyond-horizon',
        `Raw readings are whole from the local day ${firstWholeDay(calendar, wholeSinceMs)} on; days before it stay as they are`,
      );
    }
    await forgetDerived(client, { ...range, fromMs, toMs });
    await journalRange(client, { fromMs, toMs });
  });
  return Math.ceil((toMs - fromMs) / quarterMs);
}

function firstWholeDay(calendar: LocalCalendar, sinceMs: number): string {
  const day = calendar.dayOf(sinceMs);
  return calendar.startOf(day) === sinceMs ? day : dayAfter(day);
}
