import { fieldTopic } from '#schemas/topics.ts';
import { fieldMessages, heldBack, imperfect, statusAt } from './field.ts';
import type { FieldMessage, FieldSpan } from './field.ts';
import type { Outbox } from './outbox.ts';
import type { Sampler } from './world.ts';

/** One device behind its gateway box: it numbers its packets, keeps late ones back, and tells its status. */
export interface Speaker {
  sendLive(span: FieldSpan): void;
  /** A span at the resolution of the box's memory, in few packets. */
  sendBuffered(span: FieldSpan): void;
  /** What the device says at once, because it was asked. */
  say(messages: readonly FieldMessage[]): void;
  /** Says nothing when the status is what it was. */
  reportStatus(timeMs: number, status?: 'online' | 'offline'): void;
  /** Says the last status again. */
  repeatStatus(): void;
  /** Sends what is held back, whether its time has come or not. */
  releaseHeld(): void;
  readonly holds: boolean;
  readonly sentValues: number;
}

/** Messages of one packet at most: of 20 values and 400 bytes each, well below the contract's limits. */
const packetMessages = 400;

export function createSpeaker(options: {
  readonly sampler: Sampler;
  readonly key: number;
  readonly parkId: string;
  readonly outbox: Outbox;
  /** Shared with the state file: the last number by device. */
  readonly sequence: Map<string, number>;
  /** Resolution of the box's memory; absent: each group's own. */
  readonly backfillEveryMs?: number | undefined;
}): Speaker {
  const { sampler, key, parkId, outbox, sequence, backfillEveryMs } = options;
  const { id } = sampler.device;
  const held: FieldMessage[] = [];
  let status: { readonly status: 'online' | 'offline'; readonly ts: number } | null = null;
  let sentValues = 0;

  const encode = (message: FieldMessage): object => {
    if (message.kind === 'event') return { ts: message.timeMs, ...message.event };
    const seq = (sequence.get(id) ?? 0) + 1;
    sequence.set(id, seq);
    sentValues += Object.keys(message.values).length;
    return { ts: message.timeMs, values: message.values, seq };
  };
  const send = (kind: FieldMessage['kind'], content: object): void => {
    outbox.send({ topic: fieldTopic(parkId, id, kind), payload: JSON.stringify(content), retain: false });
  };
  const sendBatch = (messages: readonly FieldMessage[]): void => {
    for (const kind of ['telemetry', 'event'] as const) {
      const some = messages.filter((message) => message.kind === kind);
      for (let first = 0; first < some.length; first += packetMessages) {
        send(kind, some.slice(first, first + packetMessages).map(encode));
      }
    }
  };
  const sendOne = (message: FieldMessage): void => {
    const [first, ...again] = imperfect(message, key);
    if (first === undefined) return;
    const content = encode(first);
    for (const { kind } of [first, ...again]) send(kind, content);
  };
  const releaseHeld = (): void => {
    if (held.length > 0) sendBatch(held.splice(0));
  };
  const sendStatus = (): void => {
    if (status === null) return;
    outbox.send({ topic: fieldTopic(parkId, id, 'status'), payload: JSON.stringify(status), retain: true });
  };
  return {
    sendLive: (span) => {
      for (const message of fieldMessages(sampler, key, { ...span, buffered: false })) {
        if (heldBack(sampler, key, message.timeMs)) held.push(message);
        else sendOne(message);
      }
      if (!heldBack(sampler, key, span.untilMs)) releaseHeld();
    },
    sendBuffered: (span) =>
      sendBatch(fieldMessages(sampler, key, { ...span, buffered: true, backfillEveryMs })),
    say: sendBatch,
    reportStatus: (timeMs, given = statusAt(sampler, key, timeMs)) => {
      if (status?.status === given) return;
      status = { status: given, ts: timeMs };
      sendStatus();
    },
    repeatStatus: sendStatus,
    releaseHeld,
    get holds() {
      return held.length > 0;
    },
    get sentValues() {
      return sentValues;
    },
  };
}
