import { describe, expect, test } from 'vitest';
import { classBoards } from '#schemas/class-boards/index.ts';
import { deviceClassSchema } from '#schemas/device-class.ts';
import { deviceClassIds, deviceClasses, stateCode, stateName } from '#schemas/device-classes/index.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';

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

describe('every class is complete', () => {
  test.each([...deviceClasses.values()])('$id', ({ id, name, sources, metrics: own, attributes, events }) => {
    for (const both of [
      name,
      ...Object.values(attributes),
      ...Object.values(events).map((one) => one.name),
    ]) {
      expect(both.zh, id).toMatch(/\S/);
      expect(both.en, id).toMatch(/^[\x20-\x7e³²µ°]+$/);
    }
    // A standard is named with its edition.
    for (const source of sources)
      if (/^(GB|HJ|DL|TSG|CJ|JG|NB|GA|SJ)/.test(source)) expect(source).toMatch(/-\d{4}$/);
    for (const [key, metric] of Object.entries(own)) {
      if (metric.kind !== 'counter') continue;
      // Without it a register that jumps could not be told from one that counts.
      expect(metric.rateAttribute ?? metric.maxRatePerHour, `${id}.${key} has a largest rate`).toBeDefined();
    }
    expect(classBoards.get(id)?.columns.length, `${id} has a board`).toBeGreaterThan(0);
    const watched = defaultRules.filter(({ target }) => 'deviceClass' in target && target.deviceClass === id);
    expect(watched.length, `${id} has a default alarm rule`).toBeGreaterThan(0);
  });

  test('what boards tell as events is what the classes know them as', () => {
    for (const [id, board] of classBoards) {
      for (const { type, name, severity } of board.feed?.events ?? []) {
        expect(deviceClasses.get(id)?.events[type], type).toEqual({ name, ...(severity && { severity }) });
      }
    }
  });

  test('meters: three phases, four rates, water, gas and heat, each wrapping where its register does', () => {
    const phases = ['active_power', 'voltage', 'current'].flatMap((metric) =>
      [1, 2, 3].map((phase) => metricOf('energy-meter', `${metric}_l${phase}`).unit),
    );
    expect(phases).toEqual(['kW', 'kW', 'kW', 'V', 'V', 'V', 'A', 'A', 'A']);
    const registers = [
      'energy-meter.active_energy_import',
      ...[1, 2, 3, 4].map((rate) => `energy-meter.active_energy_import_t${rate}`),
      'energy-meter.active_energy_export',
      'water-meter.volume',
      'gas-meter.volume',
      'heat-meter.energy',
    ];
    for (const register of registers) {
      const [deviceClass = '', key = ''] = register.split('.');
      const { modulus, modulusAttribute, resolution = 0 } = metricOf(deviceClass, key);
      expect(modulusAttribute, register).toBeDefined();
      // Eight digits on the dial.
      expect((modulus ?? 0) / resolution, register).toBeCloseTo(1e8, 0);
    }
  });

  test('noise has a limit by day and another at night, on the board and in the rules', () => {
    const hours = classBoards
      .get('environment-station')
      ?.limits.filter(({ metric }) => metric === 'noise_leq');
    expect(hours?.map(({ limit, hours: span }) => [limit, span])).toEqual([
      [65, { from: '06:00', to: '22:00' }],
      [55, { from: '22:00', to: '06:00' }],
    ]);
    const rules = defaultRules.filter(({ target }) => 'metric' in target && target.metric === 'noise_leq');
    expect(rules.map(({ condition }) => (condition.kind === 'limit' ? condition.limit : null))).toEqual([
      65, 55,
    ]);
    expect(rules.every(({ schedule }) => schedule !== undefined)).toBe(true);
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
    deviceClassSchema.safeParse({
      id: 'thing',
      name,
      sources: ['here'],
      metrics: { a: metric },
      headline: ['a'],
      ...rest,
    });

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
    [
      'a gauge with a largest rate',
      { ...counter, kind: 'gauge', resolution: undefined, maxRatePerHour: 1 },
      {},
    ],
    [
      'a due date of no attribute',
      { ...counter, kind: 'gauge', unit: 'd', resolution: undefined, due: { attribute: 'x' } },
      {},
    ],
    ['a class without a source', state, { sources: [] }],
    ['a rate from an unknown attribute', { ...counter, rateAttribute: 'ratedPowerKw' }, {}],
  ])('refuses %s', (_what, metric, rest) => {
    expect(build(metric, rest).success).toBe(false);
  });
});
