import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { sendEmail } from '#services/notify/channels/email.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { ground, openChannel, outgoing } from './channel-kit.ts';
import { recordMail } from './smtp-recorder.ts';

const caCertificate = readFileSync(new URL('../../../fixtures/tls/localhost.crt', import.meta.url), 'utf8');
const clock = systemClock();
const login = { user: 'park', pass: 'mail-password' };

const account = (port: number, rest: object = {}) => ({
  kind: 'email',
  host: 'localhost',
  port,
  security: 'none',
  from: 'park@example.com',
  caCertificate,
  ...rest,
});

test('sendEmail() logs in over TLS and sends text and HTML with the same Message-ID for the same key', async () => {
  await using server = await recordMail({ secure: true, login });
  const channel = openChannel(account(server.port, { security: 'tls', username: 'park' }), {
    password: login.pass,
  });
  const message = outgoing({ title: '【紧急】火警 · 一号楼' }, 'wang@example.com');
  expect((await sendEmail(channel, message, ground(clock))).outcome).toBe('delivered');
  expect((await sendEmail(channel, message, ground(clock))).outcome).toBe('delivered');
  const [first, second] = server.mails;
  expect([first?.to, first?.secure, first?.user]).toEqual([['wang@example.com'], true, 'park']);
  expect(first?.raw).toContain('Content-Type: text/html');
  expect(first?.raw).toContain('Auto-Submitted: auto-generated');
  const id = (raw: string | undefined) => /^Message-ID: (.+)$/im.exec(raw ?? '')?.[1];
  expect(id(first?.raw)).toBeTruthy();
  expect(id(second?.raw)).toBe(id(first?.raw));
});

test('sendEmail() with STARTTLS sends nothing to a server that does not offer it, and all of it encrypted to one that does', async () => {
  await using plain = await recordMail({});
  await using upgraded = await recordMail({ startTls: true });
  const send = (port: number) =>
    sendEmail(
      openChannel(account(port, { security: 'starttls' })),
      outgoing({}, 'li@example.com'),
      ground(clock),
    );
  expect((await send(plain.port)).outcome).toBe('retry');
  expect(plain.mails).toEqual([]);
  expect((await send(upgraded.port)).outcome).toBe('delivered');
  expect(upgraded.mails[0]?.secure).toBe(true);
});

test('sendEmail() does not trust a certificate of nobody it knows', async () => {
  await using server = await recordMail({ secure: true });
  const channel = openChannel(account(server.port, { security: 'tls', caCertificate: '' }));
  const attempt = await sendEmail(channel, outgoing({}, 'li@example.com'), ground(clock));
  expect(attempt.outcome).toBe('retry');
  expect(server.mails).toEqual([]);
});

test('sendEmail() refuses for good what a server never takes, and tries again what it may take later', async () => {
  await using never = await recordMail({ refuse: { code: 550, text: 'no such user' } });
  await using later = await recordMail({ refuse: { code: 451, text: 'greylisted' } });
  const send = (port: number) =>
    sendEmail(openChannel(account(port)), outgoing({}, 'li@example.com'), ground(clock));
  expect(await send(never.port)).toMatchObject({ outcome: 'refused', code: '550' });
  expect(await send(later.port)).toMatchObject({ outcome: 'retry', code: '451' });
});

test('sendEmail() tells a wrong password as something to be mended, without the password', async () => {
  await using server = await recordMail({ secure: true, login });
  const channel = openChannel(account(server.port, { security: 'tls', username: 'park' }), {
    password: 'wrong-one',
  });
  const attempt = await sendEmail(channel, outgoing({}, 'li@example.com'), ground(clock));
  expect(attempt.outcome).toBe('retry');
  expect(JSON.stringify(attempt)).not.toContain('wrong-one');
});

test('sendEmail() gives a server up that never says a word', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const still = fakeClock();
  const channel = openChannel(account((server.address() as AddressInfo).port));
  const connected = once(server, 'connection');
  const attempt = sendEmail(channel, outgoing({}, 'li@example.com'), ground(still));
  const [socket] = (await connected) as [{ destroy(): void }];
  await still.advance(10_000);
  expect(await attempt).toMatchObject({ outcome: 'retry', code: 'timeout' });
  socket.destroy();
  server.close();
});

test('sendEmail() reaches no inner address that its keeper did not allow', async () => {
  const attempt = await sendEmail(
    openChannel(account(25)),
    outgoing({}, 'li@example.com'),
    ground(clock, []),
  );
  expect(attempt).toMatchObject({ outcome: 'retry', code: 'refused' });
  expect(attempt.excerpt).toContain('NOTIFY_NETWORKS');
});
