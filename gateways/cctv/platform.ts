import type { Clock } from '#infra/clock.ts';
import { cctvLimits, type CctvConfig, type CctvPlatform } from '#schemas/cctv.ts';
import { limits } from '#schemas/limits.ts';
import { answerTopic } from '#schemas/mapping.ts';
import { valueAt } from '#schemas/mapping-path.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { Sample } from '#schemas/reading.ts';
import { applyMappings, devicesIn, type Mapped } from '../mapping/apply.ts';
import { compileMappings, type MappingSet } from '../mapping/compile.ts';
import { loginOf } from './config.ts';
import { AnswerTooLong, exchangeWithLogin } from './http.ts';
import { createRecordingsProbe, type ChannelRecordings } from './recordings.ts';

/** One answer of a platform, and what it means. */
export interface PlatformAnswer {
  readonly address: string;
  readonly bytes: Buffer;
  readonly atMs: number;
  readonly mapped: readonly Mapped[];
}

export interface PlatformResult {
  readonly atMs: number;
  /** Whether it answered anything at all, also with "not allowed". */
  readonly answers: boolean;
  readonly troubles: readonly string[];
}

export interface PlatformOptions {
  readonly group: CctvConfig;
  readonly platform: CctvPlatform;
  readonly clock: Clock;
  /** Whose days recordings are counted in. */
  readonly calendar: LocalCalendar;
  /** What it says is handed over page by page; the next page waits. */
  readonly take: (answer: PlatformAnswer) => Promise<void>;
  /** What it says of the recordings of a channel. */
  readonly takeRecordings: (found: ChannelRecordings) => Promise<void>;
}

export interface PlatformProbe {
  /** Asks for everything that is configured, one question after the other. Never throws: an absent one is a fact. */
  run(stop: AbortSignal): Promise<PlatformResult>;
  /** Asks for recordings of the channels whose turn it is. Does nothing where that is not configured. */
  runRecordings(stop: AbortSignal): Promise<void>;
}

type Question = CctvPlatform['requests'][number];

export function createPlatformProbe(options: PlatformOptions): PlatformProbe {
  const { group, platform, clock, calendar } = options;
  const questions = platform.requests.map((question) => ({ question, set: compileMappings(question.read) }));
  const get = getter(options);
  const of = platform.recordings?.of ?? platform.requests[0]?.read[0]?.id ?? '';
  const recordings =
    platform.recordings === undefined
      ? null
      : createRecordingsProbe({
          recordings: platform.recordings,
          clock,
          calendar,
          askPages: (path, take, stop) =>
            get.pages(
              { path, pages: platform.recordings?.pages },
              ({ bytes, atMs }) => take(bytes, atMs),
              stop,
            ),
        });

  const ask = async ({ question, set }: { question: Question; set: MappingSet }, stop: AbortSignal) => {
    let page = 0;
    const take = async ({ address, bytes, atMs }: Page) => {
      const message = { topic: answerTopic, bytes, receivedAtMs: atMs, isAnswer: true };
      const mapped = applyMappings(set, message);
      // An empty page behind a full one says that the list was over.
      if (page++ === 0 || !isEmpty(mapped)) await options.take({ address, bytes, atMs, mapped });
      if (recordings === null) return;
      const offline = new Set(
        mapped.flatMap(({ deviceId, content }) => (isOffline(content) ? [deviceId] : [])),
      );
      for (const spoken of devicesIn(set, of, message))
        recordings.tell(spoken, !offline.has(spoken.deviceId));
    };
    await get.pages(question, take, stop);
  };
  return {
    async run(stop) {
      const troubles: string[] = [];
      let answers = false;
      for (const one of questions) {
        try {
          await ask(one, stop);
          answers = true;
        } catch (error) {
          answers ||= error instanceof Refused || error instanceof AnswerTooLong;
          troubles.push((error as Error).message);
        }
      }
      return { atMs: clock.nowMs(), answers, troubles: [...new Set(troubles)] };
    },
    async runRecordings(stop) {
      await recordings?.run(group.intervalS * 1000, (found) => options.takeRecordings(found), stop);
    },
  };
}

interface Page {
  readonly address: string;
  readonly bytes: Buffer;
  readonly atMs: number;
}

type Asked = Pick<Question, 'path' | 'pages'>;

/** Reads addresses of a platform, with its login. */
function getter({ group, platform, clock }: PlatformOptions) {
  const login = loginOf(group);
  const headers = {
    accept: 'application/json',
    ...(platform.header === undefined ? {} : { [platform.header]: platform.token ?? '' }),
  };
  const one = async (address: string, stop: AbortSignal): Promise<Buffer> => {
    const late = new AbortController();
    using _ = clock.after(group.timeoutMs, () => late.abort());
    const signal = AbortSignal.any([stop, late.signal]);
    const asked = { method: 'GET' as const, url: new URL(address), headers, body: '', signal };
    const answer = await exchangeWithLogin(asked, login);
    if (answer.status !== 200) throw new Refused(`the platform answers ${answer.status}`);
    if (Buffer.byteLength(answer.text) > limits.packetBytes)
      throw new AnswerTooLong(`an answer has more than ${limits.packetBytes} bytes: ask for smaller pages`);
    return Buffer.from(answer.text);
  };
  /** Until a page is not full. @throws Refused, or Error when there is no answer */
  const pages = async (asked: Asked, take: (page: Page) => Promise<void>, stop: AbortSignal) => {
    for (let page = 0; page < cctvLimits.pages && !stop.aborted; page++) {
      const address = addressOf(platform.url, asked, page);
      const bytes = await one(address, stop);
      await take({ address, bytes, atMs: clock.nowMs() });
      if (isLastPage(asked, bytes)) return;
    }
    if (!stop.aborted && asked.pages !== undefined)
      throw new Refused(`${asked.path} has more than ${cctvLimits.pages} pages`);
  };
  return { pages };
}

/** It answers, and not with what was asked for. */
class Refused extends Error {
  override readonly name = 'Refused';
}

function isEmpty(mapped: readonly Mapped[]): boolean {
  return mapped.every(({ content }) => content.kind === 'refused' && content.reason === 'empty');
}

/** Whether a camera says that it is not there. */
function isOffline(content: Mapped['content']): boolean {
  return content.kind === 'telemetry' && !isOnline(content.samples);
}

/** A camera of which the platform says nothing else is there. */
export function isOnline(samples: readonly Sample[]): boolean {
  const online = samples.find(({ metric }) => metric === 'online')?.value;
  return online !== 0 && online !== 'off';
}

function addressOf(base: string, { path, pages }: Asked, page: number): string {
  const url = new URL(base + path);
  if (pages !== undefined) {
    url.searchParams.set(pages.parameter, String(pages.first + page));
    if (pages.sizeParameter !== undefined) url.searchParams.set(pages.sizeParameter, String(pages.size));
  }
  return url.href;
}

/** A page that is not full is the last; an answer without the list, too. */
function isLastPage({ pages }: Asked, bytes: Buffer): boolean {
  if (pages === undefined) return true;
  let root: unknown;
  try {
    root = JSON.parse(bytes.toString('utf8'));
  } catch {
    return true;
  }
  const list = valueAt(pages.items, { root, item: root });
  return !Array.isArray(list) || list.length < pages.size;
}
