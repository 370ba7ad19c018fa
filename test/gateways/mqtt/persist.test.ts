import { describe, expect, it } from 'vitest';
import { createPersist } from '#gateways/mqtt/persist.ts';
import { systemClock, type Clock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import type { Packet } from '#schemas/reading.ts';
import { createHeldSink } from '#test/kit/sink.ts';

function packetOf(number: number): Packet {
  return {
    source: 'mqtt',
    address: String(number),
    deviceId: 'em-1',
    receivedAtMs: number,
    bytes: new Uint8Array(),
    unacknowledged: false,
    content: { kind: 'status', status: 'online', timeMs: number },
  };
}

/** A clock whose sleeps end when the test says; `sleeps` are their lengths. */
function heldClock(): { clock: Clock; sleeps: number[]; wake: () => void } {
  const sleeps: number[] = [];
  let wake: () => void = () => undefined;
  const sleep = (delayMs: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      sleeps.push(delayMs);
      wake = resolve;
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return { clock: { ...systemClock(), sleep }, sleeps, wake: () => wake() };
}

function start() {
  const sink = createHeldSink();
  const held = heldClock();
  const stopping = new AbortController();
  const { clock } = held;
  const persist = createPersist({ source: 'mqtt', sink, clock, log: silentLog(), stopping: stopping.signal });
  const durable: number[] = [];
  const write = (number: number) => persist.write(packetOf(number), () => durable.push(number));
  return { sink, persist, durable, write, stopping, sleeps: held.sleeps, wake: held.wake };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('createPersist()', () => {
  it('offers the oldest alone until it is taken, then the rest in order of arrival', async () => {
    const { sink, persist, durable, write, sleeps, wake } = start();
    sink.mode = 'fail';
    for (const number of [1, 2, 3]) write(number);
    await turn();
    for (const number of [4, 5]) write(number);
    expect(persist.trouble()).toBe('database is away');
    expect(sink.offered.map(({ address }) => address)).toEqual(['1', '2', '3']);
    wake();
    await turn();
    wake();
    await turn();
    expect(sink.offered.slice(3).map(({ address }) => address)).toEqual(['1', '1']);
    expect(durable).toEqual([]);
    sink.mode = 'commit';
    wake();
    await turn();
    expect(durable).toEqual([1, 2, 3, 4, 5]);
    expect(persist.trouble()).toBeNull();
    expect(sleeps).toHaveLength(3);
  });

  it('waits longer each time, with a bound', async () => {
    const { sink, write, sleeps, wake } = start();
    sink.mode = 'fail';
    write(1);
    for (let i = 0; i < 12; i++) {
      await turn();
      wake();
    }
    await turn();
    for (const [index, sleep] of sleeps.entries()) {
      const longest = Math.min(100 * 2 ** index, 5_000);
      expect(sleep).toBeGreaterThanOrEqual(longest / 2);
      expect(sleep).toBeLessThanOrEqual(longest);
    }
  });

  it('calls nothing durable once it is stopped', async () => {
    const { sink, durable, write, stopping } = start();
    sink.mode = 'fail';
    write(1);
    await turn();
    sink.mode = 'commit';
    stopping.abort(new Error('stopping'));
    await turn();
    expect(durable).toEqual([]);
    expect(sink.offered).toHaveLength(1);
  });
});
