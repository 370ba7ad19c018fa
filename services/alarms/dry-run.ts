import type { AlarmRuleBody } from '#schemas/alarm.ts';
import { plainReason } from '#schemas/alarm-facts.ts';
import { reportedTypes } from '#schemas/alarm-reported.ts';
import type { AlarmDryRun } from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import { meaningOf } from './event-meaning.ts';
import { readEventsBetween } from './event-store.ts';
import { metricOf, namedBy, planWatches, pointsOf, type PlannedWatch } from './plan.ts';
import { readMissed } from './reading-store.ts';
import { Replay, type ReplayedOccurrence } from './replay.ts';
import { checkRule } from './rule-check.ts';
import { loadHolidays, loadTargets, type WatchedPoint } from './target-store.ts';

const dayMs = 86_400_000;
/** Readings judged between two turns of the event loop. */
const pageReadings = 5_000;
/** Where neither class nor point tells how often a value is due. */
const usualIntervalMs = 60_000;

export interface DryRunRequest extends Pick<AlarmRuleBody, 'target' | 'condition' | 'schedule'> {
  readonly days: number;
}

export interface DryRunDeps {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly calendar: LocalCalendar;
}

type Found = ReplayedOccurrence & { readonly object: string };

/** What was replayed of one object. */
interface Replayed {
  readonly found: readonly Found[];
  readonly readings: number;
}

/**
 * What a rule would have raised on the raw readings and events that there are; nothing is written.
 * @throws ParkError invalid-request, too-many-values (more points or readings than one answer is computed from)
 */
export async function dryRun(deps: DryRunDeps, request: DryRunRequest): Promise<AlarmDryRun> {
  const { db, clock } = deps;
  await checkRule(db, request);
  const toMs = clock.nowMs();
  const fromMs = toMs - request.days * dayMs;
  const { watches, points } = await planOf(deps, request);
  checkSize(watches, points, request.days);
  const found: Found[] = [];
  let readings = 0;
  let pointsWithoutData = 0;
  for (const watch of watches) {
    const range = { fromMs, toMs, left: limits.dryRunReadings - readings };
    const replayed = await replay(db, watch, range);
    readings += replayed.readings;
    if (replayed.readings === 0) pointsWithoutData++;
    found.push(...replayed.found);
  }
  const newestFirst = found.toSorted((a, b) => b.raisedMs - a.raisedMs);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    points: watches.length,
    pointsWithoutData,
    readings,
    count: found.length,
    occurrences: newestFirst.slice(0, limits.listLimit).map(({ raisedMs, clearedMs, ...rest }) => ({
      ...rest,
      reason: plainReason(rest.facts),
      raisedAt: new Date(raisedMs).toISOString(),
      clearedAt: clearedMs === null ? null : new Date(clearedMs).toISOString(),
    })),
  };
}

/** What the rule would watch, planned as the engine plans. */
async function planOf(
  { db, calendar }: DryRunDeps,
  { target, condition, schedule }: DryRunRequest,
): Promise<{ watches: PlannedWatch[]; points: readonly WatchedPoint[] }> {
  const { points, devices } = await loadTargets(db, namedBy([{ target, condition }]));
  const body = {
    id: 'dry-run',
    name: 'dry run',
    target,
    condition,
    schedule,
    severity: 'low',
    enabled: true,
  } as const;
  const rationale = {
    category: 'other',
    cause: '',
    consequence: '',
    recommendedAction: '',
    team: '',
    basis: '',
  } as const;
  const rule = { version: 1, author: '', reason: '', validFromMs: 0, body: { ...body, ...rationale } };
  const ground = { points, devices, overrides: new Map(), calendar, holidays: await loadHolidays(db) };
  return { watches: [...planWatches([rule], ground).values()], points };
}

