import { expect, test } from 'vitest';
import { importExample } from '#services/commands/import.ts';
import { importLimits, readImport, type KnownPark } from '#services/registry/import.ts';

const park: KnownPark = {
  spaceParents: new Map([
    ['park', null],
    ['tower', 'park'],
  ]),
  devices: new Map([
    ['em-9', { class: 'energy-meter', above: {} }],
    ['nvr-1', { class: 'recorder', above: { gatewayId: 'gw-1' } }],
  ]),
  nowMs: Date.UTC(2026, 0, 5),
};

/** `line:column path: message` of every fault. */
function faults(text: string): string[] {
  const reading = readImport(text, park);
  return reading.ok
    ? []
    : reading.errors.map((error) => `${error.line}:${error.column} ${error.path}: ${error.message}`);
}

test('readImport() reads YAML, and says which fields the file gave', () => {
  const reading = readImport(
    `
spaces:
  - { id: hall, parentId: park, kind: building, name: 展厅 }
devices:
  - id: em-1
    name: Meter
    class: energy-meter
    spaceId: hall
    attributes: { ratedPowerKw: 40, phase: L1 }
`,
    park,
  );
  if (!reading.ok) throw new Error('the file is right');
  expect(reading.content.spaces[0]?.value).toMatchObject({ id: 'hall', name: '展厅', areaM2: null });
  expect(reading.content.devices[0]?.value).toMatchObject({ lifecycle: 'in-service', provenance: 'field' });
  expect([...(reading.content.devices[0]?.given ?? [])]).not.toContain('provenance');
});

test('readImport() reads JSON, indented by tabs too', () => {
  const text = JSON.stringify({ devices: [{ id: 'em-1', name: 'M', class: 'energy-meter' }] }, null, '\t');
  expect(faults(text)).toEqual([]);
});

test('readImport() takes an empty file for an empty park only when it says so', () => {
  expect(faults('spaces: []\ndevices: []\n')).toEqual([]);
  expect(faults('')).toEqual(['1:1 : a park is a map with "spaces" and "devices"']);
  expect(faults('- a\n')).toEqual(['1:1 : a park is a map with "spaces" and "devices"']);
});

test('readImport() tells every fault at once, with the line and column where it stands', () => {
  expect(
    faults(`spaces:
  - id: a
    parentId: nowhere
    kind: castle
    name: A
  - id: a
    kind: zone
    name: Again
devices:
  - id: d 1
    name: ""
    class: energy-meter
    colour: red
  - id: d2
    class: perpetuum-mobile
    name: Two
    spaceId: attic
  - id: d2
    name: Three
    class: camera
    validFrom: 2027-01-01T00:00:00Z
  - 17
buildings: []
`),
  ).toEqual([
    '3:15 /spaces/0/parentId: there is no space "nowhere", neither in the file nor in the park',
    expect.stringMatching(/^4:11 \/spaces\/0\/kind: /),
    '6:9 /spaces/1/id: "a" stands here twice, first as entry 1',
    expect.stringMatching(/^10:9 \/devices\/0\/id: an id has 1 to 64/),
    expect.stringMatching(/^11:11 \/devices\/0\/name: /),
    '13:5 /devices/0/colour: "colour" is not a field here',
    '15:12 /devices/1/class: there is no device class "perpetuum-mobile"',
    '17:14 /devices/1/spaceId: there is no space "attic", neither in the file nor in the park',
    '18:9 /devices/2/id: "d2" stands here twice, first as entry 2',
    '21:16 /devices/2/validFrom: lies in the future',
    expect.stringMatching(/^22:5 \/devices\/3: /),
    '23:1 /buildings: "buildings" is not known here',
  ]);
});

test('readImport() puts a field that is missing at the entry that lacks it', () => {
  expect(faults('devices:\n  - id: x\n    class: camera\n')).toEqual(['2:5 /devices/0/name: is needed']);
});

test('readImport() finds circles, also those that run through spaces of the park', () => {
  expect(
    faults(`spaces:
  - { id: x, parentId: z, kind: zone, name: X }
  - { id: y, parentId: x, kind: zone, name: Y }
  - { id: z, parentId: y, kind: zone, name: Z }
  - { id: w, parentId: z, kind: zone, name: W }
`),
  ).toEqual(['2:24 /spaces/0/parentId: the spaces stand in a circle: x > z > y > x']);
  expect(faults('spaces:\n  - { id: park, parentId: tower, kind: park, name: P }\n')).toEqual([
    '2:27 /spaces/0/parentId: the spaces stand in a circle: park > tower > park',
  ]);
});

