import { FlushConflict } from './flush.ts';

/**
 * What to do about a flush that failed:
 * - `stage`: a direct reading met an existing key; the whole flush goes through staging
 * - `again`: another process was in the way; at once
 * - `partition`: a day has no partition yet; make it, then again
 * - `wait`: the store is away, slow, full or not as it should be; the packets are not at fault
 * - `split`: something in one of the packets is refused by the store; find it
 */
export type Remedy = 'stage' | 'again' | 'partition' | 'wait' | 'split';

/** SQLSTATEs ("PostgreSQL Error Codes", appendix A of its manual). */
const uniqueViolation = '23505';
const checkViolation = '23514';
const serializationFailure = '40001';
const deadlockDetected = '40P01';
/** Classes that blame the data: data exception, integrity constraint violation, program limit exceeded. */
const blamesData = ['22', '23', '54'];

/** Judges a failure by its code, never by its prose. Pure. */
export function remedyFor(error: unknown): Remedy {
  if (error instanceof FlushConflict) return 'again';
  const code = sqlState(error);
  if (code === uniqueViolation) return 'stage';
  if (code === serializationFailure || code === deadlockDetected) return 'again';
  if (code === checkViolation) return 'partition';
  if (code !== undefined) return blamesData.includes(code.slice(0, 2)) ? 'split' : 'wait';
  // What our own code cannot digest is in the packets too; anything else is the connection.
  return error instanceof TypeError || error instanceof RangeError ? 'split' : 'wait';
}

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node's own codes (ECONNRESET) are no SQLSTATE of five characters… but EPIPE is.
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error
    ? error.code
    : undefined;
}
