import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import mqtt from 'mqtt';
import { until } from '#test/kit/events.ts';
import { openFolder, startServe, type ServedPark } from '#test/kit/serve.ts';

/** A receiver that takes a message and says nothing until it is told to. */
async function openReceiver() {
  const keys: string[] = [];
  let isSilent = true;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      keys.push(String(request.headers['idempotency-key']));
      if (!isSilent) response.writeHead(200).end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    keys,
    speak: () => {
      isSilent = false;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function setUp(park: ServedPark, url: string): Promise<void> {
  const ask = async (path: string, body: object) =>
    expect((await park.request('POST', path, body)).status).toBe(201);
  await ask('/devices', { id: 'fire-1', name: 'Panel', class: 'fire-panel' });
  const config = { kind: 'webhook', url };
  await ask('/notify/channels', { id: 'hook', name: 'Hook', config, secrets: { signingKey: 'signing-key' } });
  const steps = [{ afterMinutes: 0, channels: ['hook'] }];
  await ask('/notify/routes', { id: 'fire', name: 'Fire', match: { rules: ['fire-alarm'] }, steps });
}

test('a park that is killed in the middle of a delivery delivers it with the same key after its next start', async () => {
  const dataDir = await openFolder();
  await using receiver = await openReceiver();
  const options = { dataDir, env: { NOTIFY_NETWORKS: '127.0.0.0/8' } };
  const killed = await startServe(options);
  await setUp(killed, receiver.url);
  const client = await mqtt.connectAsync(killed.mqttUrl);
  const send = (alarm: boolean) =>
    client.publishAsync(
      'park/v1/demo/fire-1/telemetry',
      JSON.stringify({ ts: Date.now(), values: { alarm } }),
      { qos: 1 },
    );
  await send(true);
  await until(() => receiver.keys.length === 1, 'the message that nobody answers');
  await client.endAsync(true);
  await killed.stop('SIGKILL');
  receiver.speak();
  await using park = await startServe(options);
  const delivered = async () => {
    const { body } = await park.request<{ items: { key: string; state: string; attempts: number }[] }>(
      'GET',
      '/notify/deliveries?channel=hook',
    );
    return body.items.find((delivery) => delivery.state === 'delivered');
  };
  const delivery = await until(delivered, 'the repeated message');
  expect(receiver.keys).toEqual([delivery.key, delivery.key]);
  expect(delivery.attempts).toBe(2);
  await park.stop();
  await rm(dataDir, { recursive: true, force: true });
});
