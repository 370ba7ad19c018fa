import { crc32, deflateSync } from 'node:zlib';

const width = 240;
const height = 160;
/** Sky, ground, and three houses: x, width, height, colour; all in pixels. */
const sky = [0xcf, 0xe3, 0xf5] as const;
const ground = [0x8f, 0xa8, 0x7c] as const;
const horizon = 120;
const houses = [
  [24, 56, 80, [0x5b, 0x7d, 0xa8]],
  [96, 40, 60, [0x8a, 0x6f, 0x9c]],
  [152, 64, 44, [0xb0, 0x7a, 0x56]],
] as const;

function colourAt(x: number, y: number): readonly [number, number, number] {
  const house = houses.find(
    ([left, wide, high]) => x >= left && x < left + wide && y < horizon && y >= horizon - high,
  );
  if (house !== undefined) return house[3];
  return y < horizon ? sky : ground;
}

/** A drawing in the place of a photograph: RGB, 8 bits, one filter byte (none) before each line. */
export function drawPng(): Uint8Array {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(colourAt(x, y), y * (1 + width * 3) + 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, name, content, check sum of name and content. */
function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
