import { parseOptions, toFieldFaults } from '#schemas/field-errors.ts';
import { idSchema } from '#schemas/ids.ts';
import {
  daySchema,
  type RecordField,
  type RecordFields,
  type RecordValue,
} from '#schemas/registers/field.ts';
import type { RecordKind } from '#schemas/registers/kind.ts';
import { emptyWord, flags, plain, safeText, type Cell, type Sheet } from '#services/registry/table-form.ts';

/** A row of a file: what it gives of a record; the rest stays as it is. */
export interface TableRow {
  readonly line: number;
  /** Column of each thing the row gives, from 1. */
  readonly columns: ReadonlyMap<string, number>;
  readonly code: string | null;
  readonly from: string | null;
  /** Undefined when the row says nothing of it, null for an open end. */
  readonly until: string | null | undefined;
  /** Undefined takes a value away. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TableFault {
  readonly path: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export interface TableReading {
  /** Also those with a fault in a cell: what else is wrong with the file is told at once. */
  readonly rows: readonly TableRow[];
  readonly faults: readonly TableFault[];
}

const ownColumns: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  code: ['编号', 'Code'],
  from: ['起始日期', 'From'],
  until: ['截止日期', 'Until'],
};

/** What stands between the values of a set in one cell. */
const separators = /[;；、,，]/;

/** Reads a table of records: columns by their keys or by their labels in either language. */
export function readTable(kind: RecordKind, sheet: Sheet): TableReading {
  const [head = [], ...body] = sheet.rows;
  const known = columnNames(kind);
  const faults: TableFault[] = [];
  const keys = head.map((cell, index) => {
    const name = String(cell ?? '').trim();
    const key = known.get(name.toLowerCase());
    if (name !== '' && key === undefined) {
      faults.push({
        path: `/${name}`,
        message: `"${name}" is no column of ${kind.id}`,
        line: 1,
        column: index + 1,
      });
    }
    return key ?? null;
  });
  // Under a column that nobody knows every row would lack what it holds.
  if (faults.length > 0) return { rows: [], faults };
  const rows = body.flatMap((cells, index) => {
    const line = sheet.lines?.[index + 1] ?? index + 2;
    return cells.every((cell) => cell === null || cell === '')
      ? []
      : [readRow(kind, { cells, keys, line }, faults)];
  });
  return { rows, faults };
}

function columnNames(kind: RecordKind): ReadonlyMap<string, string> {
  const fields = Object.entries(kind.fields).flatMap(([key, { label }]) => [
    [key, key],
    [label.zh, key],
    [label.en, key],
  ]);
  const own = Object.entries(ownColumns).flatMap(([key, names]) =>
    [key, ...names].map((name) => [name, key]),
  );
  // A label of the kind comes before the words of ours.
  return new Map([...own, ...fields].map(([name = '', key = '']) => [name.toLowerCase(), key]));
}

function readRow(
  kind: RecordKind,
  row: { readonly cells: readonly Cell[]; readonly keys: readonly (string | null)[]; readonly line: number },
  faults: TableFault[],
): TableRow {
  const { cells, keys, line } = row;
  const columns = new Map<string, number>();
  const given: Record<string, unknown> = {};
  for (const [index, key] of keys.entries()) {
    const cell = cells[index] ?? null;
    if (key === null || cell === null || cell === '') continue;
    columns.set(key, index + 1);
    const field = kind.fields[key];
    given[key] = field === undefined ? ownValue(key, cell) : fieldValue(field, cell);
  }
  const { code, from, until, ...fields } = given;
  const fault = (key: string, message: string) =>
    faults.push({ path: `/${key}`, message, line, column: columns.get(key) ?? 1 });
  if (code !== undefined && !idSchema.safeParse(code).success) fault('code', 'is no code');
  for (const [key, value] of Object.entries({ from, until })) {
    const isOpen = key === 'until' && value === null;
    if (value !== undefined && !isOpen && !daySchema.safeParse(value).success) fault(key, 'is no day');
  }
  return {
    line,
    columns,
    code: typeof code === 'string' ? code : null,
    from: typeof from === 'string' ? from : null,
    until: until === undefined ? undefined : typeof until === 'string' ? until : null,
    fields,
  };
}