test('readImport() finds circles of devices above each other, also through devices of the park and several attributes', () => {
  expect(
    faults(`devices:
  - { id: gw-1, name: Box, class: gateway, attributes: { parentId: cam-1 } }
  - { id: cam-1, name: Camera, class: camera, attributes: { recorderId: nvr-1 } }
  - { id: em-1, name: Meter, class: energy-meter, attributes: { parentMeterId: em-1 } }
  - { id: em-2, name: Meter, class: energy-meter, attributes: { parentMeterId: em-9, gatewayId: gw-1 } }
`),
  ).toEqual([
    '2:68 /devices/0/attributes/parentId: the devices stand in a circle: gw-1 > cam-1 > nvr-1 > gw-1',
    '4:80 /devices/2/attributes/parentMeterId: the devices stand in a circle: em-1 > em-1',
  ]);
  // What the file leaves alone stands as it is.
  expect(faults('devices:\n  - { id: nvr-1, name: Recorder, class: recorder }\n')).toEqual([]);
});

test('readImport() names the place of a syntax error and of a key that stands twice', () => {
  expect(faults('spaces:\n  - { id: a\n')[0]).toMatch(/^3:1 /);
  expect(faults('devices:\n  - id: a\n    id: b\n')).toEqual(['3:5 : the key "id" stands here twice']);
  expect(faults('{"spaces": [], "devices": [}')[0]).toMatch(/^1:28 /);
});

test('readImport() refuses what would eat the machine: too many rows, exploding aliases, deep nesting', () => {
  const row = '  - { id: x, name: x, class: camera }\n';
  expect(faults(`devices:\n${row.repeat(importLimits.rows + 1)}`)[0]).toContain('at most 20000');
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
    .split('')
    .map((key, i) => `${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(', ')}]`)
    .join('\n')}\n`;
  expect(faults(bomb)[0]).toContain('aliases multiply it too much');
  expect(faults('['.repeat(100_000)).length).toBeGreaterThan(0);
  const nested = `devices: ${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  expect(faults(nested).length).toBeGreaterThan(0);
});

test('readImport() lets one map be shared by many devices through an alias', () => {
  const head = 'devices:\n  - { id: d0, name: x, class: camera, attributes: &shared { maker: A } }\n';
  const rows = Array.from(
    { length: 3_000 },
    (_, i) => `  - { id: d${i + 1}, name: x, class: camera, attributes: *shared }\n`,
  );
  expect(faults(head + rows.join(''))).toEqual([]);
});

test('readImport() counts the faults of a large file that is all faults', () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, i) => `  - { id: s${i}, parentId: s${i + 1}, kind: zone, nam: x }\n`,
  );
  expect(readImport(`spaces:\n${rows.join('')}`, park)).toMatchObject({ ok: false, count: 10_001 });
  const keys = Array.from({ length: 30_000 }, (_, i) => `k${i}: 1\n`).join('');
  expect(readImport(keys, park)).toMatchObject({ ok: false, count: 30_000 });
});

test('readImport() reads the example of `parkwatch import --help`', () => {
  expect(faults(importExample)).toEqual([]);
});

test('readImport() takes points of devices of the file and of the park, and lets a class keep its word', () => {
  expect(
    faults(`devices:
  - { id: em-1, name: A, class: energy-meter }
points:
  - { deviceId: em-1, metric: box_temperature, unit: degC }
  - { deviceId: em-9, metric: active_power, ignored: true }
  - { deviceId: em-9, metric: active_power }
  - { deviceId: em-1, metric: active_power, unit: V }
  - { deviceId: gone, metric: x }
`),
  ).toEqual([
    '6:31 /points/2/metric: "em-9.active_power" stands here twice, first as entry 2',
    '7:51 /points/3/unit: is kW by the class energy-meter',
    '8:17 /points/4/deviceId: there is no device "gone", neither in the file nor in the park',
  ]);
});
