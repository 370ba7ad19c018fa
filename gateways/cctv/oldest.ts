import type { TimeSpan } from '../mapping/spans.ts';

/** Recordings that overlap a stretch of time; `many` when there are more than an answer holds. */
export type AskRecordings = (stretch: TimeSpan) => Promise<readonly TimeSpan[] | 'many'>;

const dayMs = 86_400_000;

/**
 * The beginning of the oldest recording in a stretch, epoch milliseconds; null when there is none. It begins at the far
 * end, where there is usually nothing, with stretches that double, and halves the first that has something: about twice
 * the logarithm of its days in questions, and right whatever gaps the recordings have.
 */
export async function findOldest(ask: AskRecordings, { fromMs, toMs }: TimeSpan): Promise<number | null> {
  let [sizeMs, beginMs] = [dayMs, fromMs];
  while (beginMs < toMs) {
    const endMs = Math.min(beginMs + sizeMs, toMs);
    const found = await ask({ fromMs: beginMs, toMs: endMs });
    if (found === 'many' || found.length > 0) return narrow(ask, { fromMs: beginMs, toMs: endMs }, found);
    beginMs = endMs;
    sizeMs *= 2;
  }
  return null;
}

/** Halves a stretch that has recordings down to a day, the older half first. */
async function narrow(
  ask: AskRecordings,
  stretch: TimeSpan,
  found: Awaited<ReturnType<AskRecordings>>,
): Promise<number | null> {
  let [{ fromMs, toMs }, known] = [stretch, found];
  while (toMs - fromMs > dayMs || (known === 'many' && toMs - fromMs > finestMs)) {
    const middleMs = fromMs + Math.ceil((toMs - fromMs) / 2 / finestMs) * finestMs;
    const older = await ask({ fromMs, toMs: middleMs });
    if (older === 'many' || older.length > 0) [toMs, known] = [middleMs, older];
    else {
      fromMs = middleMs;
      known = await ask({ fromMs, toMs });
    }
  }
  if (known === 'many') throw new Error('an hour has more recordings than an answer may hold');
  if (known.length === 0) return null;
  return known.reduce((oldest, span) => Math.min(oldest, span.fromMs), Infinity);
}

/** Nobody's recordings of an hour are more than an answer holds. */
const finestMs = 3_600_000;
