import { hashes, verify } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Inflate } from 'fflate';
import type { VerifierPlatform } from '../platform.ts';

/** One piece of a stream inflates to at most 1,032 times its size: the most that is ever held too much. */
const pieceBytes = 8_192;

/**
 * Plain JavaScript: a page opened from the disk has no WebCrypto in some browsers, and no Ed25519 in many, so nothing
 * depends on which one somebody happens to have.
 */
export function createBrowserPlatform(): VerifierPlatform {
  hashes.sha512 = sha512;
  return {
    startSha256() {
      const hash = sha256.create();
      return { update: (data) => void hash.update(data), hex: () => bytesToHex(hash.digest()) };
    },
    inflateRaw,
    isSigned({ publicKey, message, signature }) {
      try {
        // As RFC 8032 decides, like Node; the library's own default (ZIP 215) takes a few more encodings of points.
        return verify(signature, message, publicKey, { zip215: false });
      } catch {
        return false;
      }
    },
  };
}

function inflateRaw(data: Uint8Array, mostBytes: number): Uint8Array | null {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  const stream = new Inflate((part, last) => {
    parts.push(part);
    bytes += part.length;
    ended ||= last;
  });
  try {
    for (let offset = 0; offset < data.length; offset += pieceBytes) {
      stream.push(data.subarray(offset, offset + pieceBytes), offset + pieceBytes >= data.length);
      if (bytes > mostBytes) return null;
    }
  } catch {
    return null;
  }
  if (!ended) return null;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
