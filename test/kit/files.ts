import { zipSync } from 'fflate';

/** Small files of the kinds that may be attached, each different by its text. */
export const pdfFile = (text = 'x'): Buffer =>
  Buffer.from(`%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n% ${text}\ntrailer <</Root 1 0 R>>\n%%EOF\n`);

export function docxFile(parts: Readonly<Record<string, string>> = {}): Buffer {
  const content = { '[Content_Types].xml': '<Types/>', 'word/document.xml': '<document/>', ...parts };
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(content).map(([name, text]) => [name, Buffer.from(text)]))),
  );
}

/** The smallest image there is: 1 x 1, transparent. */
export const pngFile = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
