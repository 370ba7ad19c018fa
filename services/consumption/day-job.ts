import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { dayAfter, shiftDay } from '#schemas/local-time.ts';
import { quarterMs, runningFrom } from '#services/rollup/buckets.ts';
import type { JobDeps } from '#services/rollup/job.ts';
import { localDay } from '#services/rollup/local-day.ts';
import type { Traits } from '#services/rollup/traits.ts';
import { readKnownContexts } from './contexts.ts';
import { insertChanges } from './change-store.ts';
import { causeOf, changesOf, quartersOf } from './changes.ts';
import * as store from './day-store.ts';
import { factsText } from './facts.ts';
import { partsIn } from './intervals.ts';
import { longGapEnd, longGapMs } from './long-gap.ts';
import { noteSuspects } from './missing.ts';
import { cutBit, sumParts, type ConsumptionPart } from './parts.ts';
import { readOpenSteps } from './review-store.ts';
import { readSettled } from './samples.ts';
import { keptSamples } from './store.ts';
import type { CounterContext } from './unroll.ts';

const dayMs = 86_400_000;
/** A day whose end no further sample has settled is kept this long after it; what comes later changes it. */
const settleMs = dayMs;
/** Counters of which heads are read at a time. */
const headsAtOnce = 500;
/** Days computed in one turn: other derived rows must not wait for a year of history. */
const daysATurn = 4_000;
/** Fewer while those wait: whoever asks for consumption gets it from samples meanwhile, and they have nobody to make them. */
const daysBeside = 500;
/** Counters whose days are computed again in one run. */
const dueAtOnce = 500;

/** The consumption of one day of a counter, computed from its samples, with its implausible steps on the review list. */
export async function computeDay(
  client: DatabaseClient,
  deps: Pick<JobDeps, 'calendar'>,
  of: { readonly pointId: number; readonly day: string; readonly context: CounterContext },
): Promise<store.KeptDay> {
  const { pointId, day, context } = of;
  const { fromMs, toMs } = localDay(deps.calendar, day);
  const range = { fromUs: fromMs * 1_000, toUs: toMs * 1_000 };
  const { line, dependsFromUs, dependsToUs } = await readSettled(
    keptSamples(client),
    { pointId, ...range },
    context,
  );
  const [whole, ...quarters] = partsIn(line, [range, ...quartersIn(range)], context.facts);
  if (whole === undefined) throw new Error('A day has a part');
  const open = await readOpenSteps(client, { pointIds: [pointId], ...range });
  await noteSuspects(client, { pointId, line, range, open });
  const { value, coveredUs, bits } = whole;
  return { pointId, day, value, coveredUs, bits, dependsFromUs, dependsToUs, quarters: quartersOf(quarters) };
}

function quartersIn({ fromUs, toUs }: { fromUs: number; toUs: number }) {
  const stepUs = quarterMs * 1_000;
  return Array.from({ length: (toUs - fromUs) / stepUs }, (_, at) => ({
    fromUs: fromUs + at * stepUs,
    toUs: fromUs + (at + 1) * stepUs,
  }));
}

/** What one run did. */
export interface DaysReport {
  /** Days that are kept now and were not. */
  readonly kept: number;
  /** Counters of which days were computed again. */
  readonly renewed: number;
  /** Whether more is left for the next turn. */
  readonly more: boolean;
}

/**
 * Brings the kept days of counters up to their samples: those that something changed for are computed again, those that
 * are over are added. Repeatable.
 * @param options.busy counters that wait until late readings have come to an end
 * @param options.isBeside whether other derived rows wait for their next turn
 */
export async function runConsumptionDays(
  deps: JobDeps,
  traits: () => Promise<Traits>,
  options: { isQuarterDue: boolean; busy: ReadonlySet<number>; isBeside?: boolean },
): Promise<DaysReport> {
  const { isQuarterDue, busy } = options;
  const most = options.isBeside === true ? daysBeside : daysATurn;
  const { renewed, more } = await renewDays(deps, traits, { busy, most });
  const kept = isQuarterDue ? await addDays(deps, await traits(), { busy, most }) : 0;
  return { renewed, kept, more: more || kept >= most };
}

interface Bounds {
  readonly busy: ReadonlySet<number>;
  /** Days. */
  readonly most: number;
}

