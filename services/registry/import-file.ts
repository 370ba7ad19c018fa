import { parse as parseCsv, CsvError } from 'csv-parse/sync';
import { openYaml, type YamlDocument, type YamlFault } from '#infra/yaml-text.ts';
import { importLimits, judgeDocument, type ImportReading, type KnownPark } from './import.ts';
import { tablesToDocument, type Sheet } from './table-form.ts';
import { BadWorkbook, readXlsx } from './xlsx.ts';

export const importFormats = ['yaml', 'csv', 'xlsx'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** A file as it was uploaded. */
export interface ImportFile {
  readonly format: ImportFormat;
  readonly bytes: Uint8Array;
}

interface Faulty {
  readonly ok: false;
  readonly faults: readonly YamlFault[];
}

type Opened = { readonly ok: true; readonly document: YamlDocument } | Faulty;

/** The tables of a file, or why it is none. */
export type OpenedSheets = { readonly ok: true; readonly sheets: readonly Sheet[] } | Faulty;

/** Reads a park from YAML, JSON, CSV or a workbook; every fault with its line, and its column of the table. */
export async function readImportFile(file: ImportFile, park: KnownPark): Promise<ImportReading> {
  const opened = await open(file);
  if (opened.ok) return judgeDocument(opened.document, park);
  const errors = opened.faults.slice(0, importLimits.listedErrors).map((fault) => ({ path: '', ...fault }));
  return { ok: false, count: opened.faults.length, errors };
}

async function open({ format, bytes }: ImportFile): Promise<Opened> {
  if (format === 'yaml') {
    const text = decode(bytes, format);
    return text === null ? refused('is not UTF-8 text') : openYaml(text, importLimits);
  }
  const opened = await openSheets({ format, bytes });
  return opened.ok ? { ok: true, document: tablesToDocument(opened.sheets) } : opened;
}

/** Reads the tables of a CSV file or a workbook. */
export async function openSheets({
  format,
  bytes,
}: {
  readonly format: 'csv' | 'xlsx';
  readonly bytes: Uint8Array;
}): Promise<OpenedSheets> {
  if (format === 'xlsx') return openXlsx(bytes);
  const text = decode(bytes, format);
  return text === null ? refused('is not UTF-8 text') : openCsv(text);
}

function refused(message: string, line = 1): Faulty {
  return { ok: false, faults: [{ message, line, column: 1 }] };
}

/** Spreadsheets in China write CSV in GB 18030; whatever is not UTF-8 is tried as that. */
function decode(bytes: Uint8Array, format: ImportFormat): string | null {
  const charsets = format === 'csv' ? ['utf-8', 'gb18030'] : ['utf-8'];
  for (const charset of charsets) {
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes);
    } catch {
      // The next one, or none.
    }
  }
  return null;
}

async function openXlsx(bytes: Uint8Array): Promise<OpenedSheets> {
  try {
    return { ok: true, sheets: await readXlsx(bytes) };
  } catch (error) {
    if (error instanceof BadWorkbook) return refused(error.message);
    throw error;
  }
}

interface CsvRow {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function openCsv(text: string): OpenedSheets {
  const delimiter = [',', ';', '\t'].find((sign) => text.split('\n', 1)[0]?.includes(sign)) ?? ',';
  try {
    const rows = parseCsv(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: importLimits.recordBytes,
    }) as unknown as CsvRow[];
    // The parser counts where a record ends; a quoted cell may have begun some lines above.
    const lines = rows.map(({ record, info }) => info.lines - breaksIn(record));
    const sheet: Sheet = { name: '', rows: rows.map(({ record }) => record), lines };
    return { ok: true, sheets: [sheet] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refused(`is no CSV: ${error.message}`, Number(error['lines'] ?? 1));
  }
}

function breaksIn(record: readonly string[]): number {
  return record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
}
