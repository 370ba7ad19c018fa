import type { Clock } from '#infra/clock.ts';
import { LeaseLost } from '#infra/lease.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { bucketMs } from '#schemas/alarm-figures.ts';
import { severities } from '#schemas/device-class.ts';
import { dayAfter, shiftDay, type LocalCalendar } from '#schemas/local-time.ts';
import {
  countDay,
  foldedBefore,
  placeOf,
  readTouched,
  saveCursor,
  saveDay,
  type DayCounts,
  type FactDay,
  type PositionDay,
} from './facts-store.ts';
import { durationClasses } from './figures.ts';
import { reviewFloods } from './flood-store.ts';

/** Floods are looked for this often; facts follow the alarms within a minute. */
const lookEveryMs = 10_000;
const foldEveryLooks = 6;

/** The position of what belongs to no other; it has facts of every day, so that a quiet day counts too. */
export const mainPosition = 'main';

export interface FactsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: LocalCalendar;
  /** Ends every transaction and throws LeaseLost when another leads. */
  readonly fence?: (client: Queryable) => Promise<void>;
}

export interface AlarmFacts extends AsyncDisposable {
  /** Brings the facts up to now. */
  fold(): Promise<void>;
}

/** Keeps the facts of alarms by day, and follows floods. */
export function startAlarmFacts(deps: FactsDeps): AlarmFacts {
  const { db, clock, log, fence } = deps;
  let looks = 0;
  let running: Promise<void> | null = null;
  const look = async () => {
    await reviewFloods(db, { nowMs: clock.nowMs(), fence });
    if (looks++ % foldEveryLooks === 0) await foldFacts(deps);
  };
  const tick = () => {
    running ??= look()
      .catch((error: unknown) => {
        if (!(error instanceof LeaseLost))
          log.warn({ err: error }, 'figures of alarms are behind; tried again');
      })
      .finally(() => {
        running = null;
      });
  };
  tick();
  const timer = clock.every(lookEveryMs, tick);
  return {
    fold: () => foldFacts(deps),
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await running;
    },
  };
}

/** Days that transitions were written to since the last time, today, and yesterday until it was counted once over. */
export async function foldFacts({ db, clock, calendar, fence }: FactsDeps): Promise<void> {
  const nowMs = clock.nowMs();
  const { cursor, hoursMs } = await readTouched(db);
  const today = calendar.dayOf(nowMs);
  const yesterday = shiftDay(today, -1);
  const days = new Set([...hoursMs.map((hourMs) => calendar.dayOf(hourMs)), today]);
  if (await foldedBefore(db, yesterday, calendar.startOf(today))) days.add(yesterday);
  for (const name of [...days].toSorted()) {
    const day = { day: name, fromMs: calendar.startOf(name), toMs: calendar.startOf(dayAfter(name)) };
    await transaction(db, async (client) => {
      await saveDay(client, foldDay(await countDay(client, day, nowMs), { day, nowMs }), { day, nowMs });
      await fence?.(client);
    });
  }
  await transaction(db, async (client) => {
    await saveCursor(client, cursor);
    await fence?.(client);
  });
}

/** Sorts what was counted by position; pure. */
export function foldDay(
  counts: DayCounts,
  { day, nowMs }: { readonly day: FactDay; readonly nowMs: number },
): PositionDay[] {
  const { raised, after, standing, held } = counts;
  const slots = slotsOf(day, nowMs);
  const positions = new Set([
    mainPosition,
    ...[raised, after, standing, held].flat().map((row) => row.position),
  ]);
  return [...positions].map((position) => {
    const announced = severities.map(() => 0);
    const buckets = Array.from({ length: slots }, () => 0);
    let recorded = 0;
    for (const row of raised.filter((each) => each.position === position)) {
      const place = placeOf(row.severity);
      announced[place] = (announced[place] ?? 0) + row.announced;
      buckets[row.bucket] = (buckets[row.bucket] ?? 0) + row.announced;
      recorded += row.recorded;
    }
    const classes = (kind: 'acknowledged' | 'cleared') => {
      const rows = after.filter((row) => row.position === position && row.kind === kind);
      const counted = Array.from({ length: durationClasses }, () => 0);
      for (const row of rows) counted[row.class] = (counted[row.class] ?? 0) + row.count;
      return { counted, sumS: rows.reduce((total, row) => total + row.sumS, 0) };
    };
    const [acknowledged, cleared] = [classes('acknowledged'), classes('cleared')];
    const heldS = (kind: string) =>
      held.find((row) => row.position === position && row.kind === kind)?.seconds ?? 0;
    return {
      day: day.day,
      fromMs: day.fromMs,
      position,
      announced,
      recorded,
      // An alarm may be of a moment from now: the sources' clocks are not ours.
      buckets: Array.from(buckets, (count) => count ?? 0),
      acknowledgedAfter: acknowledged.counted,
      acknowledgedAfterS: acknowledged.sumS,
      clearedAfter: cleared.counted,
      clearedAfterS: cleared.sumS,
      standing: standing.find((row) => row.position === position)?.count ?? 0,
      shelvedS: heldS('shelved'),
      suppressedS: heldS('suppressed'),
      outOfServiceS: heldS('out-of-service'),
    };
  });
}

/** How many buckets of ten minutes a day has that have begun. */
export function slotsOf(day: FactDay, nowMs: number): number {
  return Math.max(0, Math.ceil((Math.min(day.toMs, nowMs) - day.fromMs) / bucketMs));
}
