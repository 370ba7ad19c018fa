import { createHash, createPublicKey, verify } from 'node:crypto';
import { open } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import type { ByteSource, VerifierPlatform } from './platform.ts';

/** What precedes the 32 bytes of an Ed25519 key in its SPKI (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

export const nodePlatform: VerifierPlatform = {
  startSha256() {
    const hash = createHash('sha256');
    return { update: (data) => void hash.update(data), hex: () => hash.digest('hex') };
  },
  inflateRaw(data, mostBytes) {
    try {
      return inflateRawSync(data, { maxOutputLength: Math.max(1, mostBytes) });
    } catch {
      return null;
    }
  },
  isSigned({ publicKey, message, signature }) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = createPublicKey({
      key: Buffer.concat([spkiHead, publicKey]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, key, signature);
  },
};

/** A file of the disk, read in places. @throws Error when it cannot be opened */
export async function openFile(name: string): Promise<ByteSource & AsyncDisposable> {
  const file = await open(name, 'r');
  const { size } = await file.stat();
  return {
    size,
    async read(offset, length) {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      if (bytesRead !== length) throw new Error(`${name} became shorter while it was read`);
      return bytes;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
