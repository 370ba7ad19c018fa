import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sendDingtalk } from '#services/notify/channels/dingtalk.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { recordEndpoint, type Endpoint } from '../notify-park.ts';
import { ground, openChannel, outgoing } from './channel-kit.ts';

const clock = fakeClock();
let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await recordEndpoint();
});
afterAll(() => endpoint[Symbol.asyncDispose]());
beforeEach(() => {
  endpoint.requests.length = 0;
});

const send = (secrets: object = {}) =>
  sendDingtalk(
    openChannel(
      { kind: 'dingtalk' },
      { url: `${endpoint.url}/robot/send?access_token=tok-en-12345`, ...secrets },
    ),
    outgoing({ mentions: ['13800000000'] }),
    ground(clock),
  );

test('sendDingtalk() signs as a robot of DingTalk verifies, in the address', async () => {
  endpoint.answer = { status: 200, body: '{"errcode":0,"errmsg":"ok"}' };
  expect(await send({ signingKey: 'SECabc' })).toMatchObject({ outcome: 'delivered', code: '0' });
  const url = new URL(endpoint.requests[0]?.path ?? '', endpoint.url);
  const timestamp = url.searchParams.get('timestamp') ?? '';
  expect(Number(timestamp)).toBe(clock.nowMs());
  const expected = createHmac('sha256', 'SECabc').update(`${timestamp}\nSECabc`).digest('base64');
  expect(url.searchParams.get('sign')).toBe(expected);
  expect(url.searchParams.get('access_token')).toBe('tok-en-12345');
  expect(JSON.parse(endpoint.requests[0]?.body ?? '')).toEqual({
    msgtype: 'markdown',
    markdown: { title: 'Title', text: 'Text' },
    at: { atMobiles: ['13800000000'], isAtAll: false },
  });
});

test('sendDingtalk() without a key sends as it is', async () => {
  await send();
  expect(endpoint.requests[0]?.path).toBe('/robot/send?access_token=tok-en-12345');
});

test.each([
  ['{"errcode":130101,"errmsg":"send too fast"}', { outcome: 'limited', code: '130101', afterMs: 600_000 }],
  ['{"errcode":310000,"errmsg":"sign not match"}', { outcome: 'retry', code: '310000' }],
  ['{"errcode":430104,"errmsg":"unsafe"}', { outcome: 'refused', code: '430104' }],
  ['<html>proxy login</html>', { outcome: 'retry', code: 'no-answer' }],
])('sendDingtalk() answered %s is told as it is', async (body, expected) => {
  endpoint.answer = { status: 200, body };
  expect(await send()).toMatchObject(expected);
});

test('sendDingtalk() keeps the token of the robot out of what it tells', async () => {
  endpoint.answer = { status: 200, body: '{"errcode":300005,"errmsg":"token tok-en-12345 is not exist"}' };
  expect((await send()).excerpt).toBe('{"errcode":300005,"errmsg":"token *** is not exist"}');
});
