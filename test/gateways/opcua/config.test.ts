import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseOpcuaConfig, readOpcuaConfig } from '#gateways/opcua/config.ts';
import { ConfigError } from '#infra/config.ts';

const good = `opcua:
  - id: plant
    endpoint: opc.tcp://10.0.0.5:4840
    username: reader
    passwordFile: secrets/plant
    nodes:
      - { nodeId: "nsu=urn:maker:plant;s=Boiler1.Temperature", deviceId: boiler-1, metric: temperature, unit: degF }
      - { nodeId: "nsu=urn:maker:plant;i=77", deviceId: lift-1, metric: door, states: { "0": closed, "1": open } }
`;

function faultsOf(text: string): string {
  try {
    parseOpcuaConfig(text, 'park.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'no fault';
}

describe('parseOpcuaConfig()', () => {
  test('reads servers, encrypted unless said otherwise', () => {
    expect(parseOpcuaConfig(good, 'park.yaml')).toMatchObject([
      {
        id: 'plant',
        securityMode: 'SignAndEncrypt',
        securityPolicy: 'Basic256Sha256',
        samplingIntervalMs: 1000,
      },
    ]);
  });

  test('is no server for an empty file', () => {
    expect(parseOpcuaConfig('', 'park.yaml')).toEqual([]);
  });

  test.each([
    [
      'an index',
      good.replace('nsu=urn:maker:plant;i=77', 'ns=2;i=77'),
      /^park\.yaml:8 opcua\[0\]\.nodes\[1\]\.nodeId: .*never by index/,
    ],
    [
      'a wrong unit',
      good.replace('degF', 'kWh'),
      /^park\.yaml:7 opcua\[0\]\.nodes\[0\]\.unit: does not convert/,
    ],
    ['a typo', good.replace('endpoint', 'endpont'), /^park\.yaml:2 opcua\[0\].*endpoint/],
    [
      'credentials in the URL',
      good.replace('10.0.0.5', 'me:pw@10.0.0.5'),
      /^park\.yaml:3 opcua\[0\]\.endpoint: .*without credentials/,
    ],
    [
      'a user without password',
      good.replace(/ {4}passwordFile.*\n/, ''),
      /^park\.yaml:2 opcua\[0\]: username and passwordFile/,
    ],
    ['an unknown section', `${good}modbus: []\n`, /^park\.yaml:9 modbus: .*modbus/],
    [
      'a point read twice',
      good.replace('lift-1, metric: door', 'boiler-1, metric: temperature'),
      /park\.yaml:8 opcua\[0\]\.nodes\[1\]: boiler-1\.temperature is read twice/,
    ],
    [
      'an id used twice',
      good + good.replace('opcua:\n', ''),
      /park\.yaml:9 opcua\[1\]\.id: plant is used twice/,
    ],
    ['no YAML', 'opcua: [', /^park\.yaml:1 is not YAML/],
  ])('names the line of %s', (_, text, expected) => {
    expect(faultsOf(text)).toMatch(expected);
    expect(faultsOf(text)).not.toContain('pw@');
  });
});

describe('readOpcuaConfig()', () => {
  test('takes a relative password file from the folder of the configuration', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parkwatch-config-'));
    writeFileSync(join(folder, 'park.yaml'), good);
    expect(readOpcuaConfig(join(folder, 'park.yaml'))[0]?.passwordFile).toBe(
      join(folder, 'secrets', 'plant'),
    );
  });

  test('is one sentence for a file that is not there', () => {
    expect(() => readOpcuaConfig('/nowhere/park.yaml')).toThrow(
      new ConfigError('PARK_CONFIG_FILE names /nowhere/park.yaml, which cannot be read (ENOENT).'),
    );
  });
});
