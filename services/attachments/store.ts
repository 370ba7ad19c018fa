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
