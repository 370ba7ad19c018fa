import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '#infra/config.ts';
import { createSecretBox, openSecretBox, SecretError } from '#infra/secret-box.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-secret-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('createSecretBox()', () => {
  const box = createSecretBox(Buffer.alloc(32, 1));

  test('opens what it sealed, for the thing it was sealed for only', () => {
    const sealed = box.seal('密码 password', 'channel mail');
    expect(sealed.includes('password')).toBe(false);
    expect(box.open(sealed, 'channel mail')).toBe('密码 password');
    expect(() => box.open(sealed, 'channel other')).toThrow(SecretError);
    expect(box.seal('same', 'x').equals(box.seal('same', 'x'))).toBe(false);
  });

  test('tells another key from a changed text', () => {
    const sealed = box.seal('password', 'x');
    expect(() => createSecretBox(Buffer.alloc(32, 2)).open(sealed, 'x')).toThrow(/another key/);
    sealed[sealed.length - 1] = (sealed[sealed.length - 1] ?? 0) ^ 1;
    expect(() => box.open(sealed, 'x')).toThrow(/was changed/);
    expect(() => box.open(Buffer.alloc(3), 'x')).toThrow(SecretError);
  });

  test('derives a key of its own for every purpose', () => {
    expect(box.derive('a').equals(box.derive('b'))).toBe(false);
    expect(box.derive('a').equals(box.derive('a'))).toBe(true);
  });
});

describe('openSecretBox()', () => {
  test('makes a key that nobody else may read, and all that start together take the same', async () => {
    const file = join(folder, 'deep', 'secret-key');
    const [first, second] = await Promise.all([openSecretBox(file), openSecretBox(file)]);
    expect(second.open(first.seal('x', 'y'), 'y')).toBe('x');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(file, 'utf8'), 'base64')).toHaveLength(32);
  });

  test('refuses a file that holds no key, in one sentence', async () => {
    const file = join(folder, 'short');
    await writeFile(file, 'too short');
    await expect(openSecretBox(file)).rejects.toThrow(ConfigError);
    await expect(openSecretBox(folder)).rejects.toThrow(/cannot be read/);
  });
});
