import { describe, expect, test } from 'vitest';
import { joinSecrets, keptSecrets, splitSecrets } from '#schemas/cctv-secrets.ts';

const definition = {
  username: 'u',
  password: 'p',
  platform: { url: 'https://vms.example:8443/api', header: 'api-key', token: 't' },
  cameras: [
    { deviceId: 'cam-1', rtsp: 'rtsp://10.0.0.1/1' },
    { deviceId: 'cam-2', onvif: 'http://10.0.0.2/onvif', username: 'own', password: 'own secret' },
  ],
};
const secrets = { password: 'p', token: 't', 'cameras/cam-2': 'own secret' };
const { definition: bare } = splitSecrets(definition);

describe('splitSecrets() and joinSecrets()', () => {
  test('take every secret out, and put each back in its place', () => {
    const split = splitSecrets(definition);
    expect(split.secrets).toEqual(secrets);
    expect(JSON.stringify(split.definition)).not.toMatch(/"p"|"t"|own secret/);
    expect(joinSecrets(split.definition, split.secrets)).toEqual(definition);
  });

  test('leave what is no definition as it is, for the schema to refuse', () => {
    const odd = { password: 7, platform: 'x', cameras: [null, { deviceId: {} }] };
    expect(splitSecrets(odd)).toEqual({ definition: odd, secrets: {} });
    expect(joinSecrets(odd, secrets)).toEqual(odd);
  });

  test('a secret does not come back to a place that has no user or header any more', () => {
    const { username: _, ...nobody } = bare;
    expect(joinSecrets(nobody, secrets)).not.toHaveProperty('password');
    expect(
      joinSecrets({ ...bare, platform: { url: 'https://vms.example:8443' } }, secrets)['platform'],
    ).toEqual({
      url: 'https://vms.example:8443',
    });
  });
});

describe('keptSecrets()', () => {
  const kept = (after: object) => Object.keys(keptSecrets(bare, { ...bare, ...after }, secrets)).toSorted();

  test('keeps them while everything is where it was, or there is less of it', () => {
    expect(kept({ intervalS: 10 })).toEqual(['cameras/cam-2', 'password', 'token']);
    expect(kept({ cameras: [{ deviceId: 'cam-1', rtsp: 'rtsp://10.0.0.1/other' }] })).toContain('password');
  });

  test.each([
    ['the platform', { platform: { url: 'https://evil.example', header: 'api-key' } }, ['cameras/cam-2']],
    [
      'the platform, without TLS',
      { platform: { url: 'http://vms.example:8443/api', header: 'api-key' } },
      ['cameras/cam-2'],
    ],
    [
      'a camera of the group',
      { cameras: [{ deviceId: 'cam-1', rtsp: 'rtsp://203.0.113.9/1' }] },
      ['cameras/cam-2', 'token'],
    ],
    [
      'a camera with a login of its own',
      { cameras: [{ deviceId: 'cam-2', onvif: 'http://203.0.113.9/onvif', username: 'own' }] },
      ['password', 'token'],
    ],
  ])('none follows %s to another address', (_, after, expected) => {
    expect(kept(after)).toEqual(expected);
  });
});
