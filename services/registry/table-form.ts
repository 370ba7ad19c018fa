import type { YamlDocument } from '#infra/yaml-text.ts';

/** A cell as a spreadsheet or a CSV file gives it; null when it is empty. */
export type Cell = string | number | boolean | Date | null;

/** Rows as they stand in the file, the first with the names of the columns. */
export interface Sheet {
  /** Empty in a CSV file. */
  readonly name: string;
  readonly rows: readonly (readonly Cell[])[];
  /** The file's line of each row, where rows take several; else they are counted. */
  readonly lines?: readonly number[];
}

export const tableKinds = ['spaces', 'devices', 'points'] as const;
export type TableKind = (typeof tableKinds)[number];

/** A list is written in one cell, parted by spaces, commas or semicolons. */
type CellType = 'text' | 'number' | 'flag' | 'list';

/** Columns of each kind, in the order of an export; devices also have one for each attribute. */
export const tableColumns: Readonly<Record<TableKind, Readonly<Record<string, CellType>>>> = {
  spaces: {
    id: 'text',
    parentId: 'text',
    kind: 'text',
    role: 'text',
    name: 'text',
    areaM2: 'number',
    tags: 'list',
    validFrom: 'text',
  },
  devices: {
    id: 'text',
    name: 'text',
    class: 'text',
    spaceId: 'text',
    lifecycle: 'text',
    provenance: 'text',
    validFrom: 'text',
  },
  points: { deviceId: 'text', metric: 'text', ignored: 'flag', kind: 'text', unit: 'text' },
};
export const attributePrefix = 'attributes.';

/** What people write above a column in Chinese. */
const chineseNames: Readonly<Record<string, string>> = {
  编号: 'id',
  名称: 'name',
  类别: 'class',
  空间: 'spaceId',
  空间编号: 'spaceId',
  上级: 'parentId',
  上级空间: 'parentId',
  类型: 'kind',
  用途: 'role',
  面积: 'areaM2',
  申报: 'tags',
  状态: 'lifecycle',
  数据来源: 'provenance',
  生效时间: 'validFrom',
  设备编号: 'deviceId',
  指标: 'metric',
  忽略: 'ignored',
  单位: 'unit',
};
const chineseSheets: Readonly<Record<string, TableKind>> = {
  空间: 'spaces',
  设备: 'devices',
  测点: 'points',
};

/** The word in a cell that takes a value away; an empty cell leaves it as it is. */
export const emptyWord = 'null';
/** Words of a cell that are yes or no. */
export const flags: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  '1': true,
  '0': false,
  是: true,
  否: false,
};

interface Column {
  readonly field: string;
  readonly type: CellType | 'attribute';
}

interface Table {
  readonly kind: TableKind;
  readonly columns: readonly (Column | null)[];
  readonly entries: readonly { readonly line: number }[];
}

/**
 * Reads sheets as an import document: the same entries as in YAML, each field with its line and column. A sheet is known by
 * its name, or by its columns: `metric` makes points of it, `class` devices.
 */
export function tablesToDocument(sheets: readonly Sheet[]): YamlDocument {
  const value: Record<string, unknown[]> = {};
  const tables = new Map<string, Table>();
  const faults: string[] = [];
  for (const sheet of sheets) {
    const [head = [], ...rows] = sheet.rows;
    const names = head.map((cell) => headerName(cell));
    if (names.every((name) => name === '')) continue;
    const kind = kindOf(sheet.name, names);
    if (kind === null) {
      faults.push(
        `${sheet.name === '' ? 'the file' : `the sheet "${sheet.name}"`} is none of spaces, devices and points`,
      );
      continue;
    }
    if (tables.has(kind)) {
      faults.push(`there are two sheets of ${kind}`);
      continue;
    }
    const columns = names.map((name) => columnOf(kind, name));
    const filled = rows.flatMap((row, index) =>
      row.every((cell) => cell === null || cell === '')
        ? []
        : [{ row, line: sheet.lines?.[index + 1] ?? index + 2 }],
    );
    tables.set(kind, { kind, columns, entries: filled });
    value[kind] = filled.map(({ row }) => entryOf(row, columns));
  }
  return {
    toPlain: () => {
      const [fault] = faults;
      return fault === undefined ? { ok: true, value } : { ok: false, message: fault };
    },
    placeOf([kind, index, ...fields]) {
      const table = tables.get(String(kind));
      const line = table?.entries[Number(index)]?.line;
      if (table === undefined || line === undefined) return { line: 1, column: 1 };
      const field = fields.join('.');
      const column = table.columns.findIndex((one) => one?.field === field);
      return { line, column: Math.max(column, 0) + 1 };
    },
  };
}

