import type { DocumentRef } from '#schemas/api/registers.ts';
import type { RecordFields } from '#schemas/registers/field.ts';
import { canonicalText, sha256Hex } from '#services/sealing/chain.ts';

export const recordVersion = 'parkwatch-record-v1';

/** What one row of a register says, apart from who wrote it when. */
export interface RecordContent {
  readonly kind: string;
  readonly code: string;
  readonly from: string;
  readonly until: string | null;
  readonly fields: RecordFields;
  readonly documents: readonly DocumentRef[];
}

/** The SHA-256 that evidence names a record by: of its canonical JSON with `v`. */
export function recordHash({ kind, code, from, until, fields, documents }: RecordContent): string {
  return sha256Hex(canonicalText({ v: recordVersion, kind, code, from, until, fields, documents }));
}
