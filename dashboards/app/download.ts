import { toCsv } from './format.ts';

/** Hands the browser a CSV file. */
export function downloadCsv(name: string, rows: Parameters<typeof toCsv>[0]): void {
  downloadText(`${name}.csv`, toCsv(rows), 'text/csv;charset=utf-8');
}

/** Hands the browser a file of text. */
export function downloadText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
