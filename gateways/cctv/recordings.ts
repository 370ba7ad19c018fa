import { coveredSeconds, instantText, spanReader, type TimeSpan } from '../mapping/spans.ts';
import type { SpokenOf } from '../mapping/apply.ts';
import { scalarText } from '../mapping/read.ts';
import type { Clock } from '#infra/clock.ts';
import type { CctvRecordings } from '#schemas/cctv.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { valueAt } from '#schemas/mapping-path.ts';
import { inEnglish } from '#schemas/phrases.ts';
import type { Sample } from '#schemas/reading.ts';
import { AnswerTooLong } from './http.ts';
import { findOldest } from './oldest.ts';

/** Asks one address for its list of recordings, page by page; each page is handed over. */
export type AskPages = (
  address: string,
  take: (bytes: Buffer, atMs: number) => Promise<void>,
  stop: AbortSignal,
) => Promise<void>;

export interface RecordingsOptions {
  readonly recordings: CctvRecordings;
  readonly clock: Clock;
  /** Whose days recordings are counted in. */
  readonly calendar: LocalCalendar;
  readonly askPages: AskPages;
}

/** What is recorded of one channel. */
export interface ChannelRecordings {
  readonly deviceId: string;
  readonly atMs: number;
  readonly samples: readonly Sample[];
  readonly trouble: string | null;
}

/** The channels of a platform, each asked for its recordings in its turn. */
export interface RecordingsProbe {
  /** A channel that the platform told of just now. One that is not there has nobody who could answer. */
  tell(channel: SpokenOf, isOnline: boolean): void;
  /** Asks those whose turn it is, the one that has waited longest first. @param sinceMs between two rounds */
  run(sinceMs: number, tell: (found: ChannelRecordings) => Promise<void>, stop: AbortSignal): Promise<void>;
}

interface Channel {
  readonly deviceId: string;
  address: string | null;
  isOnline: boolean;
  /** On the monotonic clock; minus infinity: never. */
  askedAtMs: number;
  /** The local day that was asked last. */
  day: string | null;
  oldestMs: number | null;
}

/** What a channel's address has in the place of the times of a question. */
const fromMark = '\u0000from\u0000';
const toMark = '\u0000to\u0000';
/** Channels that are remembered; a platform with more tells of the others, too, but not of their recordings. */
const channelsMost = 20_000;
/** Channels asked at the same time: the platform asks its recorders for each. */
const atOnce = 4;

