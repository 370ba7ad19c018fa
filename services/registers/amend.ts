import type { DocumentRef } from '#schemas/api/registers.ts';
import { shiftDay } from '#schemas/local-time.ts';
import type { RecordFields } from '#schemas/registers/field.ts';
import type { RecordTime } from '#schemas/registers/kind.ts';

/** What is said of some days, the last included; `until` is null while the end is open. */
export interface Piece {
  readonly from: string;
  readonly until: string | null;
  readonly fields: RecordFields;
  readonly documents: readonly DocumentRef[];
}

export type Amendment = Piece &
  (
    | { readonly how: 'change' }
    /** `of` is the first day of the piece that was wrong. */
    | { readonly how: 'correct'; readonly of: string }
  );

/** The rows to write and those that no longer stand, or why not. */
export type Amended =
  | { readonly ok: true; readonly written: readonly Piece[]; readonly superseded: readonly string[] }
  | { readonly ok: false; readonly path: string; readonly message: string };

const end = (until: string | null): string => until ?? '9999-12-31';
const overlap = (a: Piece, b: Piece): boolean => a.from <= end(b.until) && b.from <= end(a.until);

/**
 * What an amendment makes of the pieces that stand. A correction replaces one piece; a change cuts the piece that holds
 * its first day there and goes on from it. Pieces never overlap: of every day one thing is said, or nothing.
 */
export function amend(time: RecordTime, pieces: readonly Piece[], amendment: Amendment): Amended {
  const { from, until, fields, documents } = amendment;
  const wrong = wrongDays(time, { from, until });
  if (wrong !== null) return wrong;
  const next: Piece = { from, until, fields, documents };
  const replaced =
    amendment.how === 'correct'
      ? pieces.find((piece) => piece.from === amendment.of)
      : pieces.find((piece) => piece.from <= from && end(piece.until) >= from);
  if (amendment.how === 'correct' && replaced === undefined) {
    return { ok: false, path: '/of', message: `nothing is written of the days from ${amendment.of} on` };
  }
  const kept =
    amendment.how === 'change' && replaced !== undefined && replaced.from < from
      ? [{ ...replaced, until: shiftDay(from, -1) }]
      : [];
  const others = pieces.filter((piece) => piece !== replaced);
  const other = others.find((piece) => overlap(piece, next));
  if (other !== undefined) {
    return {
      ok: false,
      path: '/until',
      message: `the days from ${other.from} to ${other.until ?? 'on'} are written already`,
    };
  }
  return { ok: true, written: [...kept, next], superseded: replaced === undefined ? [] : [replaced.from] };
}

/** Whether the days fit the way records of the kind stand in time; null when they do. */
export function wrongDays(
  time: RecordTime,
  { from, until }: { readonly from: string; readonly until: string | null },
): Extract<Amended, { ok: false }> | null {
  const refuse = (message: string) => ({ ok: false, path: '/until', message }) as const;
  if (time === 'event' && until !== from) return refuse('is the day of the event');
  if (time === 'expiring' && until === null) return refuse('is needed');
  if (until !== null && until < from) return refuse('is not before from');
  return null;
}

/** The piece that a list shows of a record: the one that holds on `day`, else the newest that began, else the first. */
export function pieceOn<P extends Piece>(pieces: readonly P[], day: string): P | undefined {
  const ordered = pieces.toSorted((a, b) => (a.from < b.from ? 1 : -1));
  return ordered.find((piece) => piece.from <= day) ?? ordered.at(-1);
}

/** A day so many months later; the last of the month where that has no such day. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0));
  const wanted = new Date(Date.UTC(year, month - 1 + months, Math.min(date, last.getUTCDate())));
  return wanted.toISOString().slice(0, 10);
}
