import { unzipSync, zipSync } from 'fflate';
import readWorkbook from 'read-excel-file/node';
import writeWorkbook from 'write-excel-file/node';
import type { Cell, Sheet } from './table-form.ts';

/** What a workbook may unpack to: some megabytes of zip can hold terabytes. */
export const xlsxLimits = {
  files: 200,
  unpackedBytes: 64 * 1024 * 1024,
  /** Of the packed bytes; tables of text stay far below. */
  ratio: 200,
  sheets: 10,
} as const;

/** Why bytes are no workbook of ours. */
export class BadWorkbook extends Error {
  override readonly name = 'BadWorkbook';
}

/** @throws BadWorkbook */
export async function readXlsx(bytes: Uint8Array): Promise<Sheet[]> {
  const bounded = boundZip(bytes);
  let sheets;
  try {
    sheets = await readWorkbook(Buffer.from(bounded));
  } catch {
    throw new BadWorkbook('is no workbook (.xlsx) that can be read');
  }
  if (sheets.length > xlsxLimits.sheets) throw new BadWorkbook(`has more than ${xlsxLimits.sheets} sheets`);
  return sheets.map(({ sheet, data }) => ({ name: sheet, rows: data as Cell[][] }));
}

/**
 * The same archive without compression, for the reader: what is unpacked is what we have measured, whatever the directory
 * says. fflate unpacks into a buffer of the announced size and no further.
 */
function boundZip(bytes: Uint8Array): Uint8Array {
  let files = 0;
  let unpacked = 0;
  const filter = ({ originalSize, size }: { originalSize: number; size: number }) => {
    files++;
    unpacked += originalSize;
    const bomb = originalSize > Math.max(size, 1_024) * xlsxLimits.ratio;
    if (files > xlsxLimits.files || unpacked > xlsxLimits.unpackedBytes || bomb) {
      throw new BadWorkbook('unpacks to more than a table needs');
    }
    return true;
  };
  let parts;
  try {
    parts = unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof BadWorkbook) throw error;
    throw new BadWorkbook('is no workbook (.xlsx)');
  }
  return zipSync(parts, { level: 0 });
}

/** A workbook of plain tables, their first row bold. */
export function writeXlsx(sheets: readonly Sheet[]): Promise<Buffer> {
  return writeWorkbook(
    sheets.map(({ name, rows }) => ({
      sheet: name,
      stickyRowsCount: 1,
      data: rows.map((row, index) =>
        row.map((cell) =>
          index === 0 ? { value: String(cell), fontWeight: 'bold' as const } : toCell(cell),
        ),
      ),
    })),
  ).toBuffer();
}

function toCell(cell: Cell) {
  return cell instanceof Date ? cell.toISOString() : cell;
}
