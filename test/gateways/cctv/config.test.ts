import { describe, expect, test } from 'vitest';
import { parseCctvConfig, resolveCctvConfig } from '#gateways/cctv/config.ts';
import { ConfigError } from '#infra/config.ts';

const good = `cctv:
  - id: yard
    username: look
    passwordFile: secrets/cameras
    cameras:
      - { deviceId: cam-1, onvif: "http://10.0.0.11/onvif/device_service", rtsp: "rtsp://10.0.0.11/1" }
`;

function faultsOf(text: string): string {
  try {
    parseCctvConfig(text, 'park.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'no fault';
}

describe('parseCctvConfig()', () => {
  test('reads groups, once a minute unless said otherwise', () => {
    expect(parseCctvConfig(good, 'park.yaml')).toMatchObject([
      { id: 'yard', intervalS: 60, timeoutMs: 5_000 },
    ]);
    expect(parseCctvConfig('', 'park.yaml')).toEqual([]);
  });

  test.each([
    [
      'credentials in an address',
      good.replace('10.0.0.11/1', 'me:pw@10.0.0.11/1'),
      /^park\.yaml:6 .*rtsp.*without credentials/,
    ],
    ['another scheme', good.replace('http://', 'file://'), /^park\.yaml:6 .*onvif/],
    ['a line feed in an address', good.replace('11/1"', '11/1\\r\\nX: 1"'), /^park\.yaml:6 .*rtsp/],
    [
      'a camera without an address',
      good.replace(/, onvif.*"/, ''),
      /^park\.yaml:6 .*has onvif, rtsp or both/,
    ],
    [
      'a password in the file',
      good.replace(/ {4}passwordFile.*\n/, '    password: open\n'),
      /^park\.yaml:\d+ .*password: stands in a file of its own/,
    ],
    ['a user without a password', good.replace(/ {4}passwordFile.*\n/, ''), /go together/],
    [
      'a time limit beyond the interval',
      good.replace('    username', '    intervalS: 5\n    timeoutMs: 6000\n    username'),
      /timeoutMs/,
    ],
  ])('tells the line of %s', (_, text, fault) => {
    expect(faultsOf(text)).toMatch(fault);
  });
});

test('resolveCctvConfig() names the file that cannot be read', () => {
  expect(() => resolveCctvConfig(good, '/nowhere/park.yaml')).toThrow(
    /passwordFile names \/nowhere\/secrets\/cameras, which cannot be read \(ENOENT\)/,
  );
});
