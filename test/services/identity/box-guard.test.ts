import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { readConfig } from '#infra/config.ts';
import type { Packet } from '#schemas/reading.ts';
import { openBoxGuard } from '#services/identity/box-guard.ts';
import { protectPacket, pseudonymOf } from '#services/identity/protect.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), 'parkwatch-box-guard-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = randomBytes(32);
const keyFile = join(folder, 'key');
writeFileSync(keyFile, `${key.toString('base64')}\n`);

function open(settings: Readonly<Record<string, string>>) {
  const box = { PARK_ROLES: 'gateway-mqtt', MQTT_URL: 'mqtt://broker' };
  return openBoxGuard(readConfig({ ...box, ...settings }), clock);
}

const packet: Packet = {
  source: 'mqtt-mapping',
  address: 'm/7',
  deviceId: 'door-7',
  receivedAtMs: clock.nowMs(),
  bytes: Buffer.from('{"cardNo":"1234567890"}'),
  unacknowledged: false,
  content: {
    kind: 'event',
    events: [
      {
        timeMs: clock.nowMs(),
        untimed: false,
        type: 'access.granted',
        id: null,
        data: { cardNo: '1234567890' },
      },
    ],
    rejected: [],
  },
};

async function written(settings: Readonly<Record<string, string>>): Promise<Packet | undefined> {
  const sink = createHeldSink();
  await (await open(settings)).protect(sink).write(packet);
  return sink.committed[0];
}

const cardOf = (given: Packet | undefined) =>
  given?.content.kind === 'event' ? given.content.events[0]?.data['cardNo'] : undefined;

test('openBoxGuard() masks without a key, makes the pseudonyms of its key, and keeps only when told to', async () => {
  const masked = await written({});
  expect([cardOf(masked), String(masked?.bytes)]).toEqual(['***90', '{"cardNo":"***90"}']);
  const hashed = await written({ IDENTITY_KEY_FILE: keyFile });
  expect([cardOf(hashed), String(hashed?.bytes)]).toEqual([
    pseudonymOf(key, '1234567890'),
    '{"cardNo":"***90"}',
  ]);
  expect(cardOf(await written({ IDENTITY_MODE: 'mask', IDENTITY_KEY_FILE: keyFile }))).toBe('***90');
  expect(cardOf(await written({ IDENTITY_MODE: 'keep' }))).toBe('1234567890');
});

test('openBoxGuard() refuses a policy that it cannot follow, in one sentence', async () => {
  await expect(open({ IDENTITY_MODE: 'hash' })).rejects.toThrow(
    'IDENTITY_MODE=hash needs IDENTITY_KEY_FILE; `parkwatch identity-key` writes it.',
  );
  await expect(open({ IDENTITY_KEY_FILE: join(folder, 'none') })).rejects.toThrow('cannot be read (ENOENT).');
  const short = join(folder, 'short');
  writeFileSync(short, 'c2hvcnQ=');
  await expect(open({ IDENTITY_KEY_FILE: short })).rejects.toThrow('does not hold what');
  const park = { IDENTITY_MODE: 'keep', DATABASE_URL: 'postgres://x/y' };
  expect(() => readConfig(park)).toThrow('are for a field box');
});

test.each(['hash', 'mask'] as const)(
  'the park (%s) leaves what a box has made of identities',
  async (mode) => {
    const other = randomBytes(32);
    const again = (given: Packet | undefined) =>
      given === undefined
        ? undefined
        : cardOf(protectPacket(given, { policy: { mode, keepDays: 30 }, key: other, nowMs: clock.nowMs() }));
    expect(again(await written({}))).toBe('***90');
    const pseudonym = pseudonymOf(key, '1234567890');
    const hashed = await written({ IDENTITY_KEY_FILE: keyFile });
    expect(again(hashed)).toBe(mode === 'hash' ? pseudonym : `***${pseudonym.slice(-2)}`);
  },
);