function ownValue(key: string, cell: Exclude<Cell, null>): unknown {
  if (key === 'code') return String(plain(cell));
  return dayOf(cell);
}

function dayOf(cell: Exclude<Cell, null>): string | null {
  const text = String(plain(cell)).trim();
  if (text === emptyWord) return null;
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(T00:00:00(\.0+)?Z)?$/.exec(text);
  if (match === null) return text;
  const [, year = '', month = '', day = ''] = match;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function fieldValue(field: RecordField, cell: Exclude<Cell, null>): unknown {
  const given = plain(cell);
  if (given === emptyWord) return undefined;
  const text = String(given).trim();
  switch (field.type) {
    case 'flag':
      return flags[text.toLowerCase()] ?? given;
    case 'number':
      return typeof given === 'number' || !Number.isFinite(Number(text)) || text === ''
        ? given
        : Number(text);
    case 'day':
      return dayOf(cell);
    case 'choice':
      return optionOf(field, text);
    case 'choices':
      return partsOf(text).map((part) => optionOf(field, part));
    case 'tags':
      return partsOf(text);
    default:
      return text;
  }
}

const partsOf = (text: string): string[] =>
  text
    .split(separators)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function optionOf({ options }: Extract<RecordField, { type: 'choice' | 'choices' }>, text: string): string {
  const same = (name: string) => name.toLowerCase() === text.toLowerCase();
  return options.find(({ id, name }) => same(id) || same(name.zh) || same(name.en))?.id ?? text;
}

/**
 * The fields of a row on top of those that stand.
 * @returns faults by field when the result is no record of the kind
 */
export function mergeRow(
  kind: RecordKind,
  row: TableRow,
  standing: RecordFields | undefined,
):
  | { readonly ok: true; readonly fields: RecordFields }
  | { readonly ok: false; readonly faults: readonly TableFault[] } {
  const merged = Object.fromEntries(
    Object.entries({ ...standing, ...row.fields }).filter(([, value]) => value !== undefined),
  );
  const parsed = kind.schema.safeParse(merged, parseOptions);
  if (parsed.success) return { ok: true, fields: parsed.data };
  const faults = toFieldFaults(parsed.error).map(({ segments, message }) => {
    const key = String(segments[0] ?? '');
    return { path: `/${segments.join('/')}`, message, line: row.line, column: row.columns.get(key) ?? 1 };
  });
  return { ok: false, faults };
}

/** A record as a line of a file that can be brought in again. */
export interface TableRecord {
  readonly code: string;
  readonly from: string;
  readonly until: string | null;
  readonly fields: RecordFields;
}

/** The table of some records, its head in one language; personal fields only where they are asked for. */
export function tableOf(
  kind: RecordKind,
  records: readonly TableRecord[],
  { lang, personal }: { readonly lang: 'zh' | 'en'; readonly personal: boolean },
): Sheet {
  const fields = Object.entries(kind.fields).filter(([, field]) => personal || field.personal !== true);
  const place = lang === 'zh' ? 0 : 1;
  const own = Object.values(ownColumns).map((names) => names[place]);
  const rows = records.map(({ code, from, until, fields: values }) => [
    code,
    from,
    until ?? emptyWord,
    ...fields.map(([key, field]) => cellOf(field, values[key], lang)),
  ]);
  return {
    name: kind.name[lang].slice(0, 31),
    rows: [[...own, ...fields.map(([, { label }]) => label[lang])], ...rows],
  };
}

function cellOf(field: RecordField, value: RecordValue | undefined, lang: 'zh' | 'en'): Cell {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return lang === 'zh' ? (value ? '是' : '否') : value;
  if (typeof value === 'number') return value;
  const nameOf = (id: string) =>
    'options' in field ? (field.options.find((option) => option.id === id)?.name[lang] ?? id) : id;
  return safeText(typeof value === 'string' ? nameOf(value) : value.map(nameOf).join('；'));
}
