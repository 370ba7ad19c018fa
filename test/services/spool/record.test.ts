import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord, fitsRecord, scanRecords, type NativeMessage } from '#services/spool/record.ts';

const message = fc.record({
  topic: fc.string({ maxLength: 40 }).map((text) => text.toWellFormed()),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

function messagesOf(chunk: Buffer): NativeMessage[] {
  return scanRecords(chunk, true).found.flatMap((found) => (found.kind === 'record' ? [found.message] : []));
}

describe('scanRecords()', () => {
  it('gives back what was encoded, in order', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        expect(messagesOf(Buffer.concat(messages.map(encodeRecord)))).toEqual(messages);
      }),
    );
  });

  it('loses one record, and no other, to a damaged byte', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 10 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (messages, where, change) => {
          const bytes = Buffer.concat(messages.map(encodeRecord));
          const at = where % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ change;
          let end = 0;
          const hit = messages.findIndex((one) => (end += encodeRecord(one).length) > at);
          expect(messagesOf(bytes)).toEqual(messages.toSpliced(hit, 1));
          expect(scanRecords(bytes, true).found.filter(({ kind }) => kind === 'corrupt').length).toBe(1);
        },
      ),
    );
  });

  it('takes no part of a record for a whole one, wherever it is cut', () => {
    const messages = [1, 2, 3].map((n) => ({ topic: `t/${n}`, payload: Buffer.alloc(20, n) }));
    const bytes = Buffer.concat(messages.map(encodeRecord));
    const ends = messages.map(
      (_, index) => encodeRecord(messages[0] ?? { topic: '', payload: Buffer.of() }).length * (index + 1),
    );
    for (let length = 0; length <= bytes.length; length++) {
      expect(messagesOf(bytes.subarray(0, length))).toEqual(
        messages.slice(0, ends.filter((end) => end <= length).length),
      );
    }
  });

  it('goes on in the next chunk where this one ends within a record', () => {
    const record = encodeRecord({ topic: 'a/b', payload: Buffer.alloc(100, 7) });
    const bytes = Buffer.concat([record, record.subarray(0, 50)]);
    expect(scanRecords(bytes, false).next).toBe(record.length);
    expect(scanRecords(bytes, true)).toMatchObject({
      next: bytes.length,
      found: [{ kind: 'record' }, { kind: 'corrupt' }],
    });
  });
});

describe('fitsRecord()', () => {
  it('refuses what no packet of the contract could be', () => {
    expect(fitsRecord({ topic: 'a', payload: Buffer.alloc(256 * 1024) })).toBe(true);
    expect(fitsRecord({ topic: 'a', payload: Buffer.alloc(400 * 1024) })).toBe(false);
  });
});
