import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  hkdfSync,
  randomBytes,
  verify,
  type ECDH,
} from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretBox } from '#infra/secret-box.ts';
import { pushKeys } from '#services/notify/channels/push.ts';
import { forgetBrowsers, listBrowsers, putBrowser, browsersMost } from '#services/notify/push-store.ts';
import { createNotifyPark, recordBytes, type BytesEndpoint, type NotifyPark } from '../notify-park.ts';

/** A browser that has subscribed, and can read what it is sent. */
interface Subscriber {
  readonly curve: ECDH;
  readonly auth: Buffer;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

function subscriber(): Subscriber {
  const curve = createECDH('prime256v1');
  const p256dh = curve.generateKeys().toString('base64url');
  const auth = randomBytes(16);
  return { curve, auth, keys: { p256dh, auth: auth.toString('base64url') } };
}

/** Decrypts as RFC 8291 and RFC 8188 have it: salt, record size, key of the sender, one record. */
function decrypt({ curve, auth }: Subscriber, body: Buffer): unknown {
  const salt = body.subarray(0, 16);
  const keyLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', curve.computeSecret(sender), auth, info, 32));
  const derive = (label: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${label}\0`), length));
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // The last record ends with 2 and zeros.
  return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString());
}

/** The claims of a request that this park's key has signed (RFC 8292). */
function claimsOf(authorization: string | undefined, publicKey: string): { aud: string; sub: string } {
  const found = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$/.exec(authorization ?? '');
  const [, head = '', body = '', signature = '', key = ''] = found ?? [];
  expect(key).toBe(publicKey);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((each) => each.toString('base64url'));
  const jwk = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: jwk, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isSigned).toBe(true);
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as { aud: string; sub: string };
}

describe('browser push', () => {
  let park: NotifyPark;
  let service: BytesEndpoint;
  beforeEach(async () => {
    park = await createNotifyPark();
    service = await recordBytes();
    await park.addUser('admin', 'admin');
    await park.addUser('wang', 'engineer');
    const target = { kind: 'person', id: 'wang' };
    await park.addRoute({ steps: [{ afterMinutes: 0, targets: [target], channels: ['push'] }] });
  });
  afterEach(async () => {
    await service[Symbol.asyncDispose]();
    await park[Symbol.asyncDispose]();
  });

  const subscribe = async (path: string) => {
    const browser = subscriber();
    const { pool } = park.database;
    const at = { username: 'wang', label: `Browser ${path}`, nowMs: park.clock.nowMs() };
    await putBrowser(pool, { ...at, endpoint: `${service.url}/${path}`, ...browser.keys });
    return browser;
  };
  const left = async () => (await listBrowsers(park.database.pool, 'wang')).map(({ label }) => label);

  it('reaches every browser of a person, encrypted for it and signed by the park', async () => {
    const [desk, phone] = [await subscribe('desk'), await subscribe('phone')];
    await park.raise({ severity: 'critical' });
    await using notifier = await park.startNotifier();
    await notifier.idle();
    expect(await park.deliveries()).toEqual(['raised wang push delivered']);
    expect(service.requests.map(({ path }) => path).toSorted()).toEqual(['/desk', '/phone']);
    for (const { path, headers, body } of service.requests) {
      expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'high' });
      expect(decrypt(path === '/desk' ? desk : phone, body)).toMatchObject({
        title: '【紧急】Voltage high · Meter 1',
        body: expect.stringContaining('251.5 V'),
        severity: 'critical',
        path: '/alarms?state=all&alarm=1',
      });
      const { publicKey } = pushKeys(park.box);
      const claims = claimsOf(headers.authorization, publicKey);
      expect(claims).toMatchObject({ aud: service.url, sub: 'https://park.example' });
    }
  });

  it('forgets a browser that has unsubscribed, and goes on with the others', async () => {
    await subscribe('gone');
    await subscribe('here');
    service.statuses.set('/gone', 410);
    await park.raise();
    await using notifier = await park.startNotifier();
    await notifier.idle();
    expect(await park.deliveries()).toEqual(['raised wang push delivered']);
    expect(await left()).toEqual(['Browser here']);
  });

  it('that nobody takes any more is given up, and the administrators are told', async () => {
    await subscribe('gone');
    service.statuses.set('/gone', 404);
    await park.raise();
    await using notifier = await park.startNotifier();
    await notifier.idle();
    expect(await park.deliveries()).toEqual(['raised wang push dead', 'fallback admin console delivered']);
    expect(await left()).toEqual([]);
  });

  it('is tried again where the service is away, with the same words', async () => {
    const browser = await subscribe('busy');
    service.statuses.set('/busy', 503);
    await park.raise();
    await using notifier = await park.startNotifier();
    await notifier.idle();
    service.statuses.clear();
    await park.clock.advance(60_000);
    await notifier.idle();
    expect(await park.deliveries()).toEqual(['raised wang push delivered']);
    const told = service.requests.map(({ body }) => decrypt(browser, body));
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual(told[0]);
  });

  it('keeps so many browsers of a person, and one address belongs to who used it last', async () => {
    for (let i = 0; i <= browsersMost; i++) await subscribe(`b${i}`);
    const known = await listBrowsers(park.database.pool, 'wang');
    expect([known.length, known[0]?.label]).toEqual([browsersMost, 'Browser b1']);
    const { pool } = park.database;
    const { keys } = subscriber();
    const endpoint = known[0]?.endpoint ?? '';
    await putBrowser(pool, { username: 'admin', label: 'Desk', nowMs: 0, endpoint, ...keys });
    expect(await listBrowsers(pool, 'admin')).toHaveLength(1);
    expect(await listBrowsers(pool, 'wang')).toHaveLength(browsersMost - 1);
    await forgetBrowsers(pool, [endpoint]);
    expect(await listBrowsers(pool, 'admin')).toEqual([]);
  });
});

describe('pushKeys()', () => {
  it('are the same for the same key file, and others for another', () => {
    const of = (fill: number) => pushKeys(createSecretBox(Buffer.alloc(32, fill)));
    expect(of(1)).toEqual(of(1));
    expect(of(1).publicKey).not.toBe(of(2).publicKey);
    expect(Buffer.from(of(1).publicKey, 'base64url')).toHaveLength(65);
  });
});
