import type { AlarmRuleBody } from '#schemas/alarm.ts';
import type { AlarmDryRun } from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import { readMissed } from './reading-store.ts';
import { Replay, type ReplayedOccurrence } from './replay.ts';
import { checkRule } from './rule-check.ts';
import { loadTargets, type WatchedPoint } from './state-store.ts';
import { judgedRule, metricOf, namedBy } from './watch-book.ts';

const dayMs = 86_400_000;
/** Readings judged between two turns of the event loop. */
const pageReadings = 5_000;
/** Where neither class nor point tells how often a value is due. */
const usualIntervalMs = 60_000;

export interface DryRunRequest extends Pick<AlarmRuleBody, 'target' | 'condition'> {
  readonly days: number;
}

/**
 * What a rule would have raised on the raw readings that there are; nothing is written.
 * @throws ParkError invalid-request, too-many-values (more points or readings than one answer is computed from)
 */
export async function dryRun(
  { db, clock }: { readonly db: Queryable; readonly clock: Clock },
  { target, condition, days }: DryRunRequest,
): Promise<AlarmDryRun> {
  await checkRule(db, { target, condition });
  const toMs = clock.nowMs();
  const fromMs = toMs - days * dayMs;
  const points = await loadTargets(db, namedBy([target]));
  checkSize(points, days);
  const found: (ReplayedOccurrence & { readonly point: string })[] = [];
  let readings = 0;
  let pointsWithoutData = 0;
  for (const point of points) {
    const replay = new Replay(judgedRule(condition, point));
    const count = await replayPoint(db, replay, {
      point,
      fromMs,
      toMs,
      left: limits.dryRunReadings - readings,
    });
    readings += count;
    if (count === 0) pointsWithoutData++;
    else found.push(...replay.end(toMs).map((each) => ({ ...each, point: point.key })));
  }
  const newestFirst = found.toSorted((a, b) => b.raisedMs - a.raisedMs);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    points: points.length,
    pointsWithoutData,
    readings,
    count: found.length,
    occurrences: newestFirst.slice(0, limits.listLimit).map(({ raisedMs, clearedMs, ...rest }) => ({
      ...rest,
      raisedAt: new Date(raisedMs).toISOString(),
      clearedAt: clearedMs === null ? null : new Date(clearedMs).toISOString(),
    })),
  };
}

/** Refuses before anything is read what would be too much if every value came as it is due. */
function checkSize(points: readonly WatchedPoint[], days: number): void {
  if (points.length > limits.dryRunPoints) throw tooMuch(`${points.length} points`);
  let expected = 0;
  for (const point of points) {
    const intervalS = metricOf(point)?.expectedIntervalS;
    expected += (days * dayMs) / (intervalS === undefined ? usualIntervalMs : intervalS * 1_000);
  }
  if (expected > limits.dryRunReadings) throw tooMuch(`about ${Math.round(expected)} readings`);
}

async function replayPoint(
  db: Queryable,
  replay: Replay,
  range: { point: WatchedPoint; fromMs: number; toMs: number; left: number },
): Promise<number> {
  const { point, fromMs, toMs, left } = range;
  let count = 0;
  for (let handledToMs = fromMs; ;) {
    const page = await readMissed(db, {
      from: [{ pointId: point.pointId, handledToMs }],
      perPoint: pageReadings,
    });
    const known = page.filter((reading) => reading.timeMs <= toMs);
    for (const reading of known) replay.sample(reading);
    count += known.length;
    if (count > left) throw tooMuch(`more than ${limits.dryRunReadings} readings`);
    if (known.length < pageReadings) return count;
    handledToMs = known.at(-1)?.timeMs ?? toMs;
  }
}

function tooMuch(what: string): ParkError {
  const most = `${limits.dryRunPoints} points and ${limits.dryRunReadings} readings`;
  return new ParkError(
    'too-many-values',
    `The rule would be judged on ${what}; ${most} at most: take fewer days or points`,
  );
}