async function renewDays(
  deps: JobDeps,
  traits: () => Promise<Traits>,
  { busy, most }: Bounds,
): Promise<{ renewed: number; more: boolean }> {
  const points = await store.readDuePoints(deps.db, { most: dueAtOnce, without: [...busy] });
  if (points.length === 0) return { renewed: 0, more: false };
  const counters = await traits();
  let [renewed, days] = [0, 0];
  for (const pointId of points) {
    deps.signal.throwIfAborted();
    // Those that are left wait for the next run, and are computed from samples for whoever asks until then.
    if (days >= most) return { renewed, more: true };
    days += await transaction(deps.db, async (client) => {
      const due = await store.takeDue(client, pointId);
      const [context] = (await readKnownContexts(client, [pointId], counters)).values();
      const isDue = context !== undefined && due.length > 0;
      const computed = isDue ? await renewPoint(client, deps, { pointId, due, context }) : 0;
      await deps.fence(client);
      return computed;
    });
    renewed++;
  }
  return { renewed, more: points.length === dueAtOnce };
}

/** Returns how many days were computed. */
async function renewPoint(
  client: DatabaseClient,
  deps: JobDeps,
  of: {
    readonly pointId: number;
    readonly due: Awaited<ReturnType<typeof store.takeDue>>;
    readonly context: CounterContext;
  },
): Promise<number> {
  const { calendar } = deps;
  const { pointId, due, context } = of;
  const [head] = await store.readHeads(client, [pointId]);
  if (head === undefined) return 0;
  const months = new Set<string>();
  let computed = 0;
  for (const old of await store.readDependent(client, pointId, due)) {
    const now = await computeDay(client, deps, { pointId, day: old.day, context });
    const { fromMs, toMs } = localDay(calendar, old.day);
    const range = { fromUs: fromMs * 1_000, toUs: toMs * 1_000 };
    const changes = changesOf(quartersIn(range), old.quarters, now.quarters);
    if (changes.length > 0) {
      const mine = due.filter((one) => one.fromUs <= old.dependsToUs && one.toUs >= old.dependsFromUs);
      const isCorrected = await store.wasCorrected(client, { pointId, since: old.computedAt, due: mine });
      const cause = causeOf(mine, { dayEndUs: range.toUs, isCorrected });
      await insertChanges(client, { pointId, cause, changes });
    }
    await keepDay(client, deps, now);
    months.add(old.day.slice(0, 7));
    computed++;
  }
  const facts = factsText(context.facts);
  const isEarlier = due.some(({ fromUs }) => fromUs < head.sinceUs);
  const moved = { ...head, facts, ...(isEarlier ? await beginsAt(client, deps, head) : {}) };
  // It was cut at its first day, and is no longer.
  if (moved.firstDay < head.firstDay) months.add(head.firstDay.slice(0, 7));
  for (let day = moved.firstDay; day < head.firstDay; computed++) {
    months.add(day.slice(0, 7));
    day = await keepDay(client, deps, await computeDay(client, deps, { pointId, day, context }));
  }
  await store.writeHead(client, moved);
  for (const month of months) await foldMonth(client, deps, moved, month);
  return computed;
}

/**
 * Keeps a day, unless it lies in a long gap.
 * @returns the next day that may be kept
 */
async function keepDay(client: DatabaseClient, deps: JobDeps, day: store.KeptDay): Promise<string> {
  const { calendar, clock } = deps;
  const { fromMs, toMs } = localDay(calendar, day.day);
  const range = { fromUs: fromMs * 1_000, toUs: toMs * 1_000 };
  const now = { nowMs: clock.nowMs(), gapMs: deps.longGapMs ?? longGapMs };
  const gapEndUs = await longGapEnd(client, { part: day, ...range }, now);
  if (gapEndUs === null) {
    await store.writeDay(client, day);
    return dayAfter(day.day);
  }

  await store.dropDay(client, day.pointId, day.day);
  return calendar.dayOf(gapEndUs / 1_000);
}

/** Where a counter begins now that something earlier is known of it. */
async function beginsAt(
  client: DatabaseClient,
  { calendar }: JobDeps,
  { pointId, nextDay, firstDay }: store.Head,
): Promise<Pick<store.Head, 'sinceUs' | 'firstDay'>> {
  const sinceUs = (await store.readFirst(client, [pointId])).get(pointId) ?? Infinity;
  const day = sinceUs === Infinity ? nextDay : calendar.dayOf(sinceUs / 1_000);
  return { sinceUs, firstDay: day < firstDay ? day : firstDay };
}

