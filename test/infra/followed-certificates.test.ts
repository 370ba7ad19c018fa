import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { followCertificates } from '#infra/followed-certificates.ts';
import { silentLog } from '#infra/log.ts';
import { hasOpenssl, makeCertificates } from '#test/kit/certificates.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';

const lookMs = 10_000;

test.skipIf(!hasOpenssl())(
  'followCertificates() takes up a renewed pair, and keeps the old one while half of it is there',
  async () => {
    await using certificates = await makeCertificates();
    const { certFile, keyFile } = certificates.server;
    const renewed = await certificates.client('renewed');
    const pair = { cert: await readFile(certFile), key: await readFile(keyFile) };
    const server = createServer(pair, (socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const clock = fakeClock();
    const files = { certFile, keyFile };
    await using _ = followCertificates({ server, files, clock, log: silentLog() });
    const { port } = server.address() as AddressInfo;
    const nameShown = async () => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return subject.CN;
    };
    const first = await nameShown();
    await clock.advance(lookMs);
    expect(await nameShown()).toBe(first);

    await copyFile(renewed.certFile, certFile);
    await clock.advance(lookMs);
    await clock.advance(lookMs);
    expect(await nameShown()).toBe(first);
    await copyFile(renewed.keyFile, keyFile);
    await clock.advance(lookMs);
    await until(async () => (await nameShown()) === 'renewed', 'the renewed certificate');

    await writeFile(certFile, 'nonsense');
    await clock.advance(lookMs);
    expect(await nameShown()).toBe('renewed');
    server.close();
  },
);
