/**
 * One line of a table as RFC 4180 writes it. A cell that a spreadsheet would run as a formula is written with an
 * apostrophe before it: names in a park are typed by people.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Tables begin with it: without it spreadsheets read Chinese as something else. */
export const csvMark = '\uFEFF';

function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
