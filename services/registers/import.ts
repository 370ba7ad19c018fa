import { appendAudit } from '#infra/journal.ts';
import { transaction, type Queryable } from '#infra/postgres.ts';
import { registerLimits, type RegisterImportAnswer } from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import type { RecordKind } from '#schemas/registers/kind.ts';
import { openSheets } from '#services/registry/import-file.ts';
import { amend, type Piece } from './amend.ts';
import { missingReferences } from './references.ts';
import { newPiece, type Editor, type RegisterGround } from './registers.ts';
import {
  insertPieces,
  lockRegister,
  nextNumber,
  readPieces,
  readVersions,
  supersede,
  type StoredPiece,
} from './store.ts';
import { mergeRow, readTable, type TableFault, type TableReading, type TableRow } from './table.ts';

/** Entries that an answer lists, and faults that are told; of more the number. */
const listed = 1_000;

export interface RegisterFile {
  readonly format: 'csv' | 'xlsx';
  readonly bytes: Uint8Array;
}

/** What no code begins with. */
const newRow = '#';

type Change = RegisterImportAnswer['changes'][number];

/** A record as the file leaves it. */
interface Draft {
  readonly known: readonly StoredPiece[];
  readonly pieces: readonly Piece[];
  readonly how: 'create' | 'correct' | 'change' | null;
}

/**
 * Brings in a table of records, wholly or not at all. A code that is known is corrected where the row has its first day, or
 * none, and changed from a later day on; a row that says nothing new changes nothing.
 * @throws ParkError `invalid-import` with every fault's line and column
 */
export async function importRecords(
  { db, clock }: RegisterGround,
  kind: RecordKind,
  asked: { readonly file: RegisterFile; readonly dryRun: boolean; readonly editor: Editor },
): Promise<RegisterImportAnswer> {
  const { rows, faults: cellFaults } = await readRows(kind, asked.file);
  return transaction(db, async (client) => {
    await lockRegister(client, kind.id);
    const codes = [...new Set(rows.flatMap(({ code }) => code ?? []))];
    const known = Map.groupBy(await readPieces(client, { kind: kind.id, codes }), ({ code }) => code);
    const plan = planRows(kind, plannable(rows, cellFaults), known);
    const faults = [...cellFaults, ...plan.faults, ...(await unknownReferences(client, kind, plan))];
    if (faults.length > 0) throw refused(faults);
    if (!asked.dryRun) await carryOut(client, kind, { plan, editor: asked.editor, nowMs: clock.nowMs() });
    return answerOf(plan, asked.dryRun);
  });
}

async function readRows(kind: RecordKind, file: RegisterFile): Promise<TableReading> {
  const opened = await openSheets(file);
  if (!opened.ok) {
    throw refused(opened.faults.map(({ message, line, column }) => ({ path: '', message, line, column })));
  }
  const [sheet] = opened.sheets;
  const reading = readTable(kind, sheet ?? { name: '', rows: [] });
  const { rows, faults } = reading;
  if (rows.length === 0 && faults.length > 0) throw refused(faults);
  if (rows.length === 0) throw refused([{ path: '', message: 'has no records', line: 1, column: 1 }]);
  if (rows.length > registerLimits.importRows) {
    const message = `has more than ${registerLimits.importRows} records`;
    throw refused([{ path: '', message, line: registerLimits.importRows + 2, column: 1 }]);
  }
  return reading;
}

/** Rows that can be applied: neither with a fault in a cell, nor of a record that has one. */
function plannable(rows: readonly TableRow[], faults: readonly TableFault[]): readonly TableRow[] {
  const lines = new Set(faults.map(({ line }) => line));
  const codes = new Set(rows.flatMap(({ line, code }) => (lines.has(line) && code !== null ? [code] : [])));
  return rows.filter(({ line, code }) => !lines.has(line) && (code === null || !codes.has(code)));
}

function refused(faults: readonly TableFault[]): ParkError {
  const errors = faults.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, listed);
  return new ParkError(
    'invalid-import',
    `The file has ${faults.length} errors; nothing was imported.`,
    errors,
  );
}

interface Plan {
  readonly drafts: ReadonlyMap<string, Draft>;
  readonly faults: readonly TableFault[];
  readonly changes: readonly Change[];
  readonly unchanged: number;
  /** The row that each new piece came from. */
  readonly sources: ReadonlyMap<Piece, TableRow>;
}

/** Applies the rows one after the other to what stands. */
function planRows(
  kind: RecordKind,
  rows: readonly TableRow[],
  known: ReadonlyMap<string, readonly StoredPiece[]>,
): Plan {
  const drafts = new Map<string, Draft>();
  const faults: TableFault[] = [];
  const changes: Change[] = [];
  const sources = new Map<Piece, TableRow>();
  let unchanged = 0;
  for (const [index, row] of rows.entries()) {
    // Without a code it is a new record, whose code is made when it is written.
    const key = row.code ?? `${newRow}${index}`;
    const stored = known.get(key) ?? [];
    const draft = drafts.get(key) ?? { known: stored, pieces: stored, how: null };
    const step = applyRow(kind, row, draft);
    if ('faults' in step) faults.push(...step.faults);
    else if (step.piece === null) unchanged++;
    else {
      drafts.set(key, step.draft);
      sources.set(step.piece, row);
      changes.push({ code: row.code ?? '', change: step.how, fields: step.fields });
    }
  }
  return { drafts, faults, changes, unchanged, sources };
}

