import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import type { AmendBody, DocumentRef } from '#schemas/api/registers.ts';
import { ParkError, type FieldError } from '#schemas/errors.ts';
import { parseOptions, toFieldErrors } from '#schemas/field-errors.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { RecordFields } from '#schemas/registers/field.ts';
import { recordKinds, referencesTo } from '#schemas/registers/index.ts';
import { titleOf, type RecordKind } from '#schemas/registers/kind.ts';
import { amend, wrongDays, type Piece } from './amend.ts';
import { recordHash } from './content.ts';
import { missingReferences } from './references.ts';
import {
  findReference,
  insertPieces,
  insertReview,
  lockRegister,
  nextNumber,
  readPieces,
  readVersions,
  supersede,
  type NewPiece,
  type StoredPiece,
} from './store.ts';

export interface RegisterGround {
  readonly db: Database;
  readonly clock: Clock;
}

/** Who edits, for the audit. */
export interface Editor {
  readonly actor: string;
  readonly address?: string;
}

/** @throws ParkError `not-found` */
export function kindOf(id: string): RecordKind {
  const kind = recordKinds.get(id);
  if (kind === undefined) throw new ParkError('not-found', `There is no register ${id}`);
  return kind;
}

/**
 * What a record says, checked against its kind.
 * @throws ParkError `invalid-request` naming every field that is wrong
 */
function checkedFields(kind: RecordKind, fields: RecordFields): RecordFields {
  const parsed = kind.schema.safeParse(fields, parseOptions);
  if (parsed.success) return parsed.data;
  throw invalid(toFieldErrors(parsed.error, '/fields'));
}

export function invalid(errors: readonly FieldError[]): ParkError {
  const [first] = errors;
  return new ParkError('invalid-request', `${first?.path ?? ''} ${first?.message ?? ''}`.trim(), errors);
}

/** A row as it will stand, its hash and title made. */
export function newPiece(
  kind: RecordKind,
  piece: Piece & Pick<NewPiece, 'code' | 'version' | 'provenance'>,
): NewPiece {
  const { code, version, from, until, fields, documents, provenance } = piece;
  const content = { kind: kind.id, code, from, until, fields, documents };
  return { ...content, version, provenance, title: titleOf(kind, fields), sha256: recordHash(content) };
}

async function refuseMissing(client: Queryable, kind: RecordKind, piece: Piece): Promise<void> {
  const faults = await missingReferences(client, kind, [piece]);
  if (faults.length > 0) throw invalid(faults.map(({ path, message }) => ({ path, message })));
}

/**
 * Writes a new record.
 * @returns its code
 * @throws ParkError `already-exists`; `invalid-request` when a field, a day or what it refers to is wrong
 */
export function createRecord(
  { db, clock }: RegisterGround,
  kind: RecordKind,
  asked: {
    readonly code: string | undefined;
    readonly from: string;
    readonly until: string | null;
    readonly fields: RecordFields;
    readonly documents: readonly DocumentRef[];
    readonly reason?: string | undefined;
    readonly editor: Editor;
    /** Where it comes from, when that is not the park; absent: `field`. */
    readonly provenance?: Provenance;
  },
): Promise<string> {
  const fields = checkedFields(kind, asked.fields);
  const { from, documents, editor, provenance = 'field' } = asked;
  const until = kind.time === 'event' ? from : asked.until;
  const wrong = wrongDays(kind.time, { from, until });
  if (wrong !== null) throw invalid([wrong]);
  return transaction(db, async (client) => {
    await lockRegister(client, kind.id);
    const code = asked.code ?? `${kind.id}-${await nextNumber(client)}`;
    const known = await readPieces(client, { kind: kind.id, codes: [code] });
    if (known.length > 0) throw new ParkError('already-exists', `${kind.id} has a record ${code} already`);
    const piece: Piece = { from, until, fields, documents };
    await refuseMissing(client, kind, piece);
    const versions = await readVersions(client, { kind: kind.id, codes: [code] });
    const version = (versions.get(code) ?? 0) + 1;
    const row = newPiece(kind, { ...piece, code, version, provenance });
    const { actor } = editor;
    await insertPieces(client, [row], { actor, reason: asked.reason ?? null, nowMs: clock.nowMs() });
    await appendAudit(client, {
      ...editor,
      action: 'record.create',
      object: `${kind.id}/${code}`,
      ...(asked.reason === undefined ? {} : { reason: asked.reason }),
      after: { version, from, until, sha256: row.sha256 },
    });
    return code;
  });
}

