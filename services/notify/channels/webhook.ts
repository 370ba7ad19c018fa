import { createHmac } from 'node:crypto';
import { notSetUp, type Send } from './channel.ts';
import { outcomeOf } from './http-outcome.ts';
import { call } from './http-request.ts';

/**
 * What a receiver verifies (docs/notifications.md): HMAC-SHA256 over `{timestamp}.{key}.{body}`, hex. The timestamp is
 * that of the attempt, epoch seconds; the key stays the same when a message is repeated, so that it is the nonce, too.
 */
export function signWebhook(
  signingKey: string,
  signed: { readonly timestampS: number; readonly key: string; readonly body: string },
): string {
  const { timestampS, key, body } = signed;
  return createHmac('sha256', signingKey).update(`${timestampS}.${key}.${body}`).digest('hex');
}

export const sendWebhook: Send = async (channel, { key, message }, ground) => {
  const { config } = channel.body;
  const { signingKey } = channel.secrets;
  if (config.kind !== 'webhook') throw new Error(`${channel.body.id} is no webhook`);
  // Unsigned, nobody could tell it from a forged one.
  if (signingKey === undefined) return notSetUp('signingKey');
  const timestampS = Math.floor(ground.clock.nowMs() / 1_000);
  const body = JSON.stringify({ key, ...message.data });
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-parkwatch-timestamp': String(timestampS),
    'x-parkwatch-key': key,
    'idempotency-key': key,
    'x-parkwatch-signature': `v1=${signWebhook(signingKey, { timestampS, key, body })}`,
  };
  return outcomeOf(await call({ url: config.url, method: 'POST', headers, body }, ground), channel);
};