type Step =
  | { readonly faults: readonly TableFault[] }
  | { readonly piece: null }
  | {
      readonly piece: Piece;
      readonly draft: Draft;
      readonly how: Change['change'];
      readonly fields: Change['fields'];
    };

function applyRow(kind: RecordKind, row: TableRow, draft: Draft): Step {
  const at = (path: string, message: string) => ({
    faults: [{ path, message, line: row.line, column: row.columns.get(path.slice(1)) ?? 1 }],
  });
  const newest = draft.pieces.at(-1);
  const from = row.from ?? newest?.from;
  if (from === undefined) return at('/from', 'is needed');
  const standing = draft.pieces.find((piece) => piece.from === from) ?? newest;
  const merged = mergeRow(kind, row, standing?.fields);
  if (!merged.ok) return { faults: merged.faults };
  const until =
    kind.time === 'event' ? from : row.until === undefined ? (standing?.until ?? null) : row.until;
  const piece: Piece = { from, until, fields: merged.fields, documents: standing?.documents ?? [] };
  if (standing !== undefined && standing.from === from && sameContent(standing, piece))
    return { piece: null };
  const isCorrection = draft.pieces.some((known) => known.from === from);
  const amended = amend(
    kind.time,
    draft.pieces,
    isCorrection ? { ...piece, how: 'correct', of: from } : { ...piece, how: 'change' },
  );
  if (!amended.ok) return at(amended.path, amended.message);
  const own = amended.written.find((written) => written.from === from) ?? piece;
  const kept = draft.pieces.filter((known) => !amended.superseded.includes(known.from));
  const pieces = [...kept, ...amended.written].toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const how = newest === undefined ? 'create' : isCorrection ? 'correct' : 'change';
  return {
    piece: own,
    how,
    draft: { ...draft, pieces, how: draft.how ?? how },
    fields: difference(standing, own),
  };
}

const contentOf = ({ from, until, fields }: Piece): Readonly<Record<string, unknown>> => ({
  from,
  until,
  ...fields,
});
const text = (value: unknown): string => JSON.stringify(value ?? null);

function difference(before: Piece | undefined, after: Piece): Change['fields'] {
  const old = before === undefined ? {} : contentOf(before);
  const own = contentOf(after);
  return [...new Set([...Object.keys(old), ...Object.keys(own)])]
    .filter((field) => text(old[field]) !== text(own[field]))
    .map((field) => ({ field, before: old[field] ?? null, after: own[field] ?? null }));
}

const sameContent = (a: Piece, b: Piece): boolean => difference(a, b).length === 0;

async function unknownReferences(client: Queryable, kind: RecordKind, plan: Plan): Promise<TableFault[]> {
  const pieces = [...plan.sources.keys()];
  const missing = await missingReferences(client, kind, pieces);
  return missing.map(({ index, path, message }) => {
    const piece = pieces[index];
    const row = piece === undefined ? undefined : plan.sources.get(piece);
    const key = path.split('/').at(-1) ?? '';
    return { path, message, line: row?.line ?? 1, column: row?.columns.get(key) ?? 1 };
  });
}

async function carryOut(
  client: Queryable,
  kind: RecordKind,
  { plan, editor, nowMs }: { readonly plan: Plan; readonly editor: Editor; readonly nowMs: number },
): Promise<void> {
  const { actor } = editor;
  const versions = await readVersions(client, { kind: kind.id, codes: [...plan.drafts.keys()] });
  const rows = [];
  const gone = { corrected: [] as number[], changed: [] as number[] };
  for (const [key, { known, pieces, how }] of plan.drafts) {
    const code = key.startsWith(newRow) ? `${kind.id}-${await nextNumber(client)}` : key;
    const version = (versions.get(key) ?? 0) + 1;
    const standing = new Set<Piece>(pieces);
    const ended = known.filter((piece) => !standing.has(piece)).map(({ id }) => id);
    gone[how === 'change' ? 'changed' : 'corrected'].push(...ended);
    const old = new Set<Piece>(known);
    const provenance = known[0]?.provenance ?? 'field';
    for (const piece of pieces) {
      if (!old.has(piece)) rows.push(newPiece(kind, { ...piece, code, version, provenance }));
    }
  }
  await supersede(client, gone.corrected, { actor, ending: 'corrected', nowMs });
  await supersede(client, gone.changed, { actor, ending: 'changed', nowMs });
  await insertPieces(client, rows, { actor, reason: null, nowMs });
  await appendAudit(client, {
    ...editor,
    action: 'record.import',
    object: kind.id,
    after: {
      ...countsOf(plan),
      records: rows.slice(0, listed).map(({ code, version, sha256 }) => ({ code, version, sha256 })),
    },
  });
}

function countsOf({
  changes,
  unchanged,
}: Plan): Pick<RegisterImportAnswer, 'created' | 'changed' | 'unchanged'> {
  const created = changes.filter(({ change }) => change === 'create').length;
  return { created, changed: changes.length - created, unchanged };
}

function answerOf(plan: Plan, dryRun: boolean): RegisterImportAnswer {
  return { dryRun, ...countsOf(plan), changes: plan.changes.slice(0, listed) };
}
