import { generateKeyPairSync, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodePlatform } from '#services/assessment/verifier/node-platform.ts';
import { createBrowserPlatform } from '#services/assessment/verifier/page/browser-platform.ts';
import { sha256, textOf } from '#services/assessment/verifier/platform.ts';

describe.each([
  ['Node', nodePlatform],
  ['a browser', createBrowserPlatform()],
])('in %s', (_name, platform) => {
  test('sha256() of the empty text and of one, known from elsewhere', () => {
    expect(sha256(platform, '')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256(platform, 'abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('inflateRaw() gives the whole, or nothing when it is broken, cut off or larger than allowed', () => {
    const data = Buffer.from('abc'.repeat(10_000));
    const packed = deflateRawSync(data);
    expect(Buffer.from(platform.inflateRaw(packed, data.length) ?? []).equals(data)).toBe(true);
    expect(platform.inflateRaw(packed, data.length - 1)).toBeNull();
    expect(platform.inflateRaw(packed.subarray(0, -3), data.length)).toBeNull();
    expect(platform.inflateRaw(Buffer.from('no deflate'), 100)).toBeNull();
    expect(platform.inflateRaw(deflateRawSync(Buffer.alloc(0)), 0)?.length).toBe(0);
  });

  test('isSigned() takes the signature of RFC 8032, test 2, and no other', () => {
    const hex = (text: string) => Buffer.from(text, 'hex');
    const publicKey = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = hex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    const message = hex('72');
    expect(platform.isSigned({ publicKey, message, signature })).toBe(true);
    expect(platform.isSigned({ publicKey, message: hex('73'), signature })).toBe(false);
    expect(platform.isSigned({ publicKey, message, signature: signature.subarray(1) })).toBe(false);
    expect(platform.isSigned({ publicKey: publicKey.subarray(1), message, signature })).toBe(false);
  });

  test('isSigned() takes what Node signs', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const message = Buffer.from('证据');
    const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(12);
    expect(platform.isSigned({ publicKey: raw, message, signature: sign(null, message, privateKey) })).toBe(
      true,
    );
  });
});

test('textOf() mends nothing in silence', () => {
  expect(textOf(Buffer.from('第一行'))).toBe('第一行');
  expect(textOf(Buffer.from([0xff]))).toBeNull();
  expect(textOf(Buffer.from('\uFEFFx'))).toBe('\uFEFFx');
});
