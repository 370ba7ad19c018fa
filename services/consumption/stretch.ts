import type { RegisterSample } from './judge.ts';
import type { LineRange, SampleSource } from './samples.ts';

/**
 * A stretch of one counter's samples, read once and held, and asked in place of where they came from: days in a row ask
 * for nearly the same samples again and again, and a question costs more than what it answers.
 */
export interface Stretch extends SampleSource {
  /** Until when every sample is held, epoch µs; Infinity where there are none beyond. */
  readonly toUs: number;
}

/**
 * Reads the samples of a range and a page on either side of it. An idle counter is followed further back when that is asked
 * for, and what was read is held, too; other questions that the samples do not answer go where they came from.
 * @param source where they come from now; made anew for each question, since raw readings may be dropped meanwhile
 * @param most of the range; what lies beyond is not held
 */
export async function readStretch(
  source: () => SampleSource,
  { pointId, fromUs, toUs }: LineRange,
  most: number,
): Promise<Stretch> {
  const read = source();
  const { page } = read;
  const inner = await read.between({ pointId, fromUs, toUs }, most);
  const last = inner.length < most ? undefined : inner.at(-1);
  const lead = await read.before({ pointId, fromUs: -Infinity, toUs: fromUs }, page.lead);
  const tail = await read.from(pointId, last === undefined ? toUs : last.timeUs + 1, page.tail);
  let samples = [...lead, ...inner, ...tail];
  let sinceUs = lead.length < page.lead ? -Infinity : (lead[0]?.timeUs ?? fromUs);
  const untilUs = tail.length < page.tail ? Infinity : (tail.at(-1)?.timeUs ?? toUs) + 1;
  const followBack = async (earliestUs: number, limit: number) => {
    const more = await source().before({ pointId, fromUs: earliestUs, toUs: sinceUs }, limit);
    samples = [...more, ...samples];
    sinceUs = more.length < limit ? earliestUs : (more[0]?.timeUs ?? sinceUs);
  };
  return {
    page,
    toUs: untilUs,
    between: async (range, limit) => {
      if (range.fromUs < sinceUs || range.toUs > untilUs) return source().between(range, limit);
      const at = firstFrom(samples, range.fromUs);
      return samples.slice(at, Math.min(firstFrom(samples, range.toUs), at + limit));
    },
    before: async (range, limit) => {
      if (range.toUs < sinceUs || range.toUs > untilUs) return source().before(range, limit);
      const missing = limit - firstFrom(samples, range.toUs);
      if (missing > 0 && range.fromUs < sinceUs) await followBack(range.fromUs, missing);
      const at = firstFrom(samples, range.toUs);
      return samples.slice(Math.max(firstFrom(samples, range.fromUs), at - limit), at);
    },
    from: async (id, timeUs, limit) => {
      const at = firstFrom(samples, timeUs);
      const isHeld = timeUs >= sinceUs && (untilUs === Infinity || at + limit <= samples.length);
      return isHeld ? samples.slice(at, at + limit) : source().from(id, timeUs, limit);
    },
  };
}

/** Place of the first sample at or after a time. */
function firstFrom(samples: readonly RegisterSample[], timeUs: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle]?.timeUs ?? Infinity) < timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
