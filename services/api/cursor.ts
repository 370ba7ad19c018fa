import { ParkError } from '#schemas/errors.ts';

/** Cursors are keyset positions that only we read: the last key of the page before, in base64url. */
export function toCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/**
 * The key a page starts after; empty for the first page.
 * @throws ParkError `invalid-request`
 */
export function fromCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (key === '' || key.includes('\0') || toCursor(key) !== cursor) throw foreignCursor();
  return key;
}

/**
 * The id a page starts after; null for the first page.
 * @throws ParkError `invalid-request`
 */
export function fromIdCursor(cursor: string | undefined): number | null {
  const key = fromCursor(cursor);
  if (key === '') return null;
  const id = Number(key);
  if (/^\d+$/.test(key) && Number.isSafeInteger(id)) return id;
  throw foreignCursor();
}

function foreignCursor(): ParkError {
  const message = 'is not a cursor of ours';
  return new ParkError('invalid-request', `cursor ${message}`, [{ path: 'querystring/cursor', message }]);
}

/**
 * A page out of one row more than was asked for, which tells whether there is a next one.
 * @param keyOf the key that the rows are ordered by
 */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => string,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? toCursor(keyOf(last)) : null };
}
