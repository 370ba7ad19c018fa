import { crc32, deflateSync } from 'node:zlib';
import { encode } from 'uqr';

/** A QR code as rows of modules, dark is true; `text` of some hundred bytes still reads from paper 40 mm wide. */
export function qrModules(text: string): boolean[][] {
  return encode(text, { ecc: 'M', border: 2 }).data;
}

/** The same as a picture: PNG, one grey bit a pixel, `scale` pixels a module. */
export function qrPng(text: string, scale: number): Uint8Array {
  const modules = qrModules(text);
  const width = modules.length * scale;
  const rowBytes = Math.ceil(width / 8);
  const rows = modules.flatMap((row) => {
    const line = Buffer.alloc(1 + rowBytes);
    for (let x = 0; x < width; x++) {
      const isLight = row[Math.floor(x / scale)] !== true;
      if (isLight) line[1 + (x >> 3)] = (line[1 + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
    }
    return Array.from({ length: scale }, () => line);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  header[8] = 1;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngPart('IHDR', header),
    pngPart('IDAT', deflateSync(Buffer.concat(rows))),
    pngPart('IEND', Buffer.alloc(0)),
  ]);
}

function pngPart(name: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const part = Buffer.alloc(8 + content.length);
  part.writeUInt32BE(data.length, 0);
  part.set(content, 4);
  part.writeUInt32BE(crc32(content), 4 + content.length);
  return part;
}
