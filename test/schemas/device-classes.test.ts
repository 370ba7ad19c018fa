import { describe, expect, test } from 'vitest';
import { deviceClassSchema } from '#schemas/device-class.ts';
import { deviceClassIds, deviceClasses, stateCode, stateName } from '#schemas/device-classes/index.ts';

const metrics = [...deviceClasses.values()].flatMap((deviceClass) =>
  Object.entries(deviceClass.metrics).map(([key, metric]) => ({ deviceClass, key, metric })),
);

function metricOf(classId: string, key: string) {
  const metric = deviceClasses.get(classId)?.metrics[key];
  if (metric === undefined) throw new Error(`${classId} has no ${key}`);
  return metric;
}

describe('deviceClasses', () => {
  test('names every class of the product once', () => {
    expect([...deviceClassIds].toSorted()).toEqual([
      'access-door',
      'application',
      'battery',
      'building-equipment',
      'camera',
      'charger',
      'display',
      'elevator',
      'energy-meter',
      'environment-station',
      'fire-panel',
      'gas-meter',
      'gateway',
      'heat-meter',
      'loudspeaker',
      'luminaire',
      'network-node',
      'parking-gate',
      'parking-guidance',
      'payment-terminal',
      'perimeter-sensor',
      'pv-inverter',
      'recorder',
      'robot',
      'smart-pole',
      'video-platform',
      'visitor-terminal',
      'water-meter',
    ]);
  });

  test('has a metric behind every headline and at least one required metric, except stations', () => {
    for (const deviceClass of deviceClasses.values()) {
      for (const key of deviceClass.headline) expect(deviceClass.metrics).toHaveProperty(key);
      const required = Object.values(deviceClass.metrics).filter((metric) => metric.required);
      if (deviceClass.id !== 'environment-station')
        expect(required.length, deviceClass.id).toBeGreaterThan(0);
    }
  });

  test('gives a metric name one kind, one unit and one way of forming means in all classes', () => {
    const seen = new Map<string, string>();
    for (const { key, metric } of metrics) {
      // `frequency` of a drive and of the grid, `power` of anything: same word, same unit.
      const meaning = `${metric.kind} ${metric.unit ?? ''} ${metric.mean}`;
      expect(seen.get(key) ?? meaning, key).toBe(meaning);
      seen.set(key, meaning);
    }
  });

  test('bounds every number, since outside its range a value is refused', () => {
    for (const { deviceClass, key, metric } of metrics) {
      if (metric.kind === 'state') continue;
      expect(metric.min, `${deviceClass.id}.${key}`).toBeTypeOf('number');
      expect(metric.max, `${deviceClass.id}.${key}`).toBeTypeOf('number');
    }
  });

  test('shows counters with the digits that they resolve', () => {
    for (const { deviceClass, key, metric } of metrics) {
      if (metric.kind !== 'counter') continue;
      expect(metric.resolution, `${deviceClass.id}.${key}`).toBeCloseTo(10 ** -metric.decimals, 9);
      if (metric.modulus !== undefined) expect(metric.max).toBeGreaterThanOrEqual(metric.modulus);
    }
  });

  test('wraps the eight digits of an energy register at a million kWh', () => {
    const register = metricOf('energy-meter', 'active_energy_import');
    expect(register).toMatchObject({
      kind: 'counter',
      unit: 'kWh',
      resolution: 0.01,
      modulus: 1_000_000,
      rateAttribute: 'ratedPowerKw',
    });
  });

  test('forms sound levels and wind directions by their own means', () => {
    expect(metricOf('environment-station', 'noise_leq').mean).toBe('energy');
    expect(metricOf('environment-station', 'wind_direction').mean).toBe('circular');
    expect(metricOf('environment-station', 'temperature').mean).toBe('arithmetic');
  });

  test('expects elevators every 5 s and meters, cameras, stations and doors every minute', () => {
    expect(metricOf('elevator', 'mode').expectedIntervalS).toBe(5);
    expect(metricOf('energy-meter', 'active_energy_import').expectedIntervalS).toBe(60);
    expect(metricOf('camera', 'oldest_recording_age').expectedIntervalS).toBe(60);
    expect(metricOf('environment-station', 'pm25').expectedIntervalS).toBe(60);
    expect(metricOf('access-door', 'door').expectedIntervalS).toBe(60);
  });
});

describe('stateCode() and stateName()', () => {
  test('round-trip every state of every metric', () => {
    let states = 0;
    for (const { metric } of metrics) {
      for (const [code, state] of (metric.states ?? []).entries()) {
        expect(stateCode(metric, state.key)).toBe(code);
        expect(stateName(metric, code)).toBe(state.key);
        states += 1;
      }
    }
    expect(states).toBeGreaterThan(100);
  });

  test('code a boolean true as 1, the state on', () => {
    for (const [classId, key] of [
      ['camera', 'online'],
      ['camera', 'recording'],
      ['elevator', 'entrapment'],
      ['access-door', 'forced'],
      ['access-door', 'held_open'],
      ['fire-panel', 'alarm'],
      ['building-equipment', 'running'],
      ['parking-gate', 'occupied'],
    ] as const) {
      expect(stateName(metricOf(classId, key), 1), `${classId}.${key}`).toBe('on');
      expect(stateName(metricOf(classId, key), 0), `${classId}.${key}`).toBe('off');
    }
    expect(stateCode(metricOf('access-door', 'door'), 'open')).toBe(1);
    expect(stateCode(metricOf('access-door', 'lock'), 'locked')).toBe(1);
  });

  test('know nothing of names and codes outside the list', () => {
    const door = metricOf('access-door', 'door');
    expect(stateCode(door, 'ajar')).toBeUndefined();
    expect(stateName(door, 3)).toBeUndefined();
    expect(stateName(door, 0.5)).toBeUndefined();
    expect(stateCode(metricOf('energy-meter', 'active_power'), 'on')).toBeUndefined();
  });
});

describe('deviceClassSchema', () => {
  const name = { zh: '甲', en: 'A' };
  const state = {
    kind: 'state',
    name,
    states: [
      { key: 'off', name },
      { key: 'on', name },
    ],
    expectedIntervalS: 1,
    decimals: 0,
  };
  const counter = { kind: 'counter', name, unit: 'kWh', resolution: 1, expectedIntervalS: 1, decimals: 0 };
  const build = (metric: object, rest: object = {}) =>
    deviceClassSchema.safeParse({ id: 'thing', name, metrics: { a: metric }, headline: ['a'], ...rest });

  test('accepts a plain class', () => {
    expect(build(state).success).toBe(true);
    expect(build(counter).success).toBe(true);
  });

  test.each([
    ['a headline that is no metric', state, { headline: ['toString'] }],
    ['an unknown field', { ...state, colour: 'red' }, {}],
    ['a state without states', { ...state, states: undefined }, {}],
    ['a state with a unit', { ...state, unit: 'kW' }, {}],
    [
      'a state twice',
      {
        ...state,
        states: [
          { key: 'off', name },
          { key: 'off', name },
        ],
      },
      {},
    ],
    ['an abnormal state that is none', { ...state, abnormal: { open: 'high' } }, {}],
    ['a counter without resolution', { ...counter, resolution: undefined }, {}],
    ['a gauge with a modulus', { ...counter, kind: 'gauge', resolution: undefined, modulus: 10 }, {}],
    ['a range upside down', { ...counter, min: 2, max: 1 }, {}],
    ['a rate from an unknown attribute', { ...counter, rateAttribute: 'ratedPowerKw' }, {}],
  ])('refuses %s', (_what, metric, rest) => {
    expect(build(metric, rest).success).toBe(false);
  });
});
