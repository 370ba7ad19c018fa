import { excerptOf, type Attempt, type OpenChannel } from './channel.ts';
import type { HttpResult } from './http-request.ts';

/** How long a channel is left alone that answers 429 without saying for how long. */
const limitedMs = 60_000;

/** What an answer means by its status alone. */
export function outcomeOf(result: HttpResult, { secrets }: OpenChannel): Attempt {
  if (result.kind === 'failed') {
    return { outcome: 'retry', code: result.code, excerpt: excerptOf(result.reason, secrets) };
  }
  const { status, text, retryAfterMs } = result.answer;
  const told = { code: String(status), excerpt: excerptOf(text, secrets) };
  if (status >= 200 && status < 300) return { outcome: 'delivered', ...told };
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
    return { outcome: 'limited', ...told, afterMs: retryAfterMs ?? limitedMs };
  }
  // This message as it is will never be taken; anything else may be mended by somebody meanwhile.
  return { outcome: status === 400 || status === 413 || status === 422 ? 'refused' : 'retry', ...told };
}

/** The body of a 2xx answer as an object; undefined when it is none. */
export function answered(result: HttpResult): Readonly<Record<string, unknown>> | undefined {
  if (result.kind === 'failed' || result.answer.status >= 300) return undefined;
  try {
    const parsed: unknown = JSON.parse(result.answer.text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the code of a robot means: 0 is taken. */
export interface RobotCodes {
  readonly field: string;
  /** Codes of too many messages, with how long the robot then stays silent, ms. */
  readonly limited: ReadonlyMap<number, number>;
  /** Codes of a message that will never be taken. */
  readonly refused: ReadonlySet<number>;
}

/** Robots answer 200 whatever happened, and say by a code in the body whether they took it. */
export function robotOutcome(result: HttpResult, channel: OpenChannel, codes: RobotCodes): Attempt {
  const body = answered(result);
  const code = body?.[codes.field];
  if (typeof code !== 'number') {
    const plain = outcomeOf(result, channel);
    // A page that says 200 but is no answer of a robot: a proxy, or a wrong address.
    return plain.outcome === 'delivered' ? { ...plain, outcome: 'retry', code: 'no-answer' } : plain;
  }
  const excerpt = excerptOf(result.kind === 'answer' ? result.answer.text : '', channel.secrets);
  const told = { code: String(code), excerpt };
  if (code === 0) return { outcome: 'delivered', ...told };
  const afterMs = codes.limited.get(code);
  if (afterMs !== undefined) return { outcome: 'limited', ...told, afterMs };
  return { outcome: codes.refused.has(code) ? 'refused' : 'retry', ...told };
}
