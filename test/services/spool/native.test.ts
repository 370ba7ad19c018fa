import { describe, expect, it } from 'vitest';
import { decode } from '#gateways/mqtt/decode.ts';
import { limits } from '#schemas/limits.ts';
import { sayText } from '#schemas/phrases.ts';
import type { Packet } from '#schemas/reading.ts';
import { toNative } from '#services/spool/native.ts';
import { packetOf, sampleOf } from './kit.ts';

const nowMs = 1_763_000_000_000;

/** What the park reads of what the box sends. */
function readBack(packet: Packet) {
  return toNative(packet, 'demo').map(({ topic, payload }) =>
    decode({ topic, bytes: payload, receivedAtMs: nowMs + 1000, parkId: 'demo' }),
  );
}

describe('toNative()', () => {
  it('says every value with its time, quality and revision, as the park reads it', () => {
    const samples = [
      sampleOf('power', nowMs, 12.5),
      sampleOf('mode', nowMs, 'running'),
      sampleOf('power', nowMs, 13.5, { rev: 2, quality: 'bad' }),
      sampleOf('power', nowMs - 0.123, 11, { quality: 'uncertain' }),
    ];
    const [read] = readBack(packetOf('em-1', samples));
    expect(read).toEqual({
      deviceId: 'em-1',
      content: { kind: 'telemetry', samples, rejected: [], sequence: [] },
    });
  });

  it('splits what one packet could not hold', () => {
    const samples = Array.from({ length: 12_000 }, (_, n) => sampleOf(`m${n}`, nowMs + n, n));
    const read = readBack(packetOf('em-1', samples));
    expect(read.flatMap(({ content }) => (content.kind === 'telemetry' ? content.samples : []))).toEqual(
      samples,
    );
    for (const { payload } of toNative(packetOf('em-1', samples), 'demo')) {
      expect(payload.length).toBeLessThan(limits.packetBytes);
    }
  });

  it('sends a value without time with the time of its receipt, and a rejected one to be counted at the park', () => {
    const packet: Packet = {
      ...packetOf('em-1', [], nowMs),
      content: {
        kind: 'telemetry',
        samples: [sampleOf('a', nowMs, 1, { untimed: true, quality: 'uncertain' })],
        rejected: [{ metric: '__proto__', reason: 'not-a-number', detail: sayText('none') }],
        sequence: [],
      },
    };
    const [read] = readBack(packet);
    expect(read?.content).toMatchObject({
      samples: [{ metric: 'a', timeMs: nowMs, quality: 'uncertain', untimed: false }],
      rejected: [{ metric: '__proto__', reason: 'not-a-number' }],
    });
  });

  it('says events and states, and nothing of a packet that was refused whole', () => {
    const base = packetOf('door-1', [], nowMs);
    const event = { timeMs: nowMs, untimed: false, type: 'access.denied', id: 'x', data: { card: '1' } };
    expect(
      readBack({ ...base, content: { kind: 'event', events: [event], rejected: [] } })[0]?.content,
    ).toMatchObject({ events: [event] });
    expect(
      readBack({ ...base, content: { kind: 'status', status: 'offline', timeMs: nowMs } })[0]?.content,
    ).toEqual({ kind: 'status', status: 'offline', timeMs: nowMs });
    expect(readBack({ ...base, content: { kind: 'refused', reason: 'empty', detail: sayText('') } })).toEqual(
      [],
    );
  });
});
