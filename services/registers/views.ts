import {
  registerLimits,
  type RecordDetail,
  type RecordRow,
  type RegisterRecord,
} from '#schemas/api/registers.ts';
import { shiftDay, type LocalCalendar } from '#schemas/local-time.ts';
import { personalReaders } from '#schemas/personal.ts';
import { withoutPersonal, type RecordKind } from '#schemas/registers/kind.ts';
import type { Role } from '#schemas/roles.ts';
import { addMonths } from './amend.ts';
import type { HistoryRow, ListedRecord, StoredPiece } from './store.ts';

/** What a record looks like to somebody, today. */
export interface View {
  readonly kind: RecordKind;
  readonly role: Role;
  readonly calendar: LocalCalendar;
  readonly nowMs: number;
}

export const soonDay = (today: string): string => shiftDay(today, registerLimits.expirySoonDays);

export function fieldsFor({ kind, role }: View, fields: StoredPiece['fields']): StoredPiece['fields'] {
  return personalReaders.includes(role) ? fields : withoutPersonal(kind, fields);
}

/** @param withdrawn the row stands no longer */
export function toRecord(view: View, row: ListedRecord, withdrawn = false): RegisterRecord {
  const { kind, calendar, nowMs } = view;
  const today = calendar.dayOf(nowMs);
  const { from, until, recordedAt, reviewedAt } = row;
  const lookedAtMs = Math.max(recordedAt.getTime(), reviewedAt?.getTime() ?? 0);
  const state = from > today ? 'future' : until !== null && until < today ? 'past' : 'in-force';
  return {
    kind: row.kind,
    code: row.code,
    version: row.version,
    from,
    until,
    title: row.title,
    fields: fieldsFor(view, row.fields),
    documents: [...row.documents],
    provenance: row.provenance,
    sha256: row.sha256,
    recordedAt: recordedAt.toISOString(),
    recordedBy: row.recordedBy,
    state: withdrawn ? 'withdrawn' : state,
    expiresSoon:
      !withdrawn &&
      kind.time !== 'event' &&
      until !== null &&
      state === 'in-force' &&
      until <= soonDay(today),
    reviewedAt: reviewedAt?.toISOString() ?? null,
    reviewer: row.reviewer,
    reviewBy: kind.reviewMonths === null ? null : addMonths(calendar.dayOf(lookedAtMs), kind.reviewMonths),
  };
}

/** A record with all that is known of it, the newest days first. */
export function toDetail(view: View, shown: ListedRecord, pieces: readonly StoredPiece[]): RecordDetail {
  const newest = Math.max(...pieces.map(({ version }) => version));
  return {
    ...toRecord(view, { ...shown, version: newest }),
    pieces: pieces.toReversed().map((piece) => ({
      version: piece.version,
      from: piece.from,
      until: piece.until,
      fields: fieldsFor(view, piece.fields),
      documents: [...piece.documents],
      sha256: piece.sha256,
      recordedAt: piece.recordedAt.toISOString(),
      recordedBy: piece.recordedBy,
    })),
  };
}

export function toHistoryRow(view: View, row: HistoryRow): RecordRow {
  const { id, version, from, until, title, documents, sha256, recordedBy, reason, supersededBy, ending } =
    row;
  return {
    id: String(id),
    version,
    from,
    until,
    title,
    fields: fieldsFor(view, row.fields),
    documents: [...documents],
    sha256,
    recordedAt: row.recordedAt.toISOString(),
    recordedBy,
    reason,
    supersededAt: row.supersededAt?.toISOString() ?? null,
    supersededBy,
    ending,
  };
}
