import { transaction, type Database } from '#infra/postgres.ts';
import { shiftDay, type LocalCalendar } from '#schemas/local-time.ts';
import * as store from './day-store.ts';
import { factsText } from './facts.ts';
import { cutBit, type ConsumptionPart, type Interval } from './parts.ts';
import type { CounterContext } from './unroll.ts';

/**
 * Part of a bucket: a whole month of the park or a run of whole days, which may be kept ready, or what is left at either
 * end, which never is. A bucket without a whole day is one block of one piece.
 */
export interface Block extends Interval {
  /** First day of the month that it is. */
  readonly month: string | null;
  readonly pieces: readonly Piece[];
}

export interface Piece extends Interval {
  /** The local day it is; null when it is part of one, or parts of two. */
  readonly day: string | null;
}

/** Plans each bucket in the park's own months and days. Pure. */
export function planBuckets(buckets: readonly Interval[], calendar: LocalCalendar): Block[][] {
  return buckets.map((bucket) => {
    const segments = calendar.segments(bucket.fromUs / 1_000, bucket.toUs / 1_000);
    if (!segments.some(({ complete }) => complete)) {
      return [{ ...bucket, month: null, pieces: [{ ...bucket, day: null }] }];
    }
    const pieces = segments.map(({ day, fromMs, toMs, complete }) => ({
      month: day.slice(0, 7),
      piece: { fromUs: fromMs * 1_000, toUs: toMs * 1_000, day: complete ? day : null },
    }));
    const byMonth = Map.groupBy(pieces, ({ month }) => month);
    return [...byMonth.values()].map((of) => blockOf(of.map(({ piece }) => piece)));
  });
}

function blockOf(pieces: readonly Piece[]): Block {
  const [first, last] = [pieces[0], pieces.at(-1)];
  const [firstDay, lastDay] = [first?.day ?? null, last?.day ?? null];
  const isMonth =
    firstDay?.endsWith('-01') === true && lastDay !== null && shiftDay(lastDay, 1).endsWith('-01');
  return { fromUs: first?.fromUs ?? 0, toUs: last?.toUs ?? 0, month: isMonth ? firstDay : null, pieces };
}

/** Of each counter: parts of whole months and days that stand, by the day they begin with. */
export interface Standing {
  month(pointId: number, month: string): Omit<ConsumptionPart, keyof Interval> | undefined;
  day(pointId: number, day: string): Omit<ConsumptionPart, keyof Interval> | undefined;
}

const nothing = { value: null, coveredUs: 0, bits: cutBit };

/**
 * Reads what is kept of these blocks and still stands: nothing that it was computed from has changed since. All in one
 * snapshot, so that what waits to be computed again is known together with what it makes stale.
 */
export async function readStanding(
  db: Database,
  query: {
    readonly blocks: readonly Block[];
    readonly contexts: ReadonlyMap<number, CounterContext>;
  },
): Promise<Standing> {
  const { blocks, contexts } = query;
  const days = blocks.flatMap(({ pieces }) => pieces.flatMap(({ day }) => day ?? []));
  const none: Standing = { month: () => undefined, day: () => undefined };
  if (days.length === 0) return none;
  return transaction(db, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const heads = new Map<number, store.Head>();
    for (const head of await store.readHeads(client, [...contexts.keys()])) {
      const context = contexts.get(head.pointId);
      if (context !== undefined && factsText(context.facts) === head.facts) heads.set(head.pointId, head);
    }
    const pointIds = [...heads.keys()];
    if (pointIds.length === 0) return none;
    const changed = Map.groupBy(
      [...(await store.readDue(client, pointIds)), ...(await store.readDirtyOf(client, pointIds))],
      (due) => due.pointId,
    );
    const stands = ({ pointId, dependsFromUs, dependsToUs }: store.KeptPart) =>
      !(changed.get(pointId) ?? []).some(
        ({ fromUs, toUs }) => fromUs <= dependsToUs && toUs >= dependsFromUs,
      );
    const keyOf = (pointId: number, day: string) => `${pointId} ${day}`;
    const byKey = (parts: readonly store.KeptPart[]) =>
      new Map(parts.filter(stands).map((part) => [keyOf(part.pointId, part.day), part]));
    /** Before the first sample nothing is known, unless something earlier has just come. */
    const isBefore = (pointId: number, day: string) => {
      const head = heads.get(pointId);
      if (head === undefined || day >= head.firstDay) return false;
      return !(changed.get(pointId) ?? []).some(({ fromUs }) => fromUs < head.sinceUs);
    };

    const asked = blocks.flatMap(({ month }) => month ?? []).toSorted();
    const range = { pointIds, first: asked[0] ?? '', last: asked.at(-1) ?? '' };
    const months = byKey(asked.length === 0 ? [] : await store.readMonths(client, range));
    const monthAt = (pointId: number, month: string) =>
      months.get(keyOf(pointId, month)) ??
      (isBefore(pointId, `${month.slice(0, 7)}-31`) ? nothing : undefined);
    const found = byKey(
      await readDaysOf(client, { blocks, pointIds, isKept: (id, month) => monthAt(id, month) !== undefined }),
    );
    return {
      month: monthAt,
      day: (pointId, day) => found.get(keyOf(pointId, day)) ?? (isBefore(pointId, day) ? nothing : undefined),
    };
  });
}

/** Days of months that have no row that stands, month by month, and those of all other buckets at once. */
async function readDaysOf(
  client: Parameters<typeof store.readDays>[0],
  query: {
    readonly blocks: readonly Block[];
    readonly pointIds: readonly number[];
    readonly isKept: (pointId: number, month: string) => boolean;
  },
): Promise<store.KeptPart[]> {
  const { blocks, pointIds, isKept } = query;
  const found: (readonly store.KeptPart[])[] = [];
  const others: string[] = [];
  for (const { month, pieces } of blocks) {
    const days = pieces.flatMap(({ day }) => day ?? []);
    if (month === null) {
      others.push(...days);
      continue;
    }
    const missing = pointIds.filter((id) => !isKept(id, month));
    const [first, last] = [days[0], days.at(-1)];
    if (missing.length === 0 || first === undefined || last === undefined) continue;
    found.push(await store.readDays(client, { pointIds: missing, first, last }));
  }
  const [first, last] = [others[0], others.at(-1)];
  if (first !== undefined && last !== undefined) {
    found.push(await store.readDays(client, { pointIds, first, last }));
  }
  return found.flat();
}
