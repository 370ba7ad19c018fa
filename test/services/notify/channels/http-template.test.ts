import { expect, test } from 'vitest';
import { sendHttp } from '#services/notify/channels/http-template.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { recordEndpoint } from '../notify-park.ts';
import { ground, openChannel, outgoing } from './channel-kit.ts';

const nasty = 'He said "stop" & 100% \\ {"a":1}\nnext';

test('sendHttp() fills in a request of the provider, each value escaped for where it stands', async () => {
  await using endpoint = await recordEndpoint();
  const config = {
    kind: 'http',
    purpose: 'sms',
    url: `${endpoint.url}/send/{{phone}}?text={{text}}`,
    headers: { Authorization: 'Bearer {{secret}}' },
    body: '{"to":"{{phone}}","text":"{{text}}","id":"{{key}}","other":"{{unknown}}"}',
  };
  const clock = fakeClock();
  const message = outgoing({ text: nasty }, '+86 138-0000');
  await sendHttp(openChannel(config, { secret: 'api-secret' }), message, ground(clock));
  const [json] = endpoint.requests;
  expect(JSON.parse(json?.body ?? '')).toEqual({
    to: '+861380000',
    text: nasty,
    id: '7/raised/0.0//c',
    other: '{{unknown}}',
  });
  expect(json?.headers.authorization).toBe('Bearer api-secret');
  expect(new URL(json?.path ?? '', endpoint.url).searchParams.get('text')).toBe(nasty);
  const form = { ...config, contentType: 'form', body: 'mobile={{phone}}&content={{text}}' };
  await sendHttp(openChannel(form, { secret: 'api-secret' }), message, ground(clock));
  expect(new URLSearchParams(endpoint.requests[1]?.body).get('content')).toBe(nasty);
});

test("sendHttp() believes the provider's own word where its place is known", async () => {
  await using endpoint = await recordEndpoint();
  const config = {
    kind: 'http',
    purpose: 'voice',
    url: endpoint.url,
    successPath: 'result.code',
    successValue: 'OK',
  };
  const send = () => sendHttp(openChannel(config), outgoing({}, '138000'), ground(fakeClock()));
  endpoint.answer = { status: 200, body: '{"result":{"code":"OK"}}' };
  expect(await send()).toMatchObject({ outcome: 'delivered' });
  endpoint.answer = { status: 200, body: '{"result":{"code":"LIMIT"}}' };
  expect(await send()).toMatchObject({ outcome: 'retry', code: 'LIMIT' });
});
