import { describe, expect, test } from 'vitest';
import { parseMappings } from '#gateways/mapping/config.ts';

const good = `mappings:
  - id: meters
    topic: meters/{deviceId}/state
    device: em-{deviceId}
    class: energy-meter
    time: { path: ts, format: epoch-s }
    values:
      - { metric: active_power, path: power, unit: W }
      - metric: active_energy_import
        path: energy
`;

function faultOf(text: string): string {
  const read = parseMappings(text);
  return read.ok
    ? 'no fault'
    : read.faults.map((f) => `${f.line}:${f.column} ${f.path}: ${f.message}`).join('\n');
}

describe('mappingSchema', () => {
  test('takes a mapping', () => {
    expect(faultOf(good)).toBe('no fault');
  });

  test.each([
    [
      'a unit that does not convert',
      'unit: W }',
      'unit: degC }',
      /^8:52 .*values\[0\]\.unit: degC does not convert to kW, the unit of active_power/,
    ],
    [
      'a metric that the class does not have',
      'metric: active_energy_import',
      'metric: floor',
      /^9:17 .*energy-meter has no metric floor/,
    ],
    [
      'a class that is none',
      'energy-meter',
      'energy-metre',
      /^5:12 mappings\[0\]\.class: there is no device class/,
    ],
    ['a path that is none', 'path: energy', 'path: energy..x', /^10:15 .*is no path/],
    ['a wildcard in a value', 'path: energy', 'path: energy[*]', /^10:15 .*stands only in each/],
    [
      'a capture that nothing captures',
      'em-{deviceId}',
      'em-{device}',
      /^4:13 .*\{device\} is captured nowhere/,
    ],
    ['a typo', 'device: em', 'devise: em', /4:5 mappings\[0\]\.devise: "devise" is not a field here/],
    ['a field that is missing', /    topic:.*\n/, '', /^2:5 mappings\[0\]\.topic: is needed/],
    ['a time format without a zone', 'epoch-s', 'YYYY-MM-DD HH:mm:ss', /^6:11 .*zone: is needed/],
    ['a zone that is none', 'epoch-s', 'YYYY-MM-DD, zone: Mars/Base', /^6:\d+ .*no time zone/],
    ['a time format that is none', 'epoch-s', 'YY', /^6:\d+ .*format: is epoch-ms/],
    ['a topic of ours', 'meters/{deviceId}/state', 'park/v1/demo/{deviceId}/x', /^3:12 .*topic of ours/],
    ['a path in a plain payload', 'device: em', 'payload: plain\n    device: em', /needs a JSON payload/],
    ['a key that stands twice', 'class: energy-meter', 'id: meters', /^5:5 .*the key "id" stands here twice/],
    [
      'a state that the class does not know',
      'active_power, path: power, unit: W',
      'active_power, path: power, states: { "1": open }',
      /^8:\d+ .*open is no state of active_power/,
    ],
    ['states with a unit', 'unit: W }', 'unit: W, states: { "1": 1 } }', /states are not converted/],
  ])('names the line of %s', (_, from, to, expected) => {
    expect(faultOf(good.replace(from, to))).toMatch(expected);
  });

  test('refuses a mapping that maps nothing, an id used twice, and another section', () => {
    expect(faultOf('mappings: [{ id: a, topic: a/b, device: x }]')).toMatch(/maps nothing/);
    expect(faultOf(good + good.replace('mappings:\n', ''))).toMatch(
      /^11:9 mappings\[1\]\.id: meters is used twice/,
    );
    expect(faultOf(`${good}modbus: []`)).toMatch(/^11:1 modbus: "modbus" is not a field here/);
    expect(faultOf('mappings: {')).toMatch(/is not YAML/);
    expect(faultOf(`mappings: ${'['.repeat(100)}`)).toMatch(/nested too deeply/);
  });
});
