import type { Clock } from '#infra/clock.ts';
import { cctvLimits, type CctvConfig, type CctvPlatform } from '#schemas/cctv.ts';
import { limits } from '#schemas/limits.ts';
import { answerTopic } from '#schemas/mapping.ts';
import { valueAt } from '#schemas/mapping-path.ts';
import { applyMappings, type Mapped } from '../mapping/apply.ts';
import { compileMappings, type MappingSet } from '../mapping/compile.ts';
import { loginOf } from './config.ts';
import { exchangeWithLogin } from './http.ts';

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
  /** What it says is handed over page by page; the next page waits. */
  readonly take: (answer: PlatformAnswer) => Promise<void>;
}

type Question = CctvPlatform['requests'][number];

/** Asks a platform for everything that is configured, one question after the other. Never throws: an absent one is a fact. */
export function createPlatformProbe(options: PlatformOptions): {
  run(stop: AbortSignal): Promise<PlatformResult>;
} {
  const { group, platform, clock } = options;
  const questions = platform.requests.map((question) => ({ question, set: compileMappings(question.read) }));
  const login = loginOf(group);
  const headers = {
    accept: 'application/json',
    ...(platform.header === undefined ? {} : { [platform.header]: platform.token ?? '' }),
  };

  const get = async (address: string, stop: AbortSignal): Promise<Buffer> => {
    const late = new AbortController();
    using _ = clock.after(group.timeoutMs, () => late.abort());
    const signal = AbortSignal.any([stop, late.signal]);
    const asked = { method: 'GET' as const, url: new URL(address), headers, body: '', signal };
    const answer = await exchangeWithLogin(asked, login);
    if (answer.status !== 200) throw new Refused(`the platform answers ${answer.status}`);
    if (Buffer.byteLength(answer.text) > limits.packetBytes)
      throw new Refused(`an answer has more than ${limits.packetBytes} bytes: ask for smaller pages`);
    return Buffer.from(answer.text);
  };
  const ask = async ({ question, set }: { question: Question; set: MappingSet }, stop: AbortSignal) => {
    for (let page = 0; page < cctvLimits.pages && !stop.aborted; page++) {
      const address = addressOf(platform.url, question, page);
      const bytes = await get(address, stop);
      const atMs = clock.nowMs();
      const mapped = applyMappings(set, { topic: answerTopic, bytes, receivedAtMs: atMs, isAnswer: true });
      // An empty page behind a full one says that the list was over.
      if (page === 0 || !isEmpty(mapped)) await options.take({ address, bytes, atMs, mapped });
      if (isLastPage(question, bytes)) return;
    }
    if (!stop.aborted && question.pages !== undefined)
      throw new Refused(`${question.path} has more than ${cctvLimits.pages} pages`);
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
          answers ||= error instanceof Refused;
          troubles.push((error as Error).message);
        }
      }
      return { atMs: clock.nowMs(), answers, troubles: [...new Set(troubles)] };
    },
  };
}

/** It answers, and not with what was asked for. */
class Refused extends Error {
  override readonly name = 'Refused';
}

function isEmpty(mapped: readonly Mapped[]): boolean {
  return mapped.every(({ content }) => content.kind === 'refused' && content.reason === 'empty');
}

function addressOf(base: string, { path, pages }: Question, page: number): string {
  const url = new URL(base + path);
  if (pages !== undefined) {
    url.searchParams.set(pages.parameter, String(pages.first + page));
    if (pages.sizeParameter !== undefined) url.searchParams.set(pages.sizeParameter, String(pages.size));
  }
  return url.href;
}

/** A page that is not full is the last; an answer without the list, too. */
function isLastPage({ pages }: Question, bytes: Buffer): boolean {
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
