import { describe, expect, test } from 'vitest';
import { planPark } from '#gateways/simulator/park.ts';
import { createSampler, dueTimes } from '#gateways/simulator/sampler.ts';
import { createWorld } from '#gateways/simulator/world.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';

const startMs = Date.UTC(2026, 10, 13);
const weekMs = 7 * 86_400_000;
const quarterMs = 900_000;
const maxRates = {
  'energy-meter': 'ratedPowerKw',
  'water-meter': 'nominalFlowM3h',
  'gas-meter': 'nominalFlowM3h',
};

function samplersOf(seed: number) {
  const plan = planPark(seed);
  const world = createWorld(plan, 'Asia/Shanghai');
  return { plan, world, samplers: plan.devices.map((device) => createSampler(device, world)) };
}

describe('createSampler()', () => {
  test('measures, over a week, only metrics of the class and only plausible values', () => {
    const faults: string[] = [];
    let counted = 0;
    for (const { device, groups } of samplersOf(7).samplers) {
      const metrics = deviceClasses.get(device.class)?.metrics ?? {};
      for (let timeMs = startMs; timeMs < startMs + weekMs; timeMs += 2 * quarterMs + 7_000) {
        for (const [metric, value] of groups.flatMap((group) => Object.entries(group.read(timeMs)))) {
          counted++;
          const definition = metrics[metric];
          const number = Number(value);
          const fits =
            typeof value === 'string'
              ? definition?.states?.some(({ key }) => key === value) === true
              : typeof value === 'boolean'
                ? definition?.states?.length === 2
                : definition?.kind !== 'state' &&
                  Number.isFinite(number) &&
                  number >= (definition?.min ?? -Infinity) &&
                  number <= (definition?.max ?? Infinity);
          if (definition === undefined || !fits) faults.push(`${device.id}.${metric} = ${value}`);
        }
      }
    }
    expect(faults.slice(0, 10)).toEqual([]);
    expect(counted).toBeGreaterThan(500_000);
  });

  test('reports every required metric of the class', () => {
    const missing = samplersOf(7).samplers.flatMap(({ device, groups }) => {
      const sent = new Set(groups.flatMap((group) => Object.keys(group.read(startMs))));
      const metrics = Object.entries(deviceClasses.get(device.class)?.metrics ?? {});
      return metrics.flatMap(([metric, { required }]) =>
        required && !sent.has(metric) ? `${device.id}.${metric}` : [],
      );
    });
    expect(missing).toEqual([]);
  });

  test('lets registers only advance, and never faster than the rated power or flow allows', () => {
    const wrong: string[] = [];
    let advanced = 0;
    for (const { device, groups } of samplersOf(7).samplers) {
      if (device.class !== 'energy-meter' && device.class !== 'water-meter' && device.class !== 'gas-meter')
        continue;
      const maxRate = Number(device.attributes[maxRates[device.class]]);
      const metric = device.class === 'energy-meter' ? 'active_energy_import' : 'volume';
      const register = groups.find((group) => metric in group.read(startMs));
      const read = (timeMs: number) => Number(register?.read(timeMs)[metric]);
      let wraps = 0;
      for (let timeMs = startMs; timeMs < startMs + weekMs; timeMs += quarterMs) {
        const step = read(timeMs + quarterMs) - read(timeMs);
        if (step > 0) advanced++;
        if (step < 0 ? wraps++ > 0 : step > 1.2 * maxRate * 0.25 + 0.01) {
          wrong.push(`${device.id} ${step} in 15 min, at most ${maxRate} per hour`);
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(advanced).toBeGreaterThan(50_000);
  });

  test('lets a main meter count what the meters behind it count, and a little more', () => {
    const { world, plan } = samplersOf(7);
    const main = plan.devices.find(({ id }) => id === 'em-a-main');
    const subs =
      main?.model.kind === 'energy-meter' && 'sumOf' in main.model.metered ? main.model.metered.sumOf : [];
    const day = (id: string) =>
      world.meterCurve(id).total(startMs + 86_400_000) - world.meterCurve(id).total(startMs);
    const behind = subs.reduce((sum, id) => sum + day(id), 0);
    expect(subs.length).toBeGreaterThan(20);
    expect(day('em-a-main') / behind).toBeCloseTo(1.012, 6);
  });

  test('gives the same values and happenings for the same seed', () => {
    const snapshot = () =>
      samplersOf(9).samplers.map((sampler) => [
        sampler.groups.map((group) => group.read(startMs + 36_000_000)),
        sampler.happenings({ fromMs: startMs, toMs: startMs + 7_200_000 }),
      ]);
    expect(snapshot()).toEqual(snapshot());
  });

  test('moves elevators floor by floor, with the doors closed', () => {
    const { samplers } = samplersOf(7);
    const car = samplers.find(({ device }) => device.id === 'el-a-1')?.groups[0];
    let moves = 0;
    let before = car?.read(startMs);
    for (let timeMs = startMs + 1000; timeMs < startMs + 4 * 3_600_000; timeMs += 1000) {
      const now = car?.read(timeMs);
      const travelled = Math.abs(Number(now?.['floor']) - Number(before?.['floor']));
      if (travelled > 0) {
        moves++;
        // There is no floor 0.
        expect(travelled).toBeLessThanOrEqual(2);
        expect(['closed', 'opening']).toContain(now?.['door']);
      }
      before = now;
    }
    expect(moves).toBeGreaterThan(50);
  });

  test('lets other systems report about as many events a day as planned, the same however the time is cut', () => {
    const till = samplersOf(7).samplers.find(({ device }) => device.id === 'till-e');
    const week = { fromMs: startMs, toMs: startMs + weekMs };
    const whole = till?.happenings(week) ?? [];
    const parts = Array.from({ length: 7 * 1_440 }, (_, minute) =>
      till?.happenings({ fromMs: startMs + minute * 60_000, toMs: startMs + (minute + 1) * 60_000 }),
    ).flat();
    expect(parts).toEqual(whole);
    const paid = whole.filter(({ event }) => event?.type === 'payment.settled').length;
    expect(paid).toBeGreaterThan(600);
    expect(paid).toBeLessThan(900);
  });

  test('tells of doors the same happenings however the time is cut', () => {
    const door = samplersOf(7).samplers.find(({ device }) => device.id === 'door-a-main');
    const day = { fromMs: startMs, toMs: startMs + 86_400_000 };
    const whole = door?.happenings(day) ?? [];
    const parts = Array.from({ length: 1440 }, (_, minute) =>
      door?.happenings({ fromMs: startMs + minute * 60_000, toMs: startMs + (minute + 1) * 60_000 }),
    ).flat();
    expect(parts).toEqual(whole);
    const types = new Set(whole.map(({ event }) => event?.type));
    expect(types).toContain('access.granted');
    expect(types).toContain('access.denied');
  });
});

describe('dueTimes()', () => {
  test('neither skips nor repeats a time when a span is cut', () => {
    const whole = dueTimes(123_457, 5_000, { afterMs: 1_000, untilMs: 101_000 });
    const cut = [
      ...dueTimes(123_457, 5_000, { afterMs: 1_000, untilMs: 33_457 }),
      ...dueTimes(123_457, 5_000, { afterMs: 33_457, untilMs: 101_000 }),
    ];
    expect(cut).toEqual(whole);
    expect(whole).toHaveLength(20);
  });
});
