import { describe, expect, test } from 'vitest';
import { limits } from '#schemas/limits.ts';
import { accept } from '#services/ingest/accept.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { eventPacket, packetOf, refusedPacket, telemetry, type StatedSample } from '#test/kit/packets.ts';

const nowMs = Date.UTC(2026, 0, 10);
const dayMs = 86_400_000;
const directory = fakeDirectory();
directory.add('em-1', 'power', { min: -10, max: 100, unit: 'kW' });
directory.add('lift-1', 'door', { kind: 'state', states: ['closed', 'open'] });
directory.ignore('em-1', 'noise');
const oldestMs = nowMs - 7 * dayMs;
const park = { directory, oldestMs };

function judge(deviceId: string, sample: Partial<StatedSample>) {
  const packet = telemetry(deviceId, [{ metric: 'power', timeMs: nowMs, value: 1, ...sample }], {
    receivedAtMs: nowMs,
  });
  return accept(packet, park);
}

const reasonOf = (deviceId: string, sample: Partial<StatedSample>) =>
  judge(deviceId, sample).rejected.map(({ reason }) => reason);

describe('accept()', () => {
  test('accept() takes what is plausible, the ends of the range included', () => {
    for (const value of [-10, 0, 100]) expect(judge('em-1', { value }).accepted.values).toEqual([value]);
  });

  test.each([
    ['implausible', { value: 100.0001 }],
    ['implausible', { value: -10.5 }],
    ['not-a-number', { value: Number.NaN }],
    ['not-a-number', { value: Infinity }],
    ['not-a-number', { value: 'running' }],
    ['bad-time', { timeMs: Number.NaN }],
    ['before-2000', { timeMs: 0 }],
    ['future-time', { timeMs: nowMs + limits.futureMs + 1 }],
    ['future-time', { timeMs: 8.65e15 }],
  ])('accept() rejects as %s %j', (reason, sample) => {
    expect(reasonOf('em-1', sample)).toEqual([reason]);
  });

  test('accept() takes times up to the edges of the horizon and of the future', () => {
    for (const timeMs of [oldestMs, nowMs + limits.futureMs]) {
      expect(judge('em-1', { timeMs })).toMatchObject({ accepted: { values: [1] }, late: [], rejected: [] });
    }
  });

  test('accept() leaves to the store what is older than the horizon, unless its value is none', () => {
    const timeMs = oldestMs - 1;
    expect(judge('em-1', { timeMs })).toMatchObject({
      accepted: { values: [] },
      late: [{ metric: 'power', value: 1 }],
    });
    expect(judge('em-1', { timeMs, value: 101 })).toMatchObject({
      late: [],
      rejected: [{ metric: 'power' }],
    });
  });

  test('accept() codes states by name or number and rejects all others as unknown-state', () => {
    const door = (value: number | string) => judge('lift-1', { metric: 'door', value });
    expect(door('open').accepted.values).toEqual([1]);
    expect(door(0).accepted.values).toEqual([0]);
    for (const value of ['ajar', 2, -1, 0.5, Number.NaN]) {
      expect(door(value).rejected.map(({ reason }) => reason)).toEqual(['unknown-state']);
    }
  });

  test('accept() discovers unknown metrics and devices, and counts ignored ones as neither', () => {
    expect(judge('em-1', { metric: 'colour' })).toMatchObject({ known: true, discovery: true, ignored: 0 });
    expect(judge('nobody', {})).toMatchObject({ known: false, discovery: true });
    expect(judge('em-1', { metric: 'noise' })).toMatchObject({
      discovery: false,
      ignored: 1,
      undiscovered: [],
    });
  });

  test('accept() stores no minus zero, microseconds as integers, and no revision that is none', () => {
    const { values, timesUs, revs } = judge('em-1', { value: -0, timeMs: nowMs + 0.0015, rev: 1.5 }).accepted;
    expect(Object.is(values[0], 0)).toBe(true);
    expect({ timesUs, revs }).toEqual({ timesUs: [nowMs * 1000 + 2], revs: null });
    expect(judge('em-1', { rev: 2 }).accepted.revs).toEqual([2]);
  });

  test('accept() takes nothing from refused packets and discovers events and statuses of unknown devices', () => {
    expect(accept(refusedPacket('em-1', nowMs), park)).toMatchObject({
      accepted: { values: [] },
      discovery: false,
    });
    expect(accept(eventPacket('nobody', [{ timeMs: nowMs, type: 'trip' }]), park).discovery).toBe(true);
    expect(accept(eventPacket('em-1', [{ timeMs: nowMs, type: 'trip' }]), park).events).toHaveLength(1);
    const online = packetOf('nobody', { kind: 'status', status: 'online', timeMs: nowMs });
    expect(accept(online, park)).toMatchObject({ known: false, discovery: true });
  });
});
