import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { sendFeishu } from '#services/notify/channels/feishu.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { recordEndpoint } from '../notify-park.ts';
import { ground, openChannel, outgoing } from './channel-kit.ts';

test('sendFeishu() signs as a robot of Feishu verifies, in the body, and colours its card by severity', async () => {
  await using endpoint = await recordEndpoint();
  const clock = fakeClock();
  const channel = openChannel(
    { kind: 'feishu' },
    { url: `${endpoint.url}/open-apis/bot/v2/hook/x`, signingKey: 'key' },
  );
  expect(await sendFeishu(channel, outgoing(), ground(clock))).toMatchObject({ outcome: 'delivered' });
  const body = JSON.parse(endpoint.requests[0]?.body ?? '') as {
    timestamp: string;
    sign: string;
    msg_type: string;
    card: { header: { template: string; title: { content: string } } };
  };
  expect(Number(body.timestamp)).toBe(Math.floor(clock.nowMs() / 1_000));
  expect(body.sign).toBe(createHmac('sha256', `${body.timestamp}\nkey`).digest('base64'));
  expect([body.msg_type, body.card.header.template, body.card.header.title.content]).toEqual([
    'interactive',
    'orange',
    'Title',
  ]);
  endpoint.answer = { status: 200, body: '{"code":11232,"msg":"frequency limited"}' };
  expect(await sendFeishu(channel, outgoing(), ground(clock))).toMatchObject({
    outcome: 'limited',
    afterMs: 60_000,
  });
  endpoint.answer = { status: 200, body: '{"code":19021,"msg":"sign match fail"}' };
  expect(await sendFeishu(channel, outgoing(), ground(clock))).toMatchObject({
    outcome: 'retry',
    code: '19021',
  });
});
