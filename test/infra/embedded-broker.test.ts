import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, type MqttConfig } from '#infra/config.ts';
import { brokerLimits, startEmbeddedBroker } from '#infra/embedded-broker.ts';
import type { FieldPublish } from '#infra/embedded-broker/hold.ts';
import { silentLog } from '#infra/log.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { hasMosquittoClients } from '#test/kit/mosquitto.ts';
import { connectWire, publishOf } from '#test/kit/mqtt-wire.ts';

const run = promisify(execFile);
let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

function hasOpenssl(): boolean {
  const found = spawnSync('openssl', ['version']).error === undefined;
  // oxlint-disable-next-line no-console
  if (!found) console.warn('skipped: openssl is not installed');
  return found;
}

async function start(config: Partial<MqttConfig> = {}) {
  const options = { config: mqttConfig(config), parkId: 'demo', log: silentLog(), clock: systemClock() };
  const broker = cleanup.use(await startEmbeddedBroker(options));
  const published: FieldPublish[] = [];
  broker.attach((publish) => {
    published.push(publish);
    return Promise.resolve();
  });
  return { broker, published };
}

describe('startEmbeddedBroker()', () => {
  it('uses the aedes whose inside it was written against', () => {
    const { version } = JSON.parse(readFileSync('node_modules/aedes/package.json', 'utf8')) as {
      version: string;
    };
    expect(version, 'read infra/embedded-broker/aedes-internals.ts again before raising this').toBe('1.2.0');
  });

  it('says in one sentence that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => void other.close());
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toThrow(
      new ConfigError(
        `MQTT_PORT: 127.0.0.1:${port} is used by another program; stop it, or set MQTT_PORT to a free port.`,
      ),
    );
  });

  it('refuses MQTT 5 with the answer that 3.1.1 has for it', async () => {
    const { broker } = await start();
    const socket = connectTcp({ host: '127.0.0.1', port: broker.port });
    cleanup.defer(() => void socket.destroy());
    // CONNECT, protocol level 5, clean start, no properties, client id "a".
    socket.write(Buffer.from('100e00044d5154540502000000000161', 'hex'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('hex')).toBe('20020001');
    await once(socket, 'close');
    expect(broker.status().connections).toBe(0);
  });

  it.skipIf(!hasOpenssl())('speaks TLS beside the plain listener when it has a certificate', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parkwatch-tls-'));
    cleanup.defer(() => rmSync(directory, { recursive: true }));
    const [certFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    await run('openssl', [...made, '-keyout', keyFile, '-out', certFile, ...subject]);
    const { broker, published } = await start({ tls: { certFile, keyFile, port: 0 } });
    const device = await connectAsync(`mqtts://127.0.0.1:${broker.tlsPort}`, {
      ca: readFileSync(certFile),
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    cleanup.defer(() => device.endAsync(true));
    await device.publishAsync('park/v1/demo/em-1/telemetry', '{}', { qos: 1 });
    expect(published).toHaveLength(1);
    expect(broker.tlsPort).not.toBe(broker.port);
  });

  it('says in one sentence that a certificate cannot be used', async () => {
    const tls = { certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem', port: 0 };
    await expect(start({ tls })).rejects.toThrow(
      new ConfigError('MQTT_TLS_CERT names /nowhere/cert.pem, which cannot be read (ENOENT).'),
    );
    const broken = { certFile: 'package.json', keyFile: 'package.json', port: 0 };
    await expect(start({ tls: broken })).rejects.toThrow(ConfigError);
  });

  it('asks for user name and password when it has them', async () => {
    const { broker } = await start({ username: 'field', password: 'correct horse' });
    const answer = async (username?: string, password?: string) => {
      const given = {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      };
      using client = await connectWire({ port: broker.port, ...given });
      return client.connack.returnCode;
    };
    expect(await answer('field', 'correct horse')).toBe(0);
    expect(await answer('field', 'wrong')).toBe(4);
    expect(await answer('other', 'correct horse')).toBe(4);
    expect(await answer()).toBe(4);
    expect(broker.status().loginsRefused).toBe(3);
  });

  it('ends a connection that announces more than it reads, and only that one', async () => {
    const { broker, published } = await start();
    const good = cleanup.use(await connectWire({ port: broker.port }));
    const bad = cleanup.use(await connectWire({ port: broker.port }));
    bad.send(publishOf('park/v1/demo/a/telemetry', Buffer.alloc(brokerLimits.packetBytes + 1), 1));
    await expect(bad.until(() => bad.acks().length > 0)).rejects.toThrow('connection ended');
    good.send(publishOf('park/v1/demo/a/telemetry', '{}', 1));
    await good.until(() => good.acks().length === 1);
    expect(published).toHaveLength(1);
    expect(broker.status()).toMatchObject({ oversizePackets: 1, connections: 1 });
  });

  it('waits for a packet that comes in pieces, serves others meanwhile, and forgets one that never ends', async () => {
    const { broker, published } = await start();
    const slow = cleanup.use(await connectWire({ port: broker.port }));
    const other = cleanup.use(await connectWire({ port: broker.port }));
    // PUBLISH at QoS 1: topic park/v1/x, id 1, payload {}.
    const packet = Buffer.from('320f00097061726b2f76312f7800017b7d', 'hex');
    for (const byte of packet.subarray(0, 10)) slow.socket.write(Uint8Array.of(byte));
    other.send(publishOf('park/v1/demo/a/telemetry', '{}', 1));
    await other.until(() => other.acks().length === 1);
    expect(published).toHaveLength(1);
    slow.socket.write(packet.subarray(10));
    await slow.until(() => slow.acks().length === 1);
    expect(published[1]).toMatchObject({ topic: 'park/v1/x', qos: 1 });
    slow.socket.end(packet.subarray(0, 10));
    await expect(slow.until(() => false)).rejects.toThrow('connection ended');
    await expect.poll(() => broker.status().connections).toBe(1);
    expect(published).toHaveLength(2);
  });

  it('ends a connection that does not speak MQTT', async () => {
    const { broker } = await start();
    const client = await connectWire({ port: broker.port });
    client.socket.write('GET / HTTP/1.1\r\n\r\n');
    await expect(client.until(() => false)).rejects.toThrow('connection ended');
    expect(broker.status().connections).toBe(0);
  });

  it('forwards to subscribers, and a subscriber that takes nothing stops no device', async () => {
    const { broker, published } = await start();
    const reader = cleanup.use(await connectWire({ port: broker.port }));
    const sleeper = cleanup.use(await connectWire({ port: broker.port }));
    for (const client of [reader, sleeper]) {
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'park/v1/#', qos: 0 }] });
      await client.until(() => client.received.length === 2);
    }
    sleeper.socket.pause();
    const device = cleanup.use(await connectWire({ port: broker.port }));
    const payload = Buffer.alloc(100_000, ' ');
    for (let id = 1; id <= 300; id++) device.send(publishOf('park/v1/demo/a/telemetry', payload, id));
    await device.until(() => device.acks().length === 300);
    expect(published).toHaveLength(300);
    await reader.until(() => reader.received.filter(({ cmd }) => cmd === 'publish').length === 300);
  });

  it('holds what arrives before a gateway is there', async () => {
    const options = { config: mqttConfig(), parkId: 'demo', log: silentLog(), clock: systemClock() };
    const broker = cleanup.use(await startEmbeddedBroker(options));
    const device = cleanup.use(await connectWire({ port: broker.port }));
    device.send(publishOf('park/v1/demo/a/telemetry', '{}', 1));
    device.send({ cmd: 'pingreq' });
    await device.until(() => device.received.some(({ cmd }) => cmd === 'pingresp'));
    expect(device.acks()).toEqual([]);
    broker.attach(() => Promise.resolve());
    await device.until(() => device.acks().length === 1);
  });

  it.skipIf(!hasMosquittoClients())(
    'serves mosquitto_pub at QoS 0, 1 and 2, and turns version 5 away',
    async () => {
      const { broker, published } = await start();
      const args = [
        '-h',
        '127.0.0.1',
        '-p',
        String(broker.port),
        '-t',
        'park/v1/demo/em-1/telemetry',
        '-m',
        '{}',
      ];
      for (const qos of ['0', '1', '2']) await run('mosquitto_pub', [...args, '-q', qos]);
      expect(published.map(({ qos }) => qos)).toEqual([0, 1, 2]);
      await expect(run('mosquitto_pub', [...args, '-V', '5'])).rejects.toThrow(/version|protocol/i);
    },
  );
});