export function createRecordingsProbe(options: RecordingsOptions): RecordingsProbe {
  const { recordings, clock } = options;
  const channels = new Map<string, Channel>();
  return {
    tell({ deviceId, item }, isOnline) {
      const known = channels.get(deviceId);
      const address = addressOf(recordings, { deviceId, item });
      if (known !== undefined) Object.assign(known, { address, isOnline });
      else if (channels.size < channelsMost) {
        const fresh = { askedAtMs: -Infinity, day: null, oldestMs: null };
        channels.set(deviceId, { deviceId, address, isOnline, ...fresh });
      }
    },
    async run(sinceMs, tell, stop) {
      const dueMs = clock.monotonicMs() - recordings.everyS * 1000;
      const due = [...channels.values()].filter((one) => one.isOnline && one.askedAtMs <= dueMs);
      // Evenly spread: of all, as many a round as bring everybody's turn within the interval.
      const most = Math.ceil((channels.size * sinceMs) / (recordings.everyS * 1000));
      const turn = due.toSorted((a, b) => a.askedAtMs - b.askedAtMs).slice(0, most);
      const work = async () => {
        for (let channel = turn.shift(); channel !== undefined && !stop.aborted; channel = turn.shift()) {
          channel.askedAtMs = clock.monotonicMs();
          const found = await askChannel(options, channel, stop);
          if (!stop.aborted) await tell(found);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    },
  };
}

/** Of one channel: today until now, yesterday once it is over, and how far back its recordings reach. */
async function askChannel(
  options: RecordingsOptions,
  channel: Channel,
  stop: AbortSignal,
): Promise<ChannelRecordings> {
  const { clock, calendar, recordings } = options;
  const { deviceId } = channel;
  const nowMs = clock.nowMs();
  const today = calendar.dayOf(nowMs);
  const startMs = calendar.startOf(today);
  const ask = asker(options, channel, stop);
  const samples: Sample[] = [];
  try {
    const within = async (stretch: TimeSpan) => coveredSeconds(clip(await ask.list(stretch), stretch));
    const isNewDay = channel.day !== today;
    if (isNewDay) {
      const yesterday = { fromMs: calendar.startOf(calendar.dayOf(startMs - 1)), toMs: startMs };
      // Told as of the last moment of its day: then everything of it is known.
      samples.push(sample('recorded_seconds_today', startMs - 1, await within(yesterday)));
    }
    samples.push(sample('recorded_seconds_today', nowMs, await within({ fromMs: startMs, toMs: nowMs })));
    const farMs = nowMs - recordings.days * dayMs;
    const fromMs = isNewDay ? farMs : Math.max(farMs, channel.oldestMs ?? farMs);
    channel.oldestMs = await findOldest(ask.some, { fromMs, toMs: nowMs });
    // Nothing is recorded: it reaches back no time at all.
    const ageMs = channel.oldestMs === null ? 0 : nowMs - channel.oldestMs;
    samples.push(sample('oldest_recording_age', nowMs, Math.max(0, Math.round(ageMs / 1000))));
    channel.day = today;
    return { deviceId, atMs: nowMs, samples, trouble: null };
  } catch (error) {
    return { deviceId, atMs: nowMs, samples, trouble: recordingsPrefix + (error as Error).message };
  }
}

const dayMs = 86_400_000;
/** Before what went wrong with them, in a camera's line. */
export const recordingsPrefix = 'recordings: ';

function sample(metric: string, timeMs: number, value: number): Sample {
  return { metric, timeMs, value, quality: 'good', rev: 0, untimed: false };
}

function clip(spans: readonly TimeSpan[], { fromMs, toMs }: TimeSpan): TimeSpan[] {
  return spans.map((span) => ({ fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) }));
}

function asker({ recordings, askPages }: RecordingsOptions, channel: Channel, stop: AbortSignal) {
  const read = spanReader(recordings.spans);
  const text = instantText(recordings.spans);
  const list = async (stretch: TimeSpan): Promise<TimeSpan[]> => {
    if (channel.address === null) throw new Error('the channel has nothing for {@…} of the address');
    const spans: TimeSpan[] = [];
    const asked = (timeMs: number) => encodeURIComponent(text(timeMs));
    const address = channel.address
      .replaceAll(fromMark, asked(stretch.fromMs))
      .replaceAll(toMark, asked(stretch.toMs));
    await askPages(
      address,
      (bytes, atMs) => {
        const root = parse(bytes);
        const found = read({ root, item: root }, atMs);
        if (found.kind !== 'spans')
          throw new Error(
            found.kind === 'fault' ? inEnglish(found.detail) : `no ${recordings.spans.each.text}`,
          );
        // Some platforms answer with everything they have.
        spans.push(
          ...found.spans.filter(({ fromMs, toMs }) => fromMs < stretch.toMs && toMs > stretch.fromMs),
        );
        return Promise.resolve();
      },
      stop,
    );
    return spans;
  };
  const some = async (stretch: TimeSpan) => {
    try {
      return await list(stretch);
    } catch (error) {
      if (error instanceof AnswerTooLong) return 'many' as const;
      throw error;
    }
  };
  return { list, some };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Error('the answer is not JSON');
  }
}

/** The address with everything that the channel itself says; null when it lacks something. */
function addressOf({ path }: CctvRecordings, { deviceId, item }: SpokenOf): string | null {
  const marks: Readonly<Record<string, string>> = { from: fromMark, to: toMark };
  let address = '';
  for (const part of path.parts) {
    if (part.kind === 'text') address += part.text;
    else if (part.kind === 'capture') address += marks[part.name] ?? encodeURIComponent(deviceId);
    else {
      const found = scalarText(valueAt(part.path, item));
      if (found === null) return null;
      address += encodeURIComponent(found);
    }
  }
  return address;
}
