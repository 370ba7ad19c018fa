import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSigner, type Signer } from '#services/sealing/signing.ts';

/** A signer with a key of its own, which stays in memory alone. */
export async function createTestSigner(): Promise<Signer> {
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-key-'));
  try {
    return await loadSigner(join(folder, 'key.pem'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
