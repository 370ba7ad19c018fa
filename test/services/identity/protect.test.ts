import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { NativePacket } from '#gateways/mqtt/native-packet.ts';
import type { IdentityMode } from '#schemas/api/identity.ts';
import { sayText } from '#schemas/phrases.ts';
import type { Packet } from '#schemas/reading.ts';
import { protectPacket, pseudonymOf } from '#services/identity/protect.ts';

const key = randomBytes(32);
const nowMs = Date.parse('2026-03-01T00:00:00Z');
const data = { credential: 'SIM-01292', direction: 'in', visitor: { name: 'Ann' }, plate: '川A12345' };
const bytes = Buffer.from(JSON.stringify({ ts: nowMs, type: 'access.granted', data }));

function packet(timeMs = nowMs): Packet {
  return {
    source: 'mqtt',
    address: 'park/v1/demo/door-1/event',
    deviceId: 'door-1',
    receivedAtMs: nowMs,
    bytes,
    unacknowledged: false,
    content: {
      kind: 'event',
      events: [{ timeMs, untimed: false, type: 'access.granted', id: '7', data }],
      rejected: [],
    },
  };
}

function protect(mode: IdentityMode, given = packet(), by = key) {
  const made = protectPacket(given, { policy: { mode, keepDays: 30 }, key: by, nowMs });
  const [event] = made.content.kind === 'event' ? made.content.events : [];
  return { data: event?.data ?? {}, raw: Buffer.from(made.bytes).toString(), made };
}

describe('protectPacket()', () => {
  test('hash: a pseudonym that is the same for the same person, and another under another key', () => {
    const first = protect('hash').data;
    expect(first).toMatchObject({ direction: 'in', visitor: '***' });
    expect(first['credential']).toMatch(/^h:[\w-]{16}$/);
    expect(first['credential']).toBe(protect('hash').data['credential']);
    expect(first['credential']).toBe(pseudonymOf(key, 'SIM-01292'));
    expect(first['credential']).not.toBe(protect('hash', packet(), randomBytes(32)).data['credential']);
    expect(first['credential']).not.toBe(first['plate']);
  });

  test('mask: two characters at most are left', () => {
    expect(protect('mask').data).toEqual({
      credential: '***92',
      direction: 'in',
      visitor: '***',
      plate: '***45',
    });
  });

  test('keep: as it came, until its time is over', () => {
    expect(protect('keep').data).toEqual(data);
    expect(protect('keep').raw).toBe(bytes.toString());
    const old = nowMs - 31 * 86_400_000;
    expect(protect('keep', packet(old)).data['credential']).toBe('***92');
    expect(protect('hash', packet(old)).data['credential']).toBe('***92');
  });

  test.each(['hash', 'mask'] as const)('%s: the raw bytes name nobody either', (mode) => {
    const { raw } = protect(mode);
    for (const secret of ['SIM-01292', 'Ann', '12345']) expect(raw).not.toContain(secret);
    expect(raw).toContain('access.granted');
  });

  test('what was refused, and readings out of the same message, name nobody in their bytes', () => {
    const vendor = Buffer.from('{"events":[{"code":21,"cardNo":"1234567890"}]}');
    const refused = { kind: 'refused', reason: 'not-json', detail: sayText('x') } as const;
    const telemetry = { kind: 'telemetry', samples: [], rejected: [], sequence: [] } as const;
    for (const content of [refused, telemetry]) {
      const { raw } = protect('hash', { ...packet(), source: 'mqtt-mapping', bytes: vendor, content });
      expect(raw).not.toContain('1234567890');
    }
  });

  test('a native packet that was refused keeps its reason', () => {
    const received = {
      ...packet(),
      bytes: Buffer.from('{"type":"x","data":{"cardNo":"1234567890"},"odd":1}'),
    };
    const native = new NativePacket(received, 'demo');
    expect(native.content.kind).toBe('refused');
    const { made, raw } = protect('hash', native);
    expect(made.content).toEqual(native.content);
    expect(made).toMatchObject({ deviceId: 'door-1', source: 'mqtt', address: received.address });
    expect(raw).not.toContain('1234567890');
  });

  test('a packet that names nobody is the same packet', () => {
    const plain = { ...packet(), bytes: Buffer.from('{"values":{"door":"open"}}') };
    const given: Packet = { ...plain, content: { kind: 'refused', reason: 'empty', detail: sayText('x') } };
    expect(protect('hash', given).made).toBe(given);
  });
});
