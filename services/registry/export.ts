import { stringify } from 'yaml';
import type { ImportFormat } from './import-file.ts';
import { toEntry, undated } from './import-plan.ts';
import type { DeviceFacts, PointFacts, SpaceFacts, Standing } from './store.ts';
import {
  attributePrefix,
  attributeText,
  emptyWord,
  safeText,
  tableColumns,
  type Cell,
  type Sheet,
  type TableKind,
} from './table-form.ts';
import { writeXlsx } from './xlsx.ts';

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The registry as it stands. */
export interface RegistryRows {
  readonly spaces: readonly Standing<SpaceFacts>[];
  readonly devices: readonly Standing<DeviceFacts>[];
  readonly points: readonly PointFacts[];
}

type Entry = Readonly<Record<string, unknown>>;

/** Writes the registry so that importing it again changes nothing. @param kind of CSV, which holds one table */
export async function writeRegistry(
  rows: RegistryRows,
  format: ImportFormat,
  kind: TableKind,
): Promise<{ readonly type: string; readonly content: string | Buffer }> {
  if (format === 'yaml') return { type: 'application/yaml; charset=utf-8', content: toYaml(rows) };
  const sheets = sheetsOf(rows);
  if (format === 'xlsx') return { type: xlsxType, content: await writeXlsx(sheets) };
  const sheet = sheets.find(({ name }) => name === kind);
  return { type: csvType, content: csvText(sheet?.rows ?? []) };
}

export const csvType = 'text/csv; charset=utf-8';

/** A table as CSV; the mark tells spreadsheets that it is UTF-8. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${rows.map(csvLine).join('\r\n')}\r\n`;
}

/** Since when a row stands is history, and not asked for again. */
function entriesOf({ spaces, devices, points }: RegistryRows): Record<TableKind, Entry[]> {
  return { spaces: spaces.map(undated), devices: devices.map(undated), points: points.map(toEntry) };
}

function toYaml(rows: RegistryRows): string {
  return stringify(entriesOf(rows), { lineWidth: 0, aliasDuplicateObjects: false });
}

function sheetsOf(rows: RegistryRows): Sheet[] {
  const entries = entriesOf(rows);
  return (Object.keys(entries) as TableKind[]).map((kind) => {
    const fields = Object.keys(tableColumns[kind]).filter((field) => field !== 'validFrom');
    const attributes = kind === 'devices' ? attributeNames(rows.devices) : [];
    const head = [...fields, ...attributes.map((name) => attributePrefix + name)];
    const body = entries[kind].map((entry) => [
      ...fields.map((field) => toCell(entry[field])),
      ...attributes.map((name) => attributeCell((entry['attributes'] as Entry)[name])),
    ]);
    return { name: kind, rows: [head, ...body] };
  });
}

function attributeNames(devices: RegistryRows['devices']): string[] {
  return [...new Set(devices.flatMap(({ attributes }) => Object.keys(attributes)))].toSorted();
}

function attributeCell(value: unknown): Cell {
  return typeof value === 'string' ? attributeText(value) : toCell(value);
}

function toCell(value: unknown): Cell {
  if (value === undefined) return null;
  if (value === null || (Array.isArray(value) && value.length === 0)) return emptyWord;
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? safeText(value) : (value as number | boolean);
}

function csvLine(row: readonly Cell[]): string {
  return row
    .map((cell) => {
      const text = cell === null ? '' : String(cell);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
