import { argon2, randomBytes, randomInt, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** Argon2id as OWASP's password storage cheat sheet asks at least: 19 MiB, two passes, one lane. */
const memoryKiB = 19_456;
const passes = 2;
const parallelism = 1;
const tagLength = 32;
const saltLength = 16;

/** Hashes a password; the result says how it was made, so that the cost can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(saltLength);
  const tag = await derive(
    'argon2id',
    parameters(password, nonce, { memoryKiB, passes, parallelism, tagLength }),
  );
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/**
 * Compares in constant time. Without a stored hash (the user is unknown) it works as long and says no, so that the
 * time of an answer tells nobody which names exist.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const parsed = parseHash(stored ?? absentUserHash);
  if (parsed === null) return false;
  const { nonce, tag, ...cost } = parsed;
  const given = await derive('argon2id', parameters(password, nonce, { ...cost, tagLength: tag.length }));
  return timingSafeEqual(given, tag) && stored !== null;
}

interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagLength: number;
}

function parameters(password: string, nonce: Buffer, cost: Cost): Argon2Parameters {
  // Two ways to type one letter (NFC, NFD keyboards) are one password.
  const message = password.normalize('NFC');
  return {
    message,
    nonce,
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: cost.tagLength,
  };
}

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parseHash(text: string) {
  const match = phc.exec(text);
  if (match === null) return null;
  const [, m, t, p, salt = '', tag = ''] = match;
  return {
    memoryKiB: Number(m),
    passes: Number(t),
    parallelism: Number(p),
    nonce: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Of no password that anybody has; same cost as a real one. Exported for the test that says so. */
export const absentUserHash = `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Letters and digits that nobody mistakes for one another when read aloud or copied by hand. */
const readableLetters = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const lettersPerGroup = 5;

/** A password for a person to type: 20 letters in groups, 99 bits. */
export function readablePassword(): string {
  const group = () =>
    Array.from({ length: lettersPerGroup }, () => readableLetters[randomInt(readableLetters.length)]).join(
      '',
    );
  return Array.from({ length: groups }, group).join('-');
}