/** What stands of a record. @throws ParkError `not-found`; `conflict` when it is at another version than was looked at */
async function standing(
  client: Queryable,
  kind: RecordKind,
  { code, version }: { readonly code: string; readonly version: number },
): Promise<{ readonly pieces: readonly StoredPiece[]; readonly newest: number }> {
  await lockRegister(client, kind.id);
  const pieces = await readPieces(client, { kind: kind.id, codes: [code] });
  if (pieces.length === 0) throw new ParkError('not-found', `${kind.id} has no record ${code}`);
  const newest = Math.max(...pieces.map((piece) => piece.version));
  if (newest !== version) {
    throw new ParkError(
      'conflict',
      `${kind.id} ${code} is at version ${newest}, no longer at ${version}: look again`,
    );
  }
  return { pieces, newest };
}

/**
 * Corrects what was written, or writes what is different from a day on; the rows before stay readable.
 * @throws ParkError `not-found`; `conflict`; `invalid-request`
 */
export function amendRecord(
  { db, clock }: RegisterGround,
  kind: RecordKind,
  asked: AmendBody & { readonly code: string; readonly editor: Editor },
): Promise<void> {
  const fields = checkedFields(kind, asked.fields);
  const { code, how, from, documents, editor } = asked;
  const until = kind.time === 'event' ? from : asked.until;
  return transaction(db, async (client) => {
    const { pieces, newest } = await standing(client, kind, asked);
    const piece: Piece = { from, until, fields, documents };
    await refuseMissing(client, kind, piece);
    const of = asked.of ?? pieces.at(-1)?.from ?? from;
    const amended = amend(
      kind.time,
      pieces,
      how === 'correct' ? { ...piece, how, of } : { ...piece, how: 'change' },
    );
    if (!amended.ok) throw invalid([amended]);
    const version = newest + 1;
    const before = pieces.filter((known) => amended.superseded.includes(known.from));
    const provenance = before[0]?.provenance ?? 'field';
    const rows = amended.written.map((next) => newPiece(kind, { ...next, code, version, provenance }));
    await writeAmended(client, { before, rows, how, editor, reason: asked.reason, nowMs: clock.nowMs() });
    await appendAudit(client, {
      ...editor,
      action: `record.${how}`,
      object: `${kind.id}/${code}`,
      ...(asked.reason === undefined ? {} : { reason: asked.reason }),
      before: before.map(digest),
      after: rows.map(digest),
    });
  });
}

/** Replaces rows by those of an amendment. */
export async function writeAmended(
  client: Queryable,
  change: {
    readonly before: readonly StoredPiece[];
    readonly rows: readonly NewPiece[];
    readonly how: 'correct' | 'change';
    readonly editor: Editor;
    readonly reason?: string | undefined;
    readonly nowMs: number;
  },
): Promise<void> {
  const { nowMs } = change;
  const { actor } = change.editor;
  const ending = change.how === 'correct' ? 'corrected' : 'changed';
  await supersede(
    client,
    change.before.map(({ id }) => id),
    { actor, ending, nowMs },
  );
  await insertPieces(client, change.rows, { actor, reason: change.reason ?? null, nowMs });
}

/** What the audit says of a row: the rows themselves are kept, and may hold personal data. */
function digest({ version, from, until, sha256 }: NewPiece): object {
  return { version, from, until, sha256 };
}

/**
 * Takes a record out of every list and measure; its rows stay readable.
 * @throws ParkError `not-found`; `conflict`; `in-use` when another record names it
 */
export function withdrawRecord(
  { db, clock }: RegisterGround,
  kind: RecordKind,
  asked: {
    readonly code: string;
    readonly version: number;
    readonly reason: string;
    readonly editor: Editor;
  },
): Promise<void> {
  const { code, reason, editor } = asked;
  return transaction(db, async (client) => {
    const { pieces } = await standing(client, kind, asked);
    const references = referencesTo(kind.id);
    const user = await findReference(client, {
      code,
      kinds: references.map((reference) => reference.kind),
      fields: references.map((reference) => reference.field),
    });
    if (user !== undefined) throw new ParkError('in-use', `${user} names ${kind.id} ${code}`);
    await supersede(
      client,
      pieces.map(({ id }) => id),
      { actor: editor.actor, ending: 'withdrawn', nowMs: clock.nowMs() },
    );
    await appendAudit(client, {
      ...editor,
      action: 'record.withdraw',
      object: `${kind.id}/${code}`,
      reason,
      before: pieces.map(digest),
    });
  });
}

/** Notes that somebody looked at the record and found it right. @throws ParkError `not-found`; `conflict` */
export function reviewRecord(
  { db, clock }: RegisterGround,
  kind: RecordKind,
  asked: {
    readonly code: string;
    readonly version: number;
    readonly note: string | null;
    readonly editor: Editor;
  },
): Promise<void> {
  const { code, note, editor } = asked;
  return transaction(db, async (client) => {
    const { newest } = await standing(client, kind, asked);
    await insertReview(client, { kind: kind.id, code, reviewer: editor.actor, note, nowMs: clock.nowMs() });
    await appendAudit(client, {
      ...editor,
      action: 'record.review',
      object: `${kind.id}/${code}`,
      ...(note === null ? {} : { reason: note }),
      after: { version: newest },
    });
  });
}
