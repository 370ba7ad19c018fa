import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from './config.ts';

/**
 * Keeps what must not be read in the database or its backups: AES-256-GCM under a key that stands in a file of its own.
 * Every process that writes or uses secrets of one park has the same file.
 */
export interface SecretBox {
  /** @param about what the secret belongs to: sealed for one thing, it opens for no other */
  seal(plain: string, about: string): Buffer;
  /** @throws SecretError */
  open(sealed: Buffer, about: string): string;
  /** A key for one purpose, which tells nothing of the others. */
  derive(purpose: string): Buffer;
}

/** A stored secret cannot be read: written under another key, or changed. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const idBytes = 4;

/**
 * Opens the box whose key stands in `file`: 32 bytes in base64 or hex; made there (0600) when it does not exist yet.
 * @throws ConfigError when the file holds something else
 */
export async function openSecretBox(file: string): Promise<SecretBox> {
  return createSecretBox(parseKey(await readKeyFile(file), file));
}

export function createSecretBox(key: Buffer): SecretBox {
  // Tells a wrong key from a changed text.
  const id = createHash('sha256').update('key-id').update(key).digest().subarray(0, idBytes);
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `parkwatch ${purpose}`, keyBytes));
  const sealing = derive('secret-box');
  return {
    derive,
    seal(plain, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing, iv).setAAD(Buffer.from(about));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([id, iv, cipher.getAuthTag(), text]);
    },
    open(sealed, about) {
      if (!sealed.subarray(0, idBytes).equals(id)) {
        throw new SecretError(`The secret of ${about} was written under another key (SECRET_KEY_FILE).`);
      }
      const iv = sealed.subarray(idBytes, idBytes + ivBytes);
      const tag = sealed.subarray(idBytes + ivBytes, idBytes + ivBytes + tagBytes);
      try {
        const decipher = createDecipheriv('aes-256-gcm', sealing, iv, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
        const text = sealed.subarray(idBytes + ivBytes + tagBytes);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      } catch {
        throw new SecretError(`The secret of ${about} was changed, or belongs to something else.`);
      }
    },
  };
}

function parseKey(text: string, file: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (key.length === keyBytes) return key;
  throw new ConfigError(
    `SECRET_KEY_FILE names ${file}, which does not hold 32 bytes in base64 or hex (openssl rand -base64 32).`,
  );
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return makeKeyFile(file);
    throw new ConfigError(`SECRET_KEY_FILE names ${file}, which cannot be read.`);
  }
}

/** Written aside and linked into place: of two processes that start together one key wins, and it is whole. */
async function makeKeyFile(file: string): Promise<string> {
  const text = `${randomBytes(keyBytes).toString('base64')}\n`;
  const aside = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(aside, text, { mode: 0o600, flush: true });
    await link(aside, file);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await readFile(file, 'utf8');
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
