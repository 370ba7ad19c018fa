import { attachmentTypes, type AttachmentType } from '#schemas/api/attachments.ts';
import { zipParts } from './zip-parts.ts';

/** What a file is by its bytes, or why it is not taken. */
export type Judged =
  | { readonly ok: true; readonly mediaType: AttachmentType }
  | { readonly ok: false; readonly reason: string };

const startsWith = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean =>
  signature.every((byte, index) => bytes[at + index] === byte);

const pdfSignature = [...Buffer.from('%PDF-')];
const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The last chunk of a PNG: no length, its name, its check sum. */
const pngEnd = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
const jpegSignature = [0xff, 0xd8, 0xff];
const jpegEnd = [0xff, 0xd9];
const zipSignature = [0x50, 0x4b, 0x03, 0x04];
const zipEnd = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
/** Readers of archives look so far back for the end of one: its comment may have 65,535 bytes. */
const zipEndReach = 65_535 + 22;

const refused = (reason: string): Judged => ({ ok: false, reason });

/**
 * Judges a file by its bytes, whatever it calls itself. A file that is two things at once (an image with an archive behind
 * it, a document that is a page, too) is refused: somebody else's program might take it for the other.
 */
export function judgeFile(bytes: Uint8Array): Judged {
  if (startsWith(bytes, zipSignature)) return judgeZip(bytes);
  if (Buffer.from(bytes.subarray(-zipEndReach)).includes(zipEnd))
    return refused('an archive is hidden in it');
  if (startsWith(bytes, pdfSignature)) return judgePdf(bytes);
  if (startsWith(bytes, pngSignature)) {
    return startsWith(bytes, pngEnd, bytes.length - pngEnd.length)
      ? { ok: true, mediaType: 'image/png' }
      : refused('something follows the end of the image, or it is cut off');
  }
  if (startsWith(bytes, jpegSignature)) {
    return startsWith(bytes, jpegEnd, bytes.length - jpegEnd.length)
      ? { ok: true, mediaType: 'image/jpeg' }
      : refused('something follows the end of the image, or it is cut off');
  }
  return refused('it is none of PDF, PNG, JPEG, DOCX, XLSX, PPTX, OFD');
}

/** A PDF ends with its mark, but for some white space; scripts and files within it are nothing that evidence needs. */
function judgePdf(bytes: Uint8Array): Judged {
  const tail = Buffer.from(bytes.subarray(-1_024));
  const end = tail.lastIndexOf('%%EOF');
  if (end < 0 || !/^\s*$/.test(tail.subarray(end + 5).toString('latin1'))) {
    return refused('the PDF is cut off, or something follows its end');
  }
  const text = Buffer.from(bytes);
  const active = ['/JavaScript', '/Launch', '/EmbeddedFile'].find((name) => text.includes(name));
  if (active !== undefined) return refused(`the PDF has active content (${active.slice(1)})`);
  return { ok: true, mediaType: 'application/pdf' };
}

/** The part of each office format that makes it what it is. */
const officeParts: readonly (readonly [string, AttachmentType])[] = [
  ['word/document.xml', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/workbook.xml', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/presentation.xml', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['OFD.xml', 'application/ofd'],
];

function judgeZip(bytes: Uint8Array): Judged {
  const zip = zipParts(bytes);
  if (!zip.ok) return refused(zip.reason);
  const names = new Set(zip.names);
  const program = zip.names.find((name) =>
    /vbaProject\.bin$|^customUI\/|\.(exe|dll|js|html?|sh|bat|jar|class)$/i.test(name),
  );
  if (program !== undefined) return refused(`it holds a program (${program})`);
  const found = officeParts.filter(([part]) => names.has(part));
  const [first] = found;
  if (first === undefined || found.length > 1) {
    return refused('the archive is none of DOCX, XLSX, PPTX, OFD');
  }
  if (first[1] !== 'application/ofd' && !names.has('[Content_Types].xml')) {
    return refused('the archive is none of DOCX, XLSX, PPTX, OFD');
  }
  return { ok: true, mediaType: first[1] };
}

/** Why a name is not taken; null when it is one. It is shown and offered for saving, never used as a path. */
export function nameFault(name: string, mediaType: AttachmentType): string | null {
  if (/[\p{Cc}\p{Cf}]/u.test(name)) return 'has control characters';
  if (/[/\\:*?"<>|]/.test(name) || name.startsWith('.') || name.trim() !== name) {
    return 'is the name of a file, without folders';
  }
  const ending = name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : '';
  const endings: readonly string[] = attachmentTypes[mediaType];
  return endings.includes(ending) ? null : `ends with .${endings.join(' or .')}, which is what the file is`;
}
