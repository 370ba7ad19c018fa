import type { Clock } from '#infra/clock.ts';
import type { AttemptOutcome, ChannelBody, ChannelKind, PushAddress, SecretField } from '#schemas/notify.ts';
import type { AddressGuard } from '../address-guard.ts';
import type { Rendered } from '../render.ts';
import type { PushKeys } from './push.ts';

/** What one attempt came to; the excerpt holds nothing secret. */
export interface Attempt {
  readonly outcome: AttemptOutcome;
  /** Of the protocol: an HTTP status, a code of a robot, an SMTP reply, or a word such as `timeout`. */
  readonly code: string;
  readonly excerpt: string;
  /** How long the other end wants to be left alone; only with `limited`. */
  readonly afterMs?: number;
  /** Browsers that have unsubscribed. */
  readonly gone?: readonly string[];
}

/** One message on its way out. */
export interface Outgoing {
  /** The same for every repetition: who has taken it once drops it the second time. */
  readonly key: string;
  /** Of one person; null for a group. */
  readonly address: string | null;
  readonly message: Rendered;
  /** Of one person; only of Web Push. */
  readonly browsers?: readonly PushAddress[];
}

/** A channel with its secrets opened. */
export interface OpenChannel {
  readonly body: ChannelBody;
  readonly secrets: Readonly<Partial<Record<SecretField, string>>>;
}

export interface Ground {
  readonly clock: Clock;
  readonly guard: AddressGuard;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** How messages to browsers are signed, and who stands for them. */
  readonly push: { readonly keys: PushKeys; readonly subject: string };
}

/** One file a protocol; never throws for what the other end does. */
export type Send = (channel: OpenChannel, outgoing: Outgoing, ground: Ground) => Promise<Attempt>;

export type Senders = Readonly<Record<ChannelKind, Send>>;

const excerptLength = 300;

/** The start of an answer on one line, without the secrets of the channel. */
export function excerptOf(text: string, secrets: OpenChannel['secrets']): string {
  let clean = text;
  for (const secret of Object.values(secrets)) {
    for (const part of secretParts(secret)) clean = clean.replaceAll(part, '***');
  }
  return clean
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, excerptLength);
}

/** A secret as it stands, and what of a secret address may come back alone: path and query values. */
function secretParts(secret: string): string[] {
  if (!URL.canParse(secret)) return [secret, encodeURIComponent(secret)];
  const url = new URL(secret);
  const inside = [...url.searchParams.values(), url.pathname.split('/').at(-1) ?? ''];
  return [secret, ...inside.filter((part) => part.length >= shortestSecret)];
}

/** Shorter parts of an address are words, not secrets. */
const shortestSecret = 8;

/** The channel itself is not set up: nothing that it is given can go out. */
export function notSetUp(field: SecretField): Attempt {
  return { outcome: 'retry', code: 'not-set-up', excerpt: `the channel has no ${field}` };
}
