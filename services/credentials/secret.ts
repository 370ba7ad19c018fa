import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';

/** 128 bits: nobody guesses it, so neither salt nor stretching is needed. */
const secretBytes = 16;
/** A leaked one can be recognised by its front. */
export const secretPrefix = 'pwf_';

export interface NewSecret {
  readonly text: string;
  readonly hash: Buffer;
  /** As mosquitto's password file wants it. */
  readonly mosquitto: string;
}

export function newSecret(): NewSecret {
  const text = secretPrefix + randomBytes(secretBytes).toString('base64url');
  return { text, hash: hashSecret(text), mosquitto: mosquittoHash(text) };
}

export function hashSecret(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

const mosquittoSaltBytes = 12;
const mosquittoKeyBytes = 64;

/** `$7$`: PBKDF2 with SHA-512 (mosquitto_passwd(1)); one round is enough for 128 random bits. */
export function mosquittoHash(text: string, rounds = 1): string {
  const salt = randomBytes(mosquittoSaltBytes);
  const key = pbkdf2Sync(text, salt, rounds, mosquittoKeyBytes, 'sha512');
  return `$7$${rounds}$${salt.toString('base64')}$${key.toString('base64')}`;
}
