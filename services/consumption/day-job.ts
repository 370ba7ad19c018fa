import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { dayAfter, shiftDay } from '#schemas/local-time.ts';
import { runningFrom } from '#services/rollup/buckets.ts';
import type { JobDeps } from '#services/rollup/job.ts';
import type { Traits } from '#services/rollup/traits.ts';
import { readKnownContexts } from './contexts.ts';
import { causeOf, changesOf } from './changes.ts';
import { daysOfOne, quartersIn, rangeOf, startDays } from './day-run.ts';
import * as store from './day-store.ts';
import { factsText } from './facts.ts';
import { cutBit, sumParts } from './parts.ts';
import type { CounterContext } from './unroll.ts';

const dayMs = 86_400_000;
/** A day whose end no further sample has settled is kept this long after it; what comes later changes it. */
const settleMs = dayMs;
/** Counters of which heads are read at a time. */
const headsAtOnce = 500;
/** Days computed in one turn: other derived rows must not wait for a year of history. */
const daysATurn = 4_000;
/** Fewer while those wait: whoever asks for consumption gets it from samples meanwhile, and they have nobody to make them. */
const daysBeside = 1_000;
/** Counters whose days are computed again in one run. */
const dueAtOnce = 500;

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
  const { pointId, due, context } = of;
  const [head] = await store.readHeads(client, [pointId]);
  if (head === undefined) return 0;
  const days = startDays(client, deps, of);
  const dependent = await store.readDependent(client, pointId, due);
  const wasCorrected = correctionsOf(client, due, dependent);
  let until = '';
  for (const [at, old] of dependent.entries()) {
    if (old.day >= until) until = endOfRow(dependent, at);
    const now = await days.compute(old.day, until);
    const range = rangeOf(deps, old.day);
    const changes = changesOf(quartersIn(range), old.quarters, now.quarters);
    const mine = changes.length === 0 ? [] : due.filter((one) => isDependent(old, one));
    const isCorrected = changes.length > 0 && (await wasCorrected(old, mine));
    const cause = causeOf(mine, { dayEndUs: range.toUs, isCorrected });
    const caused = changes.map((change) => ({ ...change, cause }));
    await days.keep(now, caused);
  }
  const months = new Set(dependent.map(({ day }) => day.slice(0, 7)));
  let computed = dependent.length;
  const facts = factsText(context.facts);
  const isEarlier = due.some(({ fromUs }) => fromUs < head.sinceUs);
  const moved = { ...head, facts, ...(isEarlier ? await beginsAt(client, deps, head) : {}) };
  // It was cut at its first day, and is no longer.
  if (moved.firstDay < head.firstDay) months.add(head.firstDay.slice(0, 7));
  for (let day = moved.firstDay; day < head.firstDay; computed++) {
    months.add(day.slice(0, 7));
    day = await days.keep(await days.compute(day, head.firstDay));
  }
  await days.write();
  await store.writeHead(client, moved);
  await foldMonths(client, deps, moved, months);
  return computed;
}

function isDependent({ dependsFromUs, dependsToUs }: store.KeptDay, { fromUs, toUs }: store.Due): boolean {
  return fromUs <= dependsToUs && toUs >= dependsFromUs;
}

/** The day after the days in a row that begin with one. */
function endOfRow(days: readonly store.KeptDay[], from: number): string {
  let end = dayAfter(days[from]?.day ?? '');
  for (let at = from + 1; at < from + daysOfOne && days[at]?.day === end; at++) end = dayAfter(end);
  return end;
}

/** Tells whether readings that a day depends on were corrected; one question tells of most counters that none were. */
function correctionsOf(
  client: DatabaseClient,
  due: readonly store.Due[],
  days: readonly store.ComputedDay[],
): (day: store.ComputedDay, mine: readonly store.Due[]) => Promise<boolean> {
  const since = new Date(Math.min(...days.map(({ computedAt }) => computedAt.getTime())));
  let any: Promise<boolean> | undefined;
  return async ({ pointId, computedAt }, mine) => {
    any ??= store.wasCorrected(client, { pointId, since, due });
    return (await any) && store.wasCorrected(client, { pointId, since: computedAt, due: mine });
  };
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

/** Keeps months whose days are all kept; one that still runs, or that a long gap reaches into, has no row. */
async function foldMonths(
  client: DatabaseClient,
  deps: JobDeps,
  head: store.Head,
  months: ReadonlySet<string>,
): Promise<void> {
  const over = [...months].flatMap((month) => {
    const first = `${month}-01`;
    const next = monthAfter(first);
    return head.nextDay < next || head.firstDay >= next ? [] : first;
  });
  if (over.length === 0) return;
  const days = await store.readDaysOfMonths(client, head.pointId, over);
  const byMonth = Map.groupBy(days, ({ day }) => `${day.slice(0, 7)}-01`);
  const folded = over.map((first) => ({
    first,
    month: foldMonth(deps, head, { first, days: byMonth.get(first) ?? [] }),
  }));
  const gone = folded.flatMap(({ first, month }) => (month === null ? first : []));
  if (gone.length > 0) await store.dropMonths(client, head.pointId, gone);
  const kept = folded.flatMap(({ month }) => month ?? []);
  if (kept.length > 0) await store.writeMonths(client, kept);
}

/** A month of its days; null where not all of them are kept. */
function foldMonth(
  deps: JobDeps,
  head: store.Head,
  of: { readonly first: string; readonly days: readonly store.KeptPart[] },
): store.KeptPart | null {
  const { first, days } = of;
  const begins = head.firstDay > first ? head.firstDay : first;
  if (days.length < (Date.parse(monthAfter(first)) - Date.parse(begins)) / dayMs) return null;
  const isCut = (days[0]?.day ?? monthAfter(first)) > first;
  const { value, coveredUs, bits } = sumParts(days.map((day) => ({ ...day, ...rangeOf(deps, day.day) })));
  return {
    pointId: head.pointId,
    day: first,
    value,
    coveredUs,
    bits: isCut ? bits | cutBit : bits,
    dependsFromUs: isCut ? -Infinity : Math.min(...days.map((day) => day.dependsFromUs)),
    dependsToUs: Math.max(...days.map((day) => day.dependsToUs)),
  };
}

/** The first day of the month after one that begins with this day. */
function monthAfter(first: string): string {
  // No month has more than 31 days, and none fewer than 28: 32 days after its first is always in the next.
  return `${shiftDay(first, 32).slice(0, 7)}-01`;
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

async function addDaysOf(
  deps: JobDeps,
  of: { readonly head: store.Head; readonly context: CounterContext; readonly today: string },
): Promise<number> {
  const { clock, db } = deps;
  const { head, context, today } = of;
  const { pointId } = head;
  return transaction(db, async (client) => {
    const days = startDays(client, deps, { pointId, context });
    let [day, added] = [head.nextDay, 0];
    const months = new Set<string>();
    for (; day < today && added < daysOfOne; added += 1) {
      const computed = await days.compute(day, today);
      const settledUs = rangeOf(deps, day).toUs + settleMs * 1_000;
      const isSettled = computed.dependsToUs < Infinity || settledUs <= clock.nowMs() * 1_000;
      if (!isSettled) break;
      months.add(day.slice(0, 7));
      const next = await days.keep(computed);
      day = next < today ? next : today;
    }
    if (added === 0) return 0;
    await days.write();
    const moved = { ...head, nextDay: day };
    await store.writeHead(client, moved);
    await foldMonths(client, deps, moved, months);
    await deps.fence(client);
    return added;
  });
}
