import type { FloodCause } from '#schemas/api/alarm-figures.ts';
import type { ChannelBody } from '#schemas/notify.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import { ackLinkMs, signAckLink } from './ack-link.ts';
import type { Book } from './book.ts';
import { partsOf } from './flood-digest.ts';
import {
  render,
  renderDigest,
  renderFlood,
  type NoticeMessage,
  type Rendered,
  type RenderContext,
} from './render.ts';

/** What every message of this park has in common. */
export interface Letterhead {
  readonly park: string;
  /** Where people reach the console; empty where nobody outside this machine does. */
  readonly base: string;
  /** Of acknowledging links alone. */
  readonly ackKey: Buffer;
}

/** Where an acknowledging link leads. */
export const ackPath = '/api/v1/ack';

/** Puts messages of one reader into words: one as it is, several as a digest, those of a flood by what caused it. */
export function putInWords(
  messages: readonly NoticeMessage[],
  to: {
    readonly channel: ChannelBody;
    readonly username: string | null;
    /** What the flood that they are of is made of; null outside of one. */
    readonly flood: readonly FloodCause[] | null;
  },
  { letterhead, book, nowMs }: { letterhead: Letterhead; book: Book; nowMs: number },
): Rendered {
  const { channel, username, flood } = to;
  const person = username === null ? undefined : book.people.get(username);
  const named = [...new Set(messages.flatMap(({ people }) => people))].flatMap(
    (name) => book.people.get(name) ?? [],
  );
  const context: RenderContext = {
    channel,
    language: person?.preferences.language ?? channel.language,
    park: letterhead.park,
    base: letterhead.base,
    tellTime: (timeMs) => tellTime(timeMs, book.clock),
    people: named.map(({ displayName, preferences }) => ({ name: displayName, phone: preferences.phone })),
    ackUrl:
      person === undefined || !person.mayHandle
        ? null
        : (alarmId) => {
            const link = { alarmId, userId: person.userId, expiresMs: nowMs + ackLinkMs };
            return `${letterhead.base}${ackPath}/${signAckLink(link, letterhead.ackKey)}`;
          },
  };
  if (flood !== null) return renderFlood(partsOf(messages, flood), context);
  const [message] = messages;
  return message !== undefined && messages.length === 1
    ? render(message, context)
    : renderDigest(messages, context);
}

/** `2026-01-05 08:00` by the park's clock. */
export function tellTime(timeMs: number, clock: WallClock): string {
  const { day, minute } = clock.at(timeMs);
  const two = (figure: number) => String(figure).padStart(2, '0');
  return `${day} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
