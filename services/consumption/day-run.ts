import type { DatabaseClient } from '#infra/postgres.ts';
import { dayAfter, shiftDay } from '#schemas/local-time.ts';
import { quarterMs } from '#services/rollup/buckets.ts';
import type { JobDeps } from '#services/rollup/job.ts';
import { localDay } from '#services/rollup/local-day.ts';
import { insertChanges, type CausedChange } from './change-store.ts';
import { quartersOf } from './changes.ts';
import { dropDay, writeDays, type KeptDay } from './day-store.ts';
import { partsIn } from './intervals.ts';
import { longGapEnd, longGapMs } from './long-gap.ts';
import { noteSuspects } from './missing.ts';
import type { Interval } from './parts.ts';
import { readOpenSteps } from './review-store.ts';
import { readSettled } from './samples.ts';
import { keptSamples } from './store.ts';
import { readStretch, type Stretch } from './stretch.ts';
import type { CounterContext } from './unroll.ts';

/** Days in a row of one counter of which samples are read, and rows written, together. */
export const daysOfOne = 62;
/** Samples of the counter that are held at a time, about 100 bytes each; days of which there are more are read by themselves. */
const samplesAtOnce = 20_000;

/** Computes and keeps days of a counter. Each is what its samples alone give, whatever else the run computes. */
export interface DayRun {
  /**
   * The consumption of a day, computed from its samples, with its implausible steps on the review list.
   * @param until days until before this one are asked for next
   */
  compute(day: string, until: string): Promise<KeptDay>;
  /**
   * Keeps a day, unless it lies in a long gap, and journals what changed of it. It is written with the next ones.
   * @returns the next day that may be kept
   */
  keep(day: KeptDay, changes?: readonly CausedChange[]): Promise<string>;
  /** Writes what is kept. */
  write(): Promise<void>;
}

type RunDeps = Pick<JobDeps, 'calendar' | 'clock' | 'longGapMs'>;

interface Held {
  readonly stretch: Stretch;
  readonly range: Interval;
  readonly open: readonly Interval[];
}

/**
 * Begins a run: days in a row are computed from samples that are read once for them.
 * @param client in a transaction, which the caller ends after `write`
 */
export function startDays(
  client: DatabaseClient,
  deps: RunDeps,
  of: { readonly pointId: number; readonly context: CounterContext },
): DayRun {
  const { calendar, clock } = deps;
  const { pointId, context } = of;
  let held: Held | undefined;
  let kept: KeptDay[] = [];
  let changed: CausedChange[] = [];
  const holdFrom = async (day: string, until: string): Promise<Held> => {
    const last = shiftDay(until, -1);
    const most = shiftDay(day, daysOfOne - 1);
    const { fromUs } = rangeOf(deps, day);
    const range = { fromUs, toUs: rangeOf(deps, last < most ? last : most).toUs };
    const stretch = await readStretch(() => keptSamples(client), { pointId, ...range }, samplesAtOnce);
    return { stretch, range, open: await readOpenSteps(client, { pointIds: [pointId], ...range }) };
  };
  const isHeld = ({ stretch, range }: Held, { fromUs, toUs }: Interval) =>
    fromUs >= range.fromUs && toUs <= Math.min(range.toUs, stretch.toUs);
  const write = async () => {
    if (kept.length > 0) await writeDays(client, pointId, kept);
    if (changed.length > 0) await insertChanges(client, pointId, changed);
    [kept, changed] = [[], []];
  };
  return {
    async compute(day, until) {
      const range = rangeOf(deps, day);
      if (held === undefined || !isHeld(held, range)) held = await holdFrom(day, until);
      const { stretch } = held;
      const open = held.open.filter(({ toUs }) => toUs >= range.fromUs && toUs < range.toUs);
      const settled = await readSettled(stretch, { pointId, ...range }, context);
      const { line, dependsFromUs, dependsToUs } = settled;
      const [whole, ...quarters] = partsIn(line, [range, ...quartersIn(range)], context.facts);
      if (whole === undefined) throw new Error('A day has a part');
      await noteSuspects(client, { pointId, line, range, open });
      const { value, coveredUs, bits } = whole;
      const depends = { dependsFromUs, dependsToUs };
      return { pointId, day, value, coveredUs, bits, ...depends, quarters: quartersOf(quarters) };
    },
    async keep(part, changes = []) {
      const { day } = part;
      changed.push(...changes);
      const source = held?.stretch ?? keptSamples(client);
      const now = { nowMs: clock.nowMs(), gapMs: deps.longGapMs ?? longGapMs };
      const gapEndUs = await longGapEnd(source, { part, ...rangeOf(deps, day) }, now);
      if (gapEndUs !== null) {
        await dropDay(client, pointId, day);
        return calendar.dayOf(gapEndUs / 1_000);
      }
      kept.push(part);
      if (kept.length >= daysOfOne) await write();
      return dayAfter(day);
    },
    write,
  };
}

/** A local day, closed-open. */
export function rangeOf({ calendar }: Pick<JobDeps, 'calendar'>, day: string): Interval {
  const { fromMs, toMs } = localDay(calendar, day);
  return { fromUs: fromMs * 1_000, toUs: toMs * 1_000 };
}

/** The quarters of an hour of a day, in order. */
export function quartersIn({ fromUs, toUs }: Interval): Interval[] {
  const stepUs = quarterMs * 1_000;
  return Array.from({ length: (toUs - fromUs) / stepUs }, (_, at) => ({
    fromUs: fromUs + at * stepUs,
    toUs: fromUs + (at + 1) * stepUs,
  }));
}
