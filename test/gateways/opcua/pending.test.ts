import { describe, expect, test } from 'vitest';
import { pendingLimits, startPending } from '#gateways/opcua/pending.ts';
import { silentLog } from '#infra/log.ts';
import type { Packet } from '#schemas/reading.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const log = silentLog();
const sample = { metric: 'level', timeMs: 1, value: 1, quality: 'good' as const, rev: 0, untimed: false };
const packet = (n: number, values = 1): Packet => ({
  source: 'opcua-plant',
  address: String(n),
  deviceId: 'tank-1',
  receivedAtMs: n,
  bytes: new Uint8Array(),
  unacknowledged: false,
  content: {
    kind: 'telemetry',
    samples: Array.from({ length: values }, () => sample),
    rejected: [],
    sequence: [],
  },
});
const names = (packets: readonly Packet[]) => packets.map(({ address }) => Number(address));

describe('startPending()', () => {
  test('offers again, in order and only what failed, later and later', async () => {
    const clock = fakeClock();
    const sink = createHeldSink('fail');
    await using pending = startPending({ sink, clock, log });
    for (let n = 0; n < 100; n++) pending.push(packet(n));
    await until(() => clock.waiting > 0, 'the first failure');
    const first = sink.offered.length;
    expect(pending.counts()).toMatchObject({ packetsWaiting: 100, trouble: 'database is away' });
    await clock.advance(pendingLimits.retryFirstMs);
    expect(sink.offered.length).toBeGreaterThan(first);
    const second = sink.offered.length;
    await clock.advance(pendingLimits.retryFirstMs);
    expect(sink.offered.length).toBe(second);

    sink.mode = 'commit';
    await clock.advance(pendingLimits.retryMostMs);
    await until(() => pending.counts().packetsWaiting === 0, 'the rest');
    expect(names(sink.committed)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(pending.counts()).toMatchObject({ packetsCommitted: 100, valuesLost: 0, trouble: null });
  });

  test('keeps no more than its bound and counts what is lost', async () => {
    const sink = createHeldSink('hold');
    await using pending = startPending({ sink, clock: fakeClock(), log, valuesMost: 10 });
    for (let n = 0; n < 6; n++) pending.push(packet(n, 3));
    expect(pending.counts()).toMatchObject({ packetsWaiting: 3, valuesWaiting: 9, valuesLost: 9 });
    await until(() => sink.held > 0, 'the first offer');
    sink.release();
    await until(() => pending.counts().packetsWaiting === 0, 'the commits');
    expect(names(sink.committed)).toEqual([0, 1, 2]);
    expect(pending.counts().valuesWaiting).toBe(0);
  });

  test('hands over what waits before it stops', async () => {
    const sink = createHeldSink('hold');
    const pending = startPending({ sink, clock: fakeClock(), log });
    for (let n = 0; n < 3; n++) pending.push(packet(n));
    const stopped = pending[Symbol.asyncDispose]();
    await until(() => sink.held === 1 || sink.held === 3, 'an offer');
    sink.release();
    await stopped;
    expect(names(sink.committed)).toEqual([0, 1, 2]);
  });

  test('stops with a store that never answers, and counts what it leaves', async () => {
    const clock = fakeClock();
    const sink = createHeldSink('hold');
    const pending = startPending({ sink, clock, log });
    pending.push(packet(1, 4));
    await until(() => sink.held === 1, 'the offer');
    const stopped = pending[Symbol.asyncDispose]();
    await clock.advance(pendingLimits.drainMs);
    await stopped;
    expect(pending.counts().valuesLost).toBe(4);
  });
});
