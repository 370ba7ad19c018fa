import { createHmac, timingSafeEqual } from 'node:crypto';
import { expect, test } from 'vitest';
import { sendWebhook } from '#services/notify/channels/webhook.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { recordEndpoint, type Recorded } from '../notify-park.ts';
import { ground, openChannel, outgoing } from './channel-kit.ts';

/** As docs/notifications.md tells a receiver to verify. */
function verify(request: Recorded, signingKey: string, nowS: number): boolean {
  const header = (name: string) => String(request.headers[name]);
  const [timestamp, key] = [header('x-parkwatch-timestamp'), header('x-parkwatch-key')];
  const expected = createHmac('sha256', signingKey)
    .update(`${timestamp}.${key}.${request.body}`)
    .digest('hex');
  const given = header('x-parkwatch-signature').replace('v1=', '');
  const isSame =
    expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
  return isSame && Math.abs(nowS - Number(timestamp)) <= 300;
}

test('sendWebhook() signs body, key and time; a change of any of them does not verify', async () => {
  await using endpoint = await recordEndpoint();
  const clock = fakeClock();
  const channel = openChannel(
    { kind: 'webhook', url: `${endpoint.url}/hook?a=1` },
    { signingKey: 'signing-key' },
  );
  await sendWebhook(channel, outgoing(), ground(clock));
  await clock.advance(60_000);
  await sendWebhook(channel, outgoing(), ground(clock));
  const [first, second] = endpoint.requests;
  if (first === undefined || second === undefined) throw new Error('nothing came');
  const nowS = clock.nowMs() / 1_000;
  expect([verify(first, 'signing-key', nowS), verify(second, 'signing-key', nowS)]).toEqual([true, true]);
  expect(verify(first, 'another-key', nowS)).toBe(false);
  expect(verify(first, 'signing-key', nowS + 600)).toBe(false);
  expect(verify({ ...first, body: `${first.body} ` }, 'signing-key', nowS)).toBe(false);
  expect(
    verify({ ...first, headers: { ...first.headers, 'x-parkwatch-key': 'k' } }, 'signing-key', nowS),
  ).toBe(false);
  // Repeated: the same key, another time.
  expect(first.headers['idempotency-key']).toBe(second.headers['idempotency-key']);
  expect(first.headers['x-parkwatch-signature']).not.toBe(second.headers['x-parkwatch-signature']);
});

test.each([
  [429, { 'retry-after': '7' }, { outcome: 'limited', afterMs: 7_000 }],
  [429, {}, { outcome: 'limited', afterMs: 60_000 }],
  [302, { location: 'http://169.254.169.254/' }, { outcome: 'retry', code: '302' }],
  [401, {}, { outcome: 'retry', code: '401' }],
  [422, {}, { outcome: 'refused', code: '422' }],
  [204, {}, { outcome: 'delivered' }],
])(
  'sendWebhook() answered %i %o is told as it is, and follows nothing',
  async (status, headers, expected) => {
    await using endpoint = await recordEndpoint();
    endpoint.answer = { status, body: '', headers: headers };
    const channel = openChannel({ kind: 'webhook', url: endpoint.url }, { signingKey: 'k' });
    expect(await sendWebhook(channel, outgoing(), ground(fakeClock()))).toMatchObject(expected);
    expect(endpoint.requests).toHaveLength(1);
  },
);

test('sendWebhook() reads a bounded part of an answer without end', async () => {
  await using endpoint = await recordEndpoint();
  endpoint.answer = { status: 200, body: 'x'.repeat(5_000_000) };
  const channel = openChannel({ kind: 'webhook', url: endpoint.url }, { signingKey: 'k' });
  const attempt = await sendWebhook(channel, outgoing(), ground(fakeClock()));
  expect([attempt.outcome, attempt.excerpt.length]).toEqual(['delivered', 300]);
});

test('sendWebhook() does not speak to inner addresses, nor unsigned', async () => {
  await using endpoint = await recordEndpoint();
  const channel = openChannel({ kind: 'webhook', url: endpoint.url }, { signingKey: 'k' });
  expect(await sendWebhook(channel, outgoing(), ground(fakeClock(), []))).toMatchObject({
    outcome: 'retry',
    code: 'refused',
  });
  const unsigned = openChannel({ kind: 'webhook', url: endpoint.url });
  expect(await sendWebhook(unsigned, outgoing(), ground(fakeClock()))).toMatchObject({ code: 'not-set-up' });
  expect(endpoint.requests).toEqual([]);
});
