import { describe, expect, test } from 'vitest';
import { isMetadataAddress, lookupButMetadata, refuseMetadata } from '#infra/metadata-address.ts';

describe('isMetadataAddress()', () => {
  test.each(['169.254.169.254', '100.100.100.200', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]', '168.63.129.16'])(
    'knows %s, as a URL writes it',
    (host) => expect(isMetadataAddress(host)).toBe(true),
  );
  test.each(['127.0.0.1', '192.168.1.64', '169.254.10.20', '[fe80::1]', 'camera.park.example'])(
    'lets %s pass, which may be a camera',
    (host) => expect(isMetadataAddress(host)).toBe(false),
  );
  test('numbers that are another spelling are written out by the URL before they are judged', () => {
    expect(isMetadataAddress(new URL('http://2852039166/latest').hostname)).toBe(true);
    expect(isMetadataAddress(new URL('http://0xa9.254.0251.254').hostname)).toBe(true);
  });
});

test('lookupButMetadata() finds other names', async () => {
  const { promise, resolve } = Promise.withResolvers<[Error | null, unknown]>();
  lookupButMetadata('localhost', { all: false, family: 4 }, (error, address) => resolve([error, address]));
  expect(await promise).toEqual([null, '127.0.0.1']);
});

test.each(['169.254.169.254', '[fd00:ec2::254]', '2852039166'])(
  'refuseMetadata() refuses %s',
  async (host) => {
    await expect(refuseMetadata(host)).rejects.toThrow(/tells machines their secrets/);
  },
);

test('refuseMetadata() lets others pass, also what nobody knows', async () => {
  await refuseMetadata('localhost');
  await refuseMetadata('no-such-host.invalid');
});
