import { describe, expect, test } from 'vitest';
import { answerDoorCommand } from '#gateways/simulator/door-commands.ts';
import { faultsDuring } from '#gateways/simulator/faults.ts';
import { planPark } from '#gateways/simulator/park.ts';
import { createSampler } from '#gateways/simulator/sampler.ts';
import { createWorld } from '#gateways/simulator/world.ts';

const plan = planPark(7);
const world = createWorld(plan, 'Asia/Shanghai');
const door = plan.devices.find(({ class: deviceClass }) => deviceClass === 'access-door');
if (door === undefined) throw new Error('no door');
const [sampler, key] = [createSampler(door, world), world.keyOf(door.id)];
const year = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2027, 0, 1) };
const within = (kind: 'held-open' | 'offline') => (faultsDuring(key, kind, year)[0]?.fromMs ?? 0) + 1;
const quietMs = (() => {
  for (let timeMs = year.fromMs; ; timeMs += 3_600_000) {
    const span = { fromMs: timeMs, toMs: timeMs + 1 };
    const kinds = ['held-open', 'forced', 'offline'] as const;
    if (kinds.every((kind) => faultsDuring(key, kind, span).length === 0)) return timeMs;
  }
})();
const said = (command: string, nowMs: number, expires = nowMs + 15_000) =>
  answerDoorCommand(JSON.stringify({ id: 'c-1', command, ts: nowMs, expires }), { sampler, key, nowMs });

describe('answerDoorCommand()', () => {
  test.each([
    ['unlock', 'unlocked'],
    ['lock', 'locked'],
  ])('does %s, confirms it and tells its lock', (command, lock) => {
    expect(said(command, quietMs)).toMatchObject([
      { kind: 'event', event: { type: 'command.confirmed', data: { command: 'c-1' } } },
      { kind: 'telemetry', values: { lock } },
    ]);
  });

  test('does not lock a door that stands open, and says why', () => {
    expect(said('lock', within('held-open'))).toMatchObject([
      { event: { type: 'command.failed', data: { command: 'c-1', reason: 'the door is open' } } },
    ]);
  });

  test('says nothing when it is away, when the command is too old, or when it is none', () => {
    expect(said('unlock', within('offline'))).toEqual([]);
    expect(said('unlock', quietMs, quietMs - 1)).toEqual([]);
    expect(said('explode', quietMs)).toEqual([]);
    expect(answerDoorCommand('{', { sampler, key, nowMs: quietMs })).toEqual([]);
  });
});
