import { describe, expect, test } from 'vitest';
import { decode } from '#gateways/mqtt/decode.ts';
import { faultsDuring } from '#gateways/simulator/faults.ts';
import { fieldMessages, imperfect } from '#gateways/simulator/field.ts';
import { planPark } from '#gateways/simulator/park.ts';
import { createSampler } from '#gateways/simulator/sampler.ts';
import { createWorld } from '#gateways/simulator/world.ts';

const startMs = Date.UTC(2026, 10, 13, 1);
const hourMs = 3_600_000;
const plan = planPark(7);
const world = createWorld(plan, 'Asia/Shanghai');
const samplers = plan.devices.filter(({ box }) => box !== null).map((device) => createSampler(device, world));
const samplerOf = (id: string) => {
  const sampler = samplers.find(({ device }) => device.id === id);
  if (sampler === undefined) throw new Error(`no ${id}`);
  return sampler;
};

describe('fieldMessages()', () => {
  test('keeps values and one event of a type as rarely as a large park is told to remember', () => {
    const span = { afterMs: startMs, untilMs: startMs + 48 * hourMs, buffered: true };
    const of = (backfillEveryMs?: number) => {
      const sampler = samplerOf('till-e');
      return fieldMessages(sampler, world.keyOf('till-e'), { ...span, backfillEveryMs });
    };
    const values = (given: ReturnType<typeof of>) => given.filter(({ kind }) => kind === 'telemetry').length;
    const paid = (given: ReturnType<typeof of>) =>
      given.filter((each) => each.kind === 'event' && each.event.type === 'payment.settled').length;
    expect(values(of())).toBeGreaterThan(40);
    expect(paid(of())).toBeGreaterThan(100);
    expect(values(of(24 * hourMs))).toBe(2);
    // Two days touch three days of the clock.
    expect(paid(of(24 * hourMs))).toBeLessThanOrEqual(3);
  });

  test('leaves out of a thinned memory what the box never kept', () => {
    const span = { afterMs: startMs, untilMs: startMs + 24 * hourMs, buffered: true };
    const metrics = (backfillEveryMs?: number) =>
      new Set(
        fieldMessages(samplerOf('em-a-main'), 1, { ...span, backfillEveryMs }).flatMap((message) =>
          message.kind === 'telemetry' ? Object.keys(message.values) : [],
        ),
      );
    expect(metrics(6 * hourMs)).toEqual(metrics());
    expect(metrics()).toContain('active_energy_import');
    expect(metrics()).not.toContain('voltage_l1');
  });

  test('makes only messages that the native contract accepts', () => {
    const kinds = new Set<string>();
    for (const sampler of samplers) {
      const { id } = sampler.device;
      const span = { afterMs: startMs, untilMs: startMs + hourMs, buffered: false };
      for (const message of fieldMessages(sampler, world.keyOf(id), span)) {
        const { timeMs: ts, kind } = message;
        const body =
          message.kind === 'event' ? { ts, ...message.event } : { ts, values: message.values, seq: 1 };
        const { content } = decode({
          topic: `park/v1/demo/${id}/${kind}`,
          bytes: Buffer.from(JSON.stringify(body)),
          receivedAtMs: ts,
          parkId: 'demo',
        });
        kinds.add(content.kind);
        expect(content, `${id} ${JSON.stringify(body)}`).not.toHaveProperty('reason');
        expect('rejected' in content ? content.rejected : []).toEqual([]);
      }
    }
    expect(kinds).toEqual(new Set(['telemetry', 'event']));
  });

  test('is silent while the meter is offline, and its register goes on behind it', () => {
    const week = { fromMs: startMs, toMs: startMs + 40 * 24 * hourMs };
    const [id, outage] =
      plan.devices
        .filter((device) => device.class === 'energy-meter')
        .flatMap((device) =>
          faultsDuring(world.keyOf(device.id), 'offline', week).map((fault) => [device.id, fault] as const),
        )[0] ?? [];
    if (id === undefined || outage === undefined) throw new Error('no outage in 40 days');
    const around = {
      afterMs: outage.fromMs - 10 * 60_000,
      untilMs: outage.toMs + 10 * 60_000,
      buffered: false,
    };
    const messages = fieldMessages(samplerOf(id), world.keyOf(id), around);
    expect(messages.filter(({ timeMs }) => timeMs >= outage.fromMs && timeMs < outage.toMs)).toEqual([]);
    const registers = messages.flatMap((message) =>
      message.kind === 'telemetry' ? (message.values['active_energy_import'] ?? []) : [],
    );
    expect(registers.length).toBeGreaterThan(15);
    expect(registers).toEqual(registers.toSorted((a, b) => Number(a) - Number(b)));
  });

  test('gives the same messages whether asked in one span or tick by tick', () => {
    for (const id of ['em-a-f01-light', 'door-b-main', 'env-plaza', 'cam-001']) {
      const key = world.keyOf(id);
      const whole = fieldMessages(samplerOf(id), key, {
        afterMs: startMs,
        untilMs: startMs + hourMs,
        buffered: false,
      });
      const ticks = Array.from({ length: 7200 }, (_, tick) =>
        fieldMessages(samplerOf(id), key, {
          afterMs: startMs + tick * 500,
          untilMs: startMs + (tick + 1) * 500,
          buffered: false,
        }),
      ).flat();
      expect(ticks).toEqual(whole);
    }
  });

  test('keeps a quarter-hourly register in the buffer', () => {
    const key = world.keyOf('wm-park');
    const day = fieldMessages(samplerOf('wm-park'), key, {
      afterMs: startMs,
      untilMs: startMs + 24 * hourMs,
      buffered: true,
    });
    expect(day.every(({ timeMs }) => timeMs % 900_000 === 0)).toBe(true);
    expect(day.length).toBeGreaterThan(70);
  });
});

describe('imperfect()', () => {
  test('garbles, repeats and spikes a few of many packets, always the same ones', () => {
    const outcome = (timeMs: number) =>
      imperfect({ kind: 'telemetry', timeMs, values: { flow: 1, volume: 2 } }, 77);
    const times = Array.from({ length: 200_000 }, (_, n) => startMs + n * 5_000);
    const results = times.map(outcome);
    const twice = results.filter((messages) => messages.length === 2).length;
    const values = results.flatMap(([message]) =>
      message?.kind === 'telemetry' ? [message.values['flow']] : [],
    );
    expect(twice).toBeGreaterThan(20);
    expect(twice).toBeLessThan(200);
    expect(values.filter((value) => value === null).length).toBeGreaterThan(0);
    expect(values.filter((value) => value === 1e15).length).toBeGreaterThan(0);
    expect(values.filter((value) => value !== 1).length).toBeLessThan(60);
    expect(times.slice(0, 50_000).map(outcome)).toEqual(results.slice(0, 50_000));
  });
});
