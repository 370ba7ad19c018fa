import { describe, expect, test } from 'vitest';
import { childEnvironment, editDistance, isFieldBox, readConfig } from '#infra/config.ts';

describe('readConfig()', () => {
  test('needs nothing: an empty environment is the demo with a simulated park', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      parkId: 'demo',
      timeZone: 'Asia/Shanghai',
      simulate: true,
      databaseUrl: undefined,
    });
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080, proxies: [] });
    const { http } = readConfig({ PROXY_ADDRESSES: '10.0.0.7, fd00::/8' });
    expect(http.proxies).toEqual(['10.0.0.7', 'fd00::/8']);
  });

  test('simulates nothing as soon as a park, a database or a broker is named', () => {
    expect(readConfig({ PARK_ID: 'west' }).simulate).toBe(false);
    expect(readConfig({ DATABASE_URL: 'postgres://x/y' }).simulate).toBe(false);
    expect(readConfig({ MQTT_URL: 'mqtt://broker' }).simulate).toBe(false);
    expect(readConfig({ PARK_ID: 'west', SIMULATE: '1' }).simulate).toBe(true);
  });

  test.each([
    [{ PARK_TIMEZONE: 'Asia/Shanghai' }, 'PARK_TIMEZONE is not a setting; did you mean PARK_TIME_ZONE?'],
    [{ PARK_COLOUR: 'red' }, 'PARK_COLOUR is not a setting'],
    [{ MQTT_ULR: 'mqtt://x' }, 'did you mean MQTT_URL?'],
    [{ HTTP_PORT: 'eighty' }, 'HTTP_PORT is wrong'],
    [{ HTTP_PORT: '70000' }, 'HTTP_PORT is wrong'],
    [{ PARK_TIME_ZONE: 'Mars/Olympus' }, 'PARK_TIME_ZONE is an IANA time zone'],
    [{ PARK_ID: '_x' }, 'PARK_ID is 1 to 64'],
    [{ PARK_ROLES: 'api,gatewy' }, 'PARK_ROLES is a comma-separated list'],
    [{ ADMIN_PASSWORD: 'short' }, 'ADMIN_PASSWORD has at least 10'],
    [{ MQTT_HOST: '0.0.0.0' }, 'MQTT_USERNAME and MQTT_PASSWORD_FILE'],
    [{ HTTP_HOST: '0.0.0.0' }, 'HTTP_TLS_CERT'],
    [{ PROXY_ADDRESSES: '10.0.0.1,10.0.0.0/33' }, 'PROXY_ADDRESSES is a comma-separated list of addresses'],
    [{ PROXY_ADDRESSES: 'proxy.example' }, 'PROXY_ADDRESSES is a comma-separated list of addresses'],
    [{ SIMULATE: '1', MQTT_URL: 'mqtt://u:hunter2@x' }, /^(?!.*hunter2).*MQTT_PASSWORD_FILE/],
    [{ HTTP_TLS_CERT: 'a.pem' }, 'HTTP_TLS_KEY is not'],
    [{ MQTT_PASSWORD_FILE: '/nowhere/x' }, 'cannot be read (ENOENT)'],
  ])('stops at %o with a sentence', (environment, sentence) => {
    expect(() => readConfig(environment)).toThrow(sentence);
  });

  test('never repeats a value that may be secret', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@x' })).toThrow(/^(?!.*hunter2)/);
  });

  test('leaves the names of other programs alone', () => {
    expect(() => readConfig({ PATH: '/bin', HTTP_PROXY: 'x', HOME: '/root' })).not.toThrow();
  });
});

test('editDistance() counts insertions, deletions and substitutions', () => {
  expect(editDistance('MQTT_URL', 'MQTT_ULR')).toBe(2);
  expect(editDistance('', 'ab')).toBe(2);
});

test('isFieldBox() is a process with a gateway, a broker elsewhere and nothing that needs the database', () => {
  const box = { PARK_ROLES: 'gateway-opcua', MQTT_URL: 'mqtt://broker' };
  expect(isFieldBox(readConfig(box))).toBe(true);
  expect(isFieldBox(readConfig({ ...box, DATABASE_URL: 'postgres://x/y' }))).toBe(false);
  expect(isFieldBox(readConfig({ ...box, PARK_ROLES: 'gateway-opcua,ingest' }))).toBe(false);
  expect(isFieldBox(readConfig({ PARK_ROLES: 'gateway-opcua' }))).toBe(false);
  expect(isFieldBox(readConfig({ ...box, PARK_ROLES: 'api' }))).toBe(false);
});

test('childEnvironment() keeps what the system needs and none of our settings', () => {
  process.env['ADMIN_PASSWORD'] = 'not for children';
  try {
    expect(Object.keys(childEnvironment())).toContain('PATH');
    expect(Object.values(childEnvironment())).not.toContain('not for children');
  } finally {
    delete process.env['ADMIN_PASSWORD'];
  }
});
