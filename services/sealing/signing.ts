import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from '#infra/config.ts';
import { canonicalText } from './chain.ts';
import type { JournalHead } from './store.ts';

/** A journal head as others witness it: an Ed25519 signature over the RFC 8785 text of everything but itself. */
export interface SignedHead extends JournalHead {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly keyId: string;
  /** Base64. */
  readonly signature: string;
}

export interface Signer {
  readonly keyId: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  signHead(head: JournalHead, timeMs: number): SignedHead;
  /** Ed25519 signature of a text, base64. */
  signText(text: string): string;
}

/**
 * The park's signing key: read from the file, or made there (0600) when it does not exist yet.
 * @throws ConfigError when the file holds something else
 */
export async function loadSigner(file: string): Promise<Signer> {
  const privateKey = await loadKey(file);
  const publicKey = createPublicKey(privateKey);
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
  const signText = (text: string) => sign(null, Buffer.from(text), privateKey).toString('base64');
  return {
    keyId,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signText,
    signHead({ journal, seq, hash }, timeMs) {
      const head = { journal, seq, hash, time: new Date(timeMs).toISOString(), keyId };
      return { ...head, signature: signText(canonicalText(head)) };
    },
  };
}

async function loadKey(file: string): Promise<KeyObject> {
  const pem = (await readIfThere(file)) ?? (await makeKey(file));
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, in one sentence for both.
  }
  throw new ConfigError(
    `PARK_SIGNING_KEY_FILE names ${file}, which holds no Ed25519 private key in PEM form.`,
  );
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigError(`PARK_SIGNING_KEY_FILE names ${file}, which cannot be read.`);
  }
}

/** Written aside and linked into place: of two processes that start together one key wins, and it is whole. */
async function makeKey(file: string): Promise<string> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.${randomUUID()}`;
  try {
    await writeFile(aside, pem, { mode: 0o600, flush: true });
    await link(aside, file);
    return pem;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await readFile(file, 'utf8');
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
