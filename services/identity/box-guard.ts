import { readFile } from 'node:fs/promises';
import type { Clock } from '#infra/clock.ts';
import { ConfigError, type Config } from '#infra/config.ts';
import type { IdentityPolicy } from '#schemas/api/identity.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { guardSink } from './guard.ts';

/** How long events name anybody is the park's affair, not the box's. */
const keepDays = 3_660;
const keyBytes = 32;

/** What a box in the field does with the identity of people, before anything is written to its disk. */
export interface BoxGuard {
  readonly mode: IdentityPolicy['mode'];
  protect(sink: ReadingSink): ReadingSink;
}

/**
 * Without a key there are no pseudonyms: unless it is told to keep identities, such a box masks them, rather than write
 * everybody's to a disk that stands in a plant room.
 * @throws ConfigError when the key cannot be read, or `hash` has none
 */
export async function openBoxGuard(
  { boxIdentity }: Pick<Config, 'boxIdentity'>,
  clock: Clock,
): Promise<BoxGuard> {
  const { mode: given, keyFile } = boxIdentity;
  const mode = given ?? (keyFile === undefined ? 'mask' : 'hash');
  if (mode === 'hash' && keyFile === undefined)
    throw new ConfigError('IDENTITY_MODE=hash needs IDENTITY_KEY_FILE; `parkwatch identity-key` writes it.');
  const key = keyFile === undefined ? Buffer.alloc(keyBytes) : await readKey(keyFile);
  const policy = { mode, keepDays };
  const protection = () => ({ policy, key, nowMs: clock.nowMs() });
  return { mode, protect: (sink) => guardSink(sink, { nameless: new Set(), protection }) };
}

async function readKey(file: string): Promise<Buffer> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`IDENTITY_KEY_FILE names ${file}, which cannot be read (${error.code}).`);
  });
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === keyBytes) return key;
  throw new ConfigError(
    `IDENTITY_KEY_FILE names ${file}, which does not hold what \`parkwatch identity-key\` writes.`,
  );
}
