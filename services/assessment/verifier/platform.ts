/** What the verifier asks of the machine under it: Node (node-platform.ts), or any browser (page/browser-platform.ts). */
export interface VerifierPlatform {
  readonly startSha256: () => Hasher;
  /**
   * Inflates a whole raw deflate stream (RFC 1951).
   * @returns null when the stream is broken, or makes more than `mostBytes`
   */
  readonly inflateRaw: (data: Uint8Array, mostBytes: number) => Uint8Array | null;
  /** Ed25519 (RFC 8032); `publicKey` are its 32 bytes. False for anything that is no signature. */
  readonly isSigned: (signed: {
    readonly publicKey: Uint8Array;
    readonly message: Uint8Array;
    readonly signature: Uint8Array;
  }) => boolean;
}

export interface Hasher {
  update(data: Uint8Array): void;
  /** Lower-case hex; ends the hasher. */
  hex(): string;
}

/** A file that is read in places: a pack may be larger than what anybody wants in memory. */
export interface ByteSource {
  readonly size: number;
  /** Exactly these bytes, which lie inside the source. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function sha256({ startSha256 }: VerifierPlatform, data: Uint8Array | string): string {
  const hasher = startSha256();
  hasher.update(typeof data === 'string' ? new TextEncoder().encode(data) : data);
  return hasher.hex();
}

/** Bytes that are held already. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** @returns null when the bytes are no UTF-8: nothing is mended in silence */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