/** Keeps a month whose days are all kept; one that still runs, or that a long gap reaches into, has no row. */
async function foldMonth(
  client: DatabaseClient,
  { calendar }: JobDeps,
  head: store.Head,
  month: string,
): Promise<void> {
  const first = `${month}-01`;
  // No month has more than 31 days, and none fewer than 28: 32 days after its first is always in the next.
  const next = `${shiftDay(first, 32).slice(0, 7)}-01`;
  if (head.nextDay < next || head.firstDay >= next) return;
  const kept = await store.readDays(client, { pointIds: [head.pointId], first, last: shiftDay(next, -1) });
  const rows = kept.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const begins = head.firstDay > first ? head.firstDay : first;
  if (rows.length < (Date.parse(next) - Date.parse(begins)) / dayMs) {
    await store.dropMonth(client, head.pointId, first);
    return;
  }
  const parts: ConsumptionPart[] = rows.map((row) => {
    const { fromMs, toMs } = localDay(calendar, row.day);
    return { ...row, fromUs: fromMs * 1_000, toUs: toMs * 1_000 };
  });
  const isCut = (rows[0]?.day ?? next) > first;
  const { value, coveredUs, bits } = sumParts(parts);
  await store.writeMonth(client, {
    pointId: head.pointId,
    day: first,
    value,
    coveredUs,
    bits: isCut ? bits | cutBit : bits,
    dependsFromUs: isCut ? -Infinity : Math.min(...rows.map((row) => row.dependsFromUs)),
    dependsToUs: Math.max(...rows.map((row) => row.dependsToUs)),
  });
}

/** Adds the days that are over since, counter by counter. */
async function addDays(deps: JobDeps, traits: Traits, { busy, most }: Bounds): Promise<number> {
  const today = deps.calendar.dayOf(runningFrom(deps.clock.nowMs()));
  await addHeads(deps, traits, today);
  let added = 0;
  for (let after = 0; added < most;) {
    const heads = await store.readHeadsBehind(deps.db, { today, after, most: headsAtOnce });
    const contexts = await readKnownContexts(
      deps.db,
      heads.map(({ pointId }) => pointId),
      traits,
    );
    for (const head of heads) {
      deps.signal.throwIfAborted();
      if (added >= most) return added;
      const context = contexts.get(head.pointId);
      if (context === undefined || busy.has(head.pointId)) continue;
      const facts = factsText(context.facts);
      if (facts !== head.facts) {
        await store.insertDue(deps.db, 'facts', [{ ...head, fromUs: -Infinity, toUs: Infinity }]);
        continue;
      }
      added += await addDaysOf(deps, { head, context, today });
    }
    const last = heads.at(-1);
    if (last === undefined || heads.length < headsAtOnce) break;
    after = last.pointId;
  }
  return added;
}

/** Counters that nothing is kept of yet begin with their first sample. */
async function addHeads(deps: JobDeps, traits: Traits, today: string): Promise<void> {
  const counters = [...traits.values()].filter(({ kind }) => kind === 'counter').map((one) => one.pointId);
  const fresh = await store.readHeadless(deps.db, counters);
  for (let at = 0; at < fresh.length; at += headsAtOnce) {
    const some = fresh.slice(at, at + headsAtOnce);
    const contexts = await readKnownContexts(deps.db, some, traits);
    await transaction(deps.db, async (client) => {
      for (const [pointId, sinceUs] of await store.readFirst(client, some)) {
        const context = contexts.get(pointId);
        if (context === undefined) continue;
        const since = sinceUs === Infinity ? today : deps.calendar.dayOf(sinceUs / 1_000);
        const firstDay = since < today ? since : today;
        const facts = factsText(context.facts);
        await store.writeHead(client, { pointId, sinceUs, firstDay, nextDay: firstDay, facts });
      }
      await deps.fence(client);
    });
  }
}

/** Days of one transaction. */
const daysOfOne = 62;

async function addDaysOf(
  deps: JobDeps,
  of: { readonly head: store.Head; readonly context: CounterContext; readonly today: string },
): Promise<number> {
  const { calendar, clock, db } = deps;
  const { head, context, today } = of;
  const { pointId } = head;
  return transaction(db, async (client) => {
    let [day, added] = [head.nextDay, 0];
    const months = new Set<string>();
    for (; day < today && added < daysOfOne; added += 1) {
      const kept = await computeDay(client, deps, { pointId, day, context });
      const isSettled =
        kept.dependsToUs < Infinity || localDay(calendar, day).toMs + settleMs <= clock.nowMs();
      if (!isSettled) break;
      months.add(day.slice(0, 7));
      const next = await keepDay(client, deps, kept);
      day = next < today ? next : today;
    }
    if (added === 0) return 0;
    const moved = { ...head, nextDay: day };
    await store.writeHead(client, moved);
    for (const month of months) await foldMonth(client, deps, moved, month);
    await deps.fence(client);
    return added;
  });
}
