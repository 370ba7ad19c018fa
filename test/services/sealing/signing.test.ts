import { createPublicKey, verify } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalText } from '#services/sealing/chain.ts';
import { loadSigner } from '#services/sealing/signing.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-signing-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('loadSigner() makes a private key once and keeps it', async () => {
  const file = join(folder, 'keys', 'signing.pem');
  const signers = await Promise.all([loadSigner(file), loadSigner(file)]);
  expect(signers[0].keyId).toBe(signers[1].keyId);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('signHead() signs the canonical text of the head, so that any Ed25519 library can check it', async () => {
  const signer = await loadSigner(join(folder, 'signing.pem'));
  const { signature, ...head } = signer.signHead({ journal: 'audit', seq: 3, hash: 'ab' }, 1_000);
  expect(head.time).toBe('1970-01-01T00:00:01.000Z');
  const key = createPublicKey(signer.publicKey);
  const check = (value: object) =>
    verify(null, Buffer.from(canonicalText(value)), key, Buffer.from(signature, 'base64'));
  expect(check(head)).toBe(true);
  expect(check({ ...head, seq: 4 })).toBe(false);
});

test('loadSigner() stops at a file that holds no Ed25519 key', async () => {
  const file = join(folder, 'wrong.pem');
  await writeFile(file, 'not a key');
  await expect(loadSigner(file)).rejects.toThrow('holds no Ed25519 private key');
});
