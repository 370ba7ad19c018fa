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

/** Which of these were uploaded. */
export async function knownAttachments(client: Queryable, hashes: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ sha256: string }>(
    'select sha256 from attachment where sha256 = any($1)',
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
    `insert into attachment (sha256, media_type, bytes, name, uploaded_at, uploaded_by)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [row.sha256, row.mediaType, row.bytes, row.name, row.uploadedAt, row.uploadedBy],
  );
  return rowCount === 1;
}
