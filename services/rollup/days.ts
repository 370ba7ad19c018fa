import { createHash } from 'node:crypto';
import { appendJournal } from '#infra/journal.ts';
import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { shiftDay } from '#schemas/local-time.ts';
import type { RawTable } from './cell-store.ts';
import * as store from './day-store.ts';
import type { JobDeps } from './job.ts';
import { isBehind } from './journal-store.ts';
import { readLatePoints } from './late-store.ts';
import { localDay, pointsAtOnce, type LocalDay } from './local-day.ts';
import type { Sweep } from './sweep.ts';
import type { Traits } from './traits.ts';

/** A day's facts stand, and are sealed, this long after its end; what comes later makes a new version. */
export const closeAfterMs = 86_400_000;
/** How far back open days are looked for: longer than a park is ever away. */
const lookBackDays = 400;
/** Late data comes in runs: a changed day is sealed anew when it has been known to be changed for this long. */
const quietMs = 15 * 60_000;
/** A state is known for so many expected intervals after a reading, as time counts as covered in consumption. */
export const heldIntervals = 2;
/** Points that a new version of a day names; of more, it says how many and what. */
const mostNamed = 10_000;
/** Days sealed in one turn: what runs now must not wait for a year of them. */
const sealsATurn = 10;

/** Whether a local day ended long enough ago for its facts to be kept. */
export function isDue(day: LocalDay, nowMs: number): boolean {
  return day.toMs + closeAfterMs <= nowMs;
}

/**
 * Makes the facts of a point's day again, in the transaction that packs its cells.
 * @param of.table where all readings of these days lie; looked up when left out
 */
export async function refreshFacts(
  client: DatabaseClient,
  day: LocalDay,
  of: { pointIds: readonly number[]; traits: Traits; table?: RawTable },
): Promise<void> {
  const { pointIds, traits } = of;
  const late = of.table ?? (await readLatePoints(client, { days: [day.day], pointIds })).get(day.day);
  const byTable = Map.groupBy(pointIds, (id): RawTable => {
    if (typeof late === 'string') return late;
    return late?.has(id) === true ? 'reading_late' : 'reading';
  });
  for (const [table, ids] of byTable) {
    const points = ids.map((pointId) => dayPoint(pointId, day, traits));
    await store.writeDayFacts(client, day, { points, table });
  }
  await store.markChanged(client, day.day);
}

function dayPoint(pointId: number, { fromMs, toMs }: LocalDay, traits: Traits): store.DayPoint {
  const point = traits.get(pointId);
  const expected = point === undefined ? 0 : Math.floor((toMs - fromMs) / point.expectedIntervalMs);
  const holdMs = point?.kind === 'state' ? heldIntervals * point.expectedIntervalMs : null;
  return { pointId, expected, holdMs };
}

/**
 * Closes the days that are due and seals anew those that changed.
 * @param sweep days that late readings still come to wait; none when left out
 * @returns how many rows the journal `days` got, and whether more is left for the next turn
 */
export async function closeDays(
  deps: JobDeps,
  traits: () => Promise<Traits>,
  sweep?: Sweep,
): Promise<{ sealed: number; more: boolean }> {
  const { db, calendar, clock } = deps;
  const last = shiftDay(calendar.dayOf(clock.nowMs() - closeAfterMs), -1);
  const first = shiftDay(last, -lookBackDays);
  const isQuiet = (day: string) => sweep?.isBusyDay(day, clock.nowMs() - (deps.quietMs ?? quietMs)) !== true;
  const open = await store.readOpenDays(db, { first, last, timeZone: calendar.timeZone });
  const changed = await store.readChangedDays(db, deps.quietMs ?? quietMs);
  let sealed = 0;
  for (const close of [
    ...open.filter(isQuiet).map((day) => [closeDay, day] as const),
    ...changed.map((day) => [seal, day] as const),
  ]) {
    if (sealed >= sealsATurn) return { sealed, more: true };
    const [work, day] = close;
    sealed += await work(deps, localDay(calendar, day), await traits());
  }
  return { sealed, more: false };
}

async function closeDay(deps: JobDeps, day: LocalDay, traits: Traits): Promise<number> {
  if (await isBehind(deps.db, day)) return 0;
  // Past those it has seen: one whose readings are gone stays without facts, and must not be asked about for ever.
  let after = 0;
  for (;;) {
    deps.signal.throwIfAborted();
    const pointIds = await store.readWithoutFacts(deps.db, { day: day.day, after, most: pointsAtOnce });
    const last = pointIds.at(-1);
    if (last === undefined) break;
    after = last;
    await transaction(deps.db, async (client) => {
      await refreshFacts(client, day, { pointIds, traits });
      await deps.fence(client);
    });
  }
  const [gone] =
    after === 0 ? [] : await store.readWithoutFacts(deps.db, { day: day.day, after: 0, most: 1 });
  if (gone !== undefined) {
    const point = keyOf(gone, traits);
    deps.log.warn({ day: day.day, point }, 'a day is sealed without points whose readings are gone');
  }
  return seal(deps, day, traits);
}

/**
 * Writes the next version of a day's root; nothing when the root stands already. A day that is behind its readings waits:
 * sealed now, the version would be newer than readings that it does not hold, and the next would not name them.
 */
function seal(deps: JobDeps, day: LocalDay, traits: Traits): Promise<number> {
  return transaction(deps.db, async (client) => {
    const before = await store.readSeal(client, day.day);
    const knownUntil = await store.readKnownUntil(client);
    if (await isBehind(client, day)) return 0;
    const digests = await store.readDigests(client, day.day);
    const root = rootOf(digests.map(({ pointId, sha256 }) => ({ key: keyOf(pointId, traits), sha256 })));
    const version = (before?.version ?? 0) + (before?.root === root ? 0 : 1);
    await store.writeSeal(client, { day: day.day, version, root, knownUntil });
    if (before?.root !== root) {
      const changes =
        before === undefined ? {} : await changesSince(client, { day, since: before.knownUntil }, traits);
      await appendJournal(client, 'days', {
        day: day.day,
        version,
        root,
        points: digests.length,
        ...changes,
      });
    }
    await deps.fence(client);
    return before?.root === root ? 0 : 1;
  });
}

async function changesSince(
  client: DatabaseClient,
  { day, since }: { readonly day: LocalDay; readonly since: string },
  traits: Traits,
) {
  const { named, others } = await store.readChanges(client, { ...day, since, most: mostNamed });
  const changes = named.map(({ pointId, corrections, lateArrivals }) => ({
    point: keyOf(pointId, traits),
    corrections,
    lateArrivals,
  }));
  return { changes, ...(others.points === 0 ? {} : { others }) };
}

function keyOf(pointId: number, traits: Traits): string {
  return traits.get(pointId)?.key ?? `#${pointId}`;
}

/** SHA-256 over the lines `pointKey sha256`, each ended by a line feed, sorted by their bytes; lower hex. Pure. */
export function rootOf(points: readonly { readonly key: string; readonly sha256: string }[]): string {
  const lines = points.map(({ key, sha256 }) => `${key} ${sha256}\n`).toSorted();
  return createHash('sha256').update(lines.join('')).digest('hex');
}
