import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, expect, it, test } from 'vitest';
import { noGrant } from '#schemas/api/field-access.ts';
import { mosquittoFiles } from '#services/credentials/mosquitto.ts';
import { mosquittoHash, newSecret } from '#services/credentials/secret.ts';
import { inTime } from '#test/kit/events.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const own = { username: 'parkwatch', password: mosquittoHash('our own', 1_000) };

test('mosquittoFiles() writes out prefixes for the devices that stand, and never our own account twice', () => {
  const { passwords, acl } = mosquittoFiles({
    parkId: 'demo',
    own,
    passwords: [
      { deviceId: 'box-1', password: '$7$x' },
      { deviceId: 'parkwatch', password: '$7$y' },
    ],
    grants: new Map([
      ['box-1', { ...noGrant, children: ['em-9'], prefixes: ['wm-'], topics: ['meters/+/state'] }],
    ]),
    deviceIds: ['box-1', 'em-1', 'wm-1', 'wm-2'],
  });
  expect(passwords).toBe(`parkwatch:${own.password}\nbox-1:$7$x\n`);
  const written = acl.match(/topic write park\/v1\/demo\/[^/]+\/telemetry/g);
  expect(written).toEqual(
    ['box-1', 'em-9', 'wm-1', 'wm-2'].map((id) => `topic write park/v1/demo/${id}/telemetry`),
  );
  expect(acl).toContain('topic write meters/+/state');
  expect(acl).toContain('topic read park/v1/demo/em-9/command');
  expect(acl).not.toContain('em-1/');
});

it.skipIf(!hasMosquitto())('makes a real mosquitto keep the same rules', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parkwatch-acl-'));
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const secret = newSecret();
  const files = mosquittoFiles({
    parkId: 'demo',
    own,
    passwords: [{ deviceId: 'em-1', password: secret.mosquitto }],
    grants: new Map(),
    deviceIds: ['em-1', 'em-2'],
  });
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  writeFileSync(passwordFile, files.passwords, { mode: 0o644 });
  writeFileSync(aclFile, files.acl, { mode: 0o644 });
  const broker = cleanup.use(
    await startMosquitto(['allow_anonymous false', `password_file ${passwordFile}`, `acl_file ${aclFile}`]),
  );
  const open = async (username: string, password: string) => {
    const client = await connectAsync(broker.url, { username, password, reconnectPeriod: 0 });
    cleanup.defer(() => client.endAsync(true));
    return client;
  };
  await expect(open('em-1', 'wrong')).rejects.toThrow(/not authori[sz]ed/i);
  const ours = await open('parkwatch', 'our own');
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  ours.on('message', (topic) => {
    heard.push(topic);
    if (topic.endsWith('/em-1/telemetry')) resolve();
  });
  await ours.subscribeAsync('park/v1/demo/#', { qos: 1 });
  const device = await open('em-1', secret.text);
  await device.publishAsync('park/v1/demo/em-2/telemetry', '{}', { qos: 1 });
  await device.publishAsync('park/v1/demo/em-1/telemetry', '{}', { qos: 1 });
  await inTime(promise, 'the message of the device');
  expect(heard).toEqual(['park/v1/demo/em-1/telemetry']);
});
