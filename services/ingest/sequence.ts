import { limits } from '#schemas/limits.ts';
import type { SequenceMark } from '#schemas/reading.ts';

/** Numbers `from` to `to`, all seen. */
export interface SeenRange {
  from: number;
  to: number;
  /** When the hole below this range was noticed (arrival, epoch ms). */
  openedAtMs: number;
}

/** One run of a device's numbering, from one restart to the next. */
export interface SequenceRun {
  /** Source times of its first and newest message, epoch ms. */
  firstMs: number;
  newestMs: number;
  /** Ascending, not touching each other. */
  ranges: SeenRange[];
}

/** Numbers as they were heard, side by side and in the order of arrival. */
export interface HeardMarks {
  readonly deviceIds: string[];
  readonly seqs: number[];
  /** Source times, epoch ms. */
  readonly timesMs: number[];
  /** Epoch ms. */
  readonly arrivedMs: number[];
}

/** What is known of one device's sequence numbers. */
export interface SequenceState {
  /** Oldest first, by source time. */
  runs: SequenceRun[];
  /** Numbers missing for good, from runs and holes that are no longer kept. */
  gaps: number;
  repeats: number;
  restarts: number;
}

/** Runs kept per device: the current one and the one before, whose late messages may still come. */
const runsKept = 2;
/** Ranges kept per run; beyond them the oldest hole is counted as lost. */
const rangesKept = 64;

export function noMarks(): HeardMarks {
  return { deviceIds: [], seqs: [], timesMs: [], arrivedMs: [] };
}

export function emptySequence(): SequenceState {
  return { runs: [], gaps: 0, repeats: 0, restarts: 0 };
}

/**
 * Merges one number into the state (in place): a number already seen is a repeat, a lower one with a newer time than
 * all before is a restart, anything else fills or opens a hole. Times are the source's, so neither the order of
 * arrival nor the number of consumers matters.
 * @param nowMs arrival, epoch ms; a hole's age counts from it
 */
export function mergeMark(state: SequenceState, mark: SequenceMark, nowMs: number): void {
  const { runs } = state;
  let index = runs.findLastIndex((run) => run.firstMs <= mark.timeMs);
  if (index < 0) index = 0;
  const run = runs[index];
  if (run === undefined) {
    runs.push(newRun(mark, nowMs));
    return;
  }
  if (isRestart(run, mark)) {
    const next = runs[index + 1];
    if (next !== undefined && mark.seq <= lowest(next)) {
      next.firstMs = mark.timeMs;
      if (!insert(next, mark.seq, nowMs)) state.repeats++;
    } else {
      runs.splice(index + 1, 0, newRun(mark, nowMs));
      state.restarts++;
    }
  } else {
    if (!insert(run, mark.seq, nowMs)) state.repeats++;
    run.firstMs = Math.min(run.firstMs, mark.timeMs);
    run.newestMs = Math.max(run.newestMs, mark.timeMs);
  }
  forget(state);
}

/** Numbers that have been missing for longer than a minute, or for good. */
export function countGaps(state: Pick<SequenceState, 'runs' | 'gaps'>, nowMs: number): number {
  let missing = state.gaps;
  for (const { ranges } of state.runs) {
    for (const [index, range] of ranges.entries()) {
      const below = ranges[index - 1];
      if (below === undefined || nowMs - range.openedAtMs < limits.sequenceGapAfterMs) continue;
      missing += range.from - below.to - 1;
    }
  }
  return missing;
}

function newRun(mark: SequenceMark, nowMs: number): SequenceRun {
  const ranges = [{ from: mark.seq, to: mark.seq, openedAtMs: nowMs }];
  return { firstMs: mark.timeMs, newestMs: mark.timeMs, ranges };
}

function isRestart(run: SequenceRun, mark: SequenceMark): boolean {
  return mark.timeMs > run.newestMs && mark.seq < (run.ranges.at(-1)?.to ?? 0);
}

function lowest(run: SequenceRun): number {
  return run.ranges[0]?.from ?? Infinity;
}

/** Adds a number to the ranges; false when it was there already. */
function insert(run: SequenceRun, seq: number, nowMs: number): boolean {
  const { ranges } = run;
  // Nearly always the next number after the highest.
  let index = ranges.length - 1;
  while (index >= 0 && (ranges[index]?.from ?? 0) > seq) index--;
  const below = ranges[index];
  const above = ranges[index + 1];
  if (below !== undefined && seq <= below.to) return false;
  const touchesBelow = below !== undefined && below.to === seq - 1;
  const touchesAbove = above !== undefined && above.from === seq + 1;
  if (touchesBelow && touchesAbove) {
    below.to = above.to;
    ranges.splice(index + 1, 1);
  } else if (touchesBelow) below.to = seq;
  else if (touchesAbove) above.from = seq;
  else ranges.splice(index + 1, 0, { from: seq, to: seq, openedAtMs: above?.openedAtMs ?? nowMs });
  return true;
}

/** Keeps the state bounded; what is forgotten while missing is counted for good. */
function forget(state: SequenceState): void {
  for (const run of state.runs) {
    while (run.ranges.length > rangesKept) state.gaps += closeOldestHole(run.ranges);
  }
  while (state.runs.length > runsKept) {
    const ranges = state.runs.shift()?.ranges ?? [];
    while (ranges.length > 1) state.gaps += closeOldestHole(ranges);
  }
}

function closeOldestHole(ranges: SeenRange[]): number {
  const [first, second] = ranges;
  if (first === undefined || second === undefined) return 0;
  const missing = second.from - first.to - 1;
  first.to = second.to;
  ranges.splice(1, 1);
  return missing;
}
