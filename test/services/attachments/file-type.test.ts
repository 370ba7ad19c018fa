import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { judgeFile, nameFault } from '#services/attachments/file-type.ts';
import { docxFile, pdfFile, pngFile } from '#test/kit/files.ts';

const jpegFile = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);
const reasonOf = (bytes: Buffer) => {
  const judged = judgeFile(bytes);
  return judged.ok ? judged.mediaType : judged.reason;
};

describe('judgeFile()', () => {
  test.each([
    ['application/pdf', pdfFile()],
    ['image/png', pngFile],
    ['image/jpeg', jpegFile],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', docxFile()],
    ['application/ofd', Buffer.from(zipSync({ 'OFD.xml': Buffer.from('<OFD/>') }))],
  ])('knows %s by its bytes', (mediaType, bytes) => {
    expect(judgeFile(bytes)).toEqual({ ok: true, mediaType });
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'none of PDF'],
    ['a page', Buffer.from('<html><script>alert(1)</script>'), 'none of PDF'],
    ['a program', Buffer.from('\x7fELF'), 'none of PDF'],
    [
      'a picture that can hold scripts',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'none of PDF',
    ],
    ['a PDF that was cut off', pdfFile().subarray(0, 40), 'cut off'],
    ['a PDF with a page behind it', Buffer.concat([pdfFile(), Buffer.from('<html>')]), 'follows its end'],
    ['a PDF with a script', pdfFile('/JavaScript (app.alert(1))'), 'active content (JavaScript)'],
    ['an image with an archive behind it', Buffer.concat([pngFile, docxFile()]), 'archive is hidden'],
    ['an image with a page behind it', Buffer.concat([jpegFile, Buffer.from('<html>')]), 'follows the end'],
    // The comment of an archive may end like an image does.
    [
      'an image whose archive ends like an image',
      Buffer.concat([jpegFile, docxFile().subarray(0, -2), Buffer.from([2, 0, 0xff, 0xd9])]),
      'archive is hidden',
    ],
    ['an archive of anything', Buffer.from(zipSync({ 'a.txt': Buffer.from('x') })), 'none of DOCX'],
    ['a document with a macro', docxFile({ 'word/vbaProject.bin': 'x' }), 'holds a program'],
    ['a document with a page in it', docxFile({ 'word/evil.html': 'x' }), 'holds a program'],
    ['a document that is two', docxFile({ 'xl/workbook.xml': 'x' }), 'none of DOCX'],
    ['a part outside of the archive', docxFile({ '../../etc/passwd': 'x' }), 'named outside'],
    ['a part with an absolute name', docxFile({ '/etc/passwd': 'x' }), 'named outside'],
    ['a document with something behind it', Buffer.concat([docxFile(), Buffer.from('x')]), 'follows its end'],
    ['a document with something before its directory', patched(docxFile(), -6, 1), 'between the parts'],
    ['a bomb', docxFile({ 'word/big.xml': '0'.repeat(8 * 1024 * 1024) }), 'unpacks to more'],
    ['a directory that announces a bomb', announcing(docxFile(), 0xffff_fff0), 'unpacks to more'],
    ['a document that is encrypted', encrypted(docxFile()), 'encrypted'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toContain(reason);
  });
});

/** One byte of the end changed; `at` from the end. */
function patched(bytes: Buffer, at: number, by: number): Buffer {
  const copy = Buffer.from(bytes);
  const place = copy.length + at;
  copy[place] = ((copy[place] ?? 0) + by) & 0xff;
  return copy;
}

const directoryOf = (bytes: Buffer): number => bytes.readUInt32LE(bytes.length - 6);

/** The first part says that it unpacks to `size`. */
function announcing(bytes: Buffer, size: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(size, directoryOf(copy) + 24);
  return copy;
}

function encrypted(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(1, directoryOf(copy) + 8);
  return copy;
}

test('judgeFile() never throws, whatever one byte of a document becomes', () => {
  const bytes = docxFile();
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      expect(() => judgeFile(copy)).not.toThrow();
    }
  }
});

test.each([
  ['制度.pdf', null],
  ['REPORT.PDF', null],
  ['../../etc/passwd', 'without folders'],
  ['..\\windows.pdf', 'without folders'],
  ['.htaccess.pdf', 'without folders'],
  ['a.pdf.exe', 'ends with .pdf'],
  ['a', 'ends with .pdf'],
  ['a\u0000.pdf', 'control characters'],
  ['a\u202Efdp.exe', 'control characters'],
])('nameFault() of %j', (name, fault) => {
  const found = nameFault(name, 'application/pdf');
  if (fault === null) expect(found).toBeNull();
  else expect(found).toContain(fault);
});
