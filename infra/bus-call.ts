import { randomUUID } from 'node:crypto';
import { ParkError, errorTable, type ErrorCode } from '#schemas/errors.ts';
import type { Bus, SealedCall } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { SecretError, type SecretBox } from './secret-box.ts';

/**
 * Questions between processes, over the bus: what only one kind of process can do is done for whoever asks. Sealed, since
 * a question may hold a password. A frame that is lost is a question without an answer: the asker is told so in time.
 */
export interface CallParts {
  readonly bus: Bus;
  readonly box: SecretBox;
  /** Names what is asked, e.g. `opcua`. */
  readonly service: string;
}

/** @throws ParkError as the answerer did, or `unavailable` when nobody answered */
export type Ask = (method: string, body: unknown) => Promise<unknown>;

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };

/** @param deadlineMs how long an answer is waited for */
export function createAsker(parts: CallParts & { readonly clock: Clock; readonly deadlineMs: number }): Ask {
  const { bus, box, service, clock, deadlineMs } = parts;
  return async (method, body) => {
    const id = randomUUID();
    const answered = Promise.withResolvers<Outcome>();
    const unsubscribe = bus.subscribe('answer', (answer) => {
      if (answer.id !== id || answer.service !== service) return;
      const outcome = open(box, 'answer', answer) as Outcome | null;
      if (outcome !== null) answered.resolve(outcome);
    });
    using _ = clock.after(deadlineMs, () =>
      answered.resolve({
        ok: false,
        code: 'unavailable',
        detail: `No process of the park answered for ${service} within ${deadlineMs / 1000} s.`,
      }),
    );
    try {
      bus.publish('ask', seal(box, 'ask', { id, service, content: { method, body } }));
      const outcome = await answered.promise;
      if (outcome.ok) return outcome.value;
      throw new ParkError(outcome.code, outcome.detail);
    } finally {
      unsubscribe();
    }
  };
}

/** What is answered where another process is the one to answer: nothing. */
export const leftToOthers = Symbol('left to others');

/** Answers what is asked of a service, until it is disposed of. What is no {@link ParkError} is logged and told as `internal`. */
export function startAnswering(
  parts: CallParts & {
    readonly log: Log;
    readonly answer: (method: string, body: unknown) => Promise<unknown>;
  },
): Disposable {
  const { bus, box, service, log, answer } = parts;
  const outcomeOf = async (asked: { method: string; body: unknown }): Promise<Outcome | null> => {
    try {
      const value = await answer(asked.method, asked.body);
      return value === leftToOthers ? null : { ok: true, value };
    } catch (error) {
      if (error instanceof ParkError) return { ok: false, code: error.code, detail: error.message };
      log.error({ err: error }, `${service}: ${asked.method} failed`);
      return { ok: false, code: 'internal', detail: errorTable.internal.en };
    }
  };
  const unsubscribe = bus.subscribe('ask', (question) => {
    if (question.service !== service) return;
    const asked = open(box, 'ask', question) as { method: string; body: unknown } | null;
    if (asked === null) {
      log.warn(`${service}: a question cannot be read: another SECRET_KEY_FILE?`);
      return;
    }
    void outcomeOf(asked).then((content) => {
      if (content !== null) bus.publish('answer', seal(box, 'answer', { id: question.id, service, content }));
    });
  });
  return { [Symbol.dispose]: unsubscribe };
}

type Kind = 'ask' | 'answer';

function seal(
  box: SecretBox,
  kind: Kind,
  { id, service, content }: { readonly id: string; readonly service: string; readonly content: unknown },
): SealedCall {
  return {
    id,
    service,
    sealed: box.seal(JSON.stringify(content), aboutOf(kind, { id, service })).toString('base64'),
  };
}

/** Null when it was made under another key, or for something else. */
function open(box: SecretBox, kind: Kind, call: SealedCall): unknown {
  try {
    return JSON.parse(box.open(Buffer.from(call.sealed, 'base64'), aboutOf(kind, call)));
  } catch (error) {
    if (error instanceof SecretError) return null;
    throw error;
  }
}

function aboutOf(kind: Kind, { id, service }: Pick<SealedCall, 'id' | 'service'>): string {
  return `${kind} ${service} ${id}`;
}
