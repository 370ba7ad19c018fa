import type { Queryable } from '#infra/postgres.ts';

/** All SQL of attachments. */

export interface AttachmentRow {
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly name: string;
  readonly uploadedAt: Date;
  readonly uploadedBy: string;
}

const columns = `sha256, media_type as "mediaType", bytes, name, uploaded_at as "uploadedAt",
  uploaded_by as "uploadedBy"`;

/**
 * Which of these were uploaded. In a transaction they stay until it is over: what is about to be named is not removed
 * meanwhile.
 */
export async function knownAttachments(client: Queryable, hashes: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ sha256: string }>(
    'select sha256 from attachment where sha256 = any($1) order by sha256 for key share',
    [hashes],
  );
  return new Set(rows.map(({ sha256 }) => sha256));
}

export async function readAttachment(db: Queryable, sha256: string): Promise<AttachmentRow | undefined> {
  const { rows } = await db.query<AttachmentRow>(`select ${columns} from attachment where sha256 = $1`, [
    sha256,
  ]);
  return rows[0];
}

/** Bytes of all attachments. */
export async function attachedBytes(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    'select coalesce(sum(bytes), 0)::int8 as bytes from attachment',
  );
  return rows[0]?.bytes ?? 0;
}

/** Writers take turns until their transaction ends, so that together they stay within the quota. */
export async function lockAttachments(client: Queryable): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('parkwatch attachments', 0))`);
}

/** @returns false when the content was there already */
export async function insertAttachment(client: Queryable, row: AttachmentRow): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into attachment (sha256, media_type, bytes, name, uploaded_at, last_uploaded_at, uploaded_by)
     values ($1, $2, $3, $4, $5, $5, $6) on conflict do nothing`,
    [row.sha256, row.mediaType, row.bytes, row.name, row.uploadedAt, row.uploadedBy],
  );
  return rowCount === 1;
}

/** Notes that the same content was uploaded again: whoever did is about to name it. */
export async function noteUpload(client: Queryable, sha256: string, at: Date): Promise<void> {
  await client.query('update attachment set last_uploaded_at = $2 where sha256 = $1', [sha256, at]);
}

export interface Unnamed {
  readonly sha256: string;
  readonly name: string;
  readonly bytes: number;
}

const isNamed = `exists (select from park_record r
    where r.documents @> jsonb_build_array(jsonb_build_object('sha256', a.sha256)))
  or exists (select from claim c
    where c.documents @> jsonb_build_array(jsonb_build_object('sha256', a.sha256)))`;

/**
 * Locks files that nobody named since they were uploaded, the oldest first. Records and claims are never deleted, whatever
 * became of them, and facts of evidence name only their documents.
 */
export async function lockUnnamed(
  client: Queryable,
  query: { readonly before: Date; readonly limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ sha256: string }>(
    `select a.sha256 from attachment a where a.last_uploaded_at < $1 and not (${isNamed})
     order by a.last_uploaded_at, a.sha256 limit $2 for update skip locked`,
    [query.before, query.limit],
  );
  return rows.map(({ sha256 }) => sha256);
}

/** Removes those of the locked files that still nobody names: what was named before the lock is seen now. */
export async function deleteUnnamed(client: Queryable, hashes: readonly string[]): Promise<Unnamed[]> {
  const { rows } = await client.query<Unnamed>(
    `delete from attachment a where a.sha256 = any($1) and not (${isNamed}) returning a.sha256, a.name, a.bytes`,
    [hashes],
  );
  return rows;
}