/** Refuses before anything is read what would be too much if every value came as it is due. */
function checkSize(watches: readonly PlannedWatch[], points: readonly WatchedPoint[], days: number): void {
  if (watches.length > limits.dryRunPoints) throw tooMuch(`${watches.length} points`);
  const byId = new Map(points.map((point) => [point.pointId, point]));
  let expected = 0;
  for (const pointId of watches.flatMap(pointsOf)) {
    const point = byId.get(pointId);
    const intervalS = point === undefined ? undefined : metricOf(point)?.expectedIntervalS;
    expected += (days * dayMs) / (intervalS === undefined ? usualIntervalMs : intervalS * 1_000);
  }
  if (expected > limits.dryRunReadings) throw tooMuch(`about ${Math.round(expected)} readings`);
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  /** Readings that may still be judged. */
  readonly left: number;
}

async function replay(db: Queryable, watch: PlannedWatch, range: Range): Promise<Replayed> {
  const { kind } = watch.judged.condition;
  if (kind === 'event' || kind === 'reported') return replayEvents(db, watch, range);
  const replaying = new Replay(watch.judged);
  const pointIds = pointsOf(watch);
  let from = pointIds.map((pointId) => ({ pointId, handledToMs: range.fromMs }));
  let readings = 0;
  while (from.length > 0) {
    const page = await readMissed(db, { from, perPoint: pageReadings });
    const full = [...Map.groupBy(page, (reading) => reading.pointId).values()]
      .filter((ofPoint) => ofPoint.length >= pageReadings)
      .map((ofPoint) => ofPoint.at(-1)?.timeMs ?? 0);
    // Several points go on together: no further than the one that has more to give.
    const untilMs = Math.min(range.toMs, ...full);
    const known = page.filter((reading) => reading.timeMs <= untilMs);
    for (const reading of known) {
      const places = watch.pointId === null ? placesOf(watch, reading.pointId) : [undefined];
      for (const of of places) replaying.sample({ ...reading, of });
    }
    readings += known.length;
    if (readings > range.left) throw tooMuch(`more than ${limits.dryRunReadings} readings`);
    from = full.length === 0 ? [] : pointIds.map((pointId) => ({ pointId, handledToMs: untilMs }));
    if (untilMs >= range.toMs) break;
  }
  const found = readings === 0 ? [] : replaying.end(range.toMs);
  return { found: found.map((each) => ({ ...each, object: watch.object })), readings };
}

/** The places of a combination that a point takes. */
function placesOf({ judged }: PlannedWatch, pointId: number): number[] {
  return (judged.inputs ?? []).flatMap((input, of) => (input.pointId === pointId ? [of] : []));
}

async function replayEvents(
  db: Queryable,
  watch: PlannedWatch,
  { fromMs, toMs, left }: Range,
): Promise<Replayed> {
  const { condition } = watch.judged;
  const types =
    condition.kind === 'event'
      ? [condition.type, ...(condition.clearType === undefined ? [] : [condition.clearType])]
      : [reportedTypes.raised, reportedTypes.cleared];
  const page = { deviceId: watch.deviceId, types, fromMs, toMs, limit: Math.min(left, pageReadings) };
  const events = await readEventsBetween(db, page);
  const replays = new Map<string, Replay>();
  for (const event of events) {
    const meant = meaningOf(watch, event);
    if (meant === undefined) continue;
    const replaying = replays.get(meant.object) ?? new Replay({ ...watch.judged, key: meant.key });
    replays.set(meant.object, replaying);
    replaying.happened(meant.input);
  }
  const found = [...replays].flatMap(([object, replaying]) =>
    replaying.end(toMs).map((each) => ({ ...each, object })),
  );
  return { found, readings: events.length };
}

function tooMuch(what: string): ParkError {
  const most = `${limits.dryRunPoints} points and ${limits.dryRunReadings} readings`;
  return new ParkError(
    'too-many-values',
    `The rule would be judged on ${what}; ${most} at most: take fewer days or points`,
  );
}
