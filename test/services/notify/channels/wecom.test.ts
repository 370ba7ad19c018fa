import { expect, test } from 'vitest';
import { sendWecom } from '#services/notify/channels/wecom.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { recordEndpoint } from '../notify-park.ts';
import { ground, openChannel, outgoing } from './channel-kit.ts';

test('sendWecom() sends Markdown to the key of the robot, and reads what it answers', async () => {
  await using endpoint = await recordEndpoint();
  const clock = fakeClock();
  const channel = openChannel(
    { kind: 'wecom' },
    { url: `${endpoint.url}/cgi-bin/webhook/send?key=693a91f6` },
  );
  expect(await sendWecom(channel, outgoing(), ground(clock))).toMatchObject({ outcome: 'delivered' });
  expect(endpoint.requests[0]?.path).toBe('/cgi-bin/webhook/send?key=693a91f6');
  expect(JSON.parse(endpoint.requests[0]?.body ?? '')).toEqual({
    msgtype: 'markdown',
    markdown: { content: 'Text' },
  });
  endpoint.answer = { status: 200, body: '{"errcode":45009,"errmsg":"api freq out of limit"}' };
  expect(await sendWecom(channel, outgoing(), ground(clock))).toMatchObject({
    outcome: 'limited',
    afterMs: 60_000,
  });
  endpoint.answer = { status: 200, body: '{"errcode":40058,"errmsg":"exceed max length"}' };
  expect(await sendWecom(channel, outgoing(), ground(clock))).toMatchObject({ outcome: 'refused' });
  endpoint.answer = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };
  expect(await sendWecom(channel, outgoing(), ground(clock))).toMatchObject({
    outcome: 'retry',
    code: '93000',
  });
});

test('sendWecom() says what it lacks', async () => {
  expect(await sendWecom(openChannel({ kind: 'wecom' }), outgoing(), ground(fakeClock()))).toMatchObject({
    code: 'not-set-up',
  });
});