function headerName(cell: Cell | undefined): string {
  const text = String(cell ?? '').trim();
  return chineseNames[text] ?? text;
}

function kindOf(sheet: string, names: readonly string[]): TableKind | null {
  const byName =
    chineseSheets[sheet.trim()] ?? tableKinds.find((kind) => kind === sheet.trim().toLowerCase());
  if (byName !== undefined) return byName;
  if (names.includes('metric')) return 'points';
  if (names.includes('class')) return 'devices';
  return names.includes('id') && names.includes('kind') ? 'spaces' : null;
}

/** A column that is not known keeps its name: the schema then says so, with its place. */
function columnOf(kind: TableKind, name: string): Column | null {
  if (name === '') return null;
  if (name.startsWith(attributePrefix)) return { field: name, type: 'attribute' };
  return { field: name, type: tableColumns[kind][name] ?? 'text' };
}

function entryOf(row: readonly Cell[], columns: readonly (Column | null)[]): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const cell = row[index] ?? null;
    if (column === null || cell === null || cell === '') continue;
    if (column.type === 'attribute')
      attributes[column.field.slice(attributePrefix.length)] = attributeOf(cell);
    else entry[column.field] = fieldOf(cell, column.type);
  }
  return Object.keys(attributes).length === 0 ? entry : { ...entry, attributes };
}

/** What a cell says, without what only keeps it from being a formula. */
export function plain(cell: Exclude<Cell, null>): string | number | boolean {
  if (cell instanceof Date) return cell.toISOString();
  // An export puts ' before what a spreadsheet would take for a formula.
  return typeof cell === 'string' ? cell.trim().replace(/^'(?=[=+\-@\t\r])/, '') : cell;
}

function fieldOf(cell: Exclude<Cell, null>, type: CellType): unknown {
  const given = plain(cell);
  if (type === 'list')
    return given === emptyWord
      ? []
      : String(given)
          .split(/[\s,;，；、]+/)
          .filter(Boolean);
  if (given === emptyWord) return null;
  if (type === 'flag') return flags[String(given).toLowerCase()] ?? given;
  if (type === 'number') return typeof given === 'string' ? numberOf(given) : given;
  return String(given);
}

function numberOf(text: string): number | string {
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Text of a CSV file that is a number or a flag is one. */
function attributeOf(cell: Exclude<Cell, null>): string | number | boolean {
  if (typeof cell === 'string' && cell.startsWith("'")) return cell.slice(1);
  const given = plain(cell);
  if (typeof given !== 'string') return given;
  if (given === 'true' || given === 'false') return given === 'true';
  // Leading zeros and signs belong to codes, not to quantities.
  return /^(0|[1-9]\d{0,14})(\.\d{1,10})?$/.test(given) ? Number(given) : given;
}

/** Text of an attribute, so that it is read as text again. */
export function attributeText(text: string): string {
  return typeof attributeOf(text) === 'string' && !text.startsWith("'") ? safeText(text) : `'${text}`;
}

/** Text that a spreadsheet would run as a formula is marked as text. */
export function safeText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
