import { canonical } from './canonical.ts';

/** The form of an evidence pack; docs/evidence-format.md tells it field by field. */
export const packFormat = 'parkwatch-evidence-pack-v2';

export interface Head {
  readonly journal: string;
  readonly seq: number;
  readonly hash: string;
  readonly time: string;
  readonly keyId: string;
  /** Ed25519 over the canonical text of the other fields; base64. */
  readonly signature: string;
}

/** A row of the journal `evidence`, one line of chain.ndjson; its body is a file of its own where the pack is about it. */
export interface ChainLink {
  readonly seq: number;
  /** SHA-256 of the body. */
  readonly body: string;
  readonly hash: string;
}

export interface PackFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What manifest.json holds, as the canonical text of it and one line feed. */
export interface Manifest {
  readonly format: typeof packFormat;
  readonly park: string;
  readonly rubric: string;
  readonly edition: string;
  readonly exportedAt: string;
  readonly program: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  readonly keyId: string;
  readonly head: Head;
  /** Each measure that the records rest on. */
  readonly measures: readonly { readonly measure: string; readonly version: number }[];
  /** Every other file of the archive but the signature, in order of path. */
  readonly files: readonly PackFile[];
}

/** Something that does not hold, or cannot be checked, in both languages. */
export interface Finding {
  readonly zh: string;
  readonly en: string;
}

/** Files of a pack that stand once. */
export const packPaths = {
  manifest: 'manifest.json',
  /** Ed25519 over the bytes of the manifest; base64 and a line feed. */
  signature: 'manifest.sig',
  chain: 'chain.ndjson',
  scores: 'scores.csv',
  print: 'report.pdf',
  sheet: 'report.xlsx',
} as const;

/** `records/00000042.json`: the body of row 42, byte for byte as it was hashed. */
export const recordPath = (seq: number): string => `records/${String(seq).padStart(8, '0')}.json`;
/** `population/00000042.csv`: the members that row 42 speaks of. */
export const populationPath = (seq: number): string => `population/${String(seq).padStart(8, '0')}.csv`;
export const inputPath = (sha256: string): string => `inputs/${sha256}.json`;
/** `tables/{sha256}/01-meters.csv`: a list of the input of that hash, for spreadsheets. */
export const tablePath = (sha256: string, name: string): string => `tables/${sha256}/${name}.csv`;
export const attachmentPath = (sha256: string): string => `attachments/${sha256}`;

const onlyOnce: ReadonlySet<string> = new Set(Object.values(packPaths));

/** Whether a path belongs to the form. */
export function isPackPath(path: string): boolean {
  return (
    onlyOnce.has(path) ||
    /^(records\/\d{8,15}\.json|population\/\d{8,15}\.csv|inputs\/[0-9a-f]{64}\.json|tables\/[0-9a-f]{64}\/[a-z0-9.-]+\.csv|attachments\/[0-9a-f]{64})$/.test(
      path,
    )
  );
}

const manifestFields = [
  'edition',
  'exportedAt',
  'files',
  'format',
  'head',
  'keyId',
  'measures',
  'park',
  'program',
  'publicKey',
  'rubric',
];
const headFields = ['hash', 'journal', 'keyId', 'seq', 'signature', 'time'];
const sha256Form = /^[0-9a-f]{64}$/;

/** Reads the manifest; every byte must be the one its content makes. */
export function readManifest(text: string): Manifest | Finding {
  const value = parse(text);
  if (!hasShape(value)) {
    return {
      zh: `manifest.json 不是 ${packFormat} 格式的清单`,
      en: `manifest.json is no manifest of the form ${packFormat}`,
    };
  }
  if (`${canonicalOrEmpty(value)}\n` !== text) {
    return {
      zh: 'manifest.json 的字节与其内容的规范形式不一致（空白、键序、重复键或编码被改动）',
      en: 'The bytes of manifest.json are not the canonical form of its content (white space, order, repeated keys or encoding)',
    };
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function canonicalOrEmpty(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return '';
  }
}

function hasShape(value: unknown): value is Manifest {
  if (!hasFields(value, manifestFields) || value['format'] !== packFormat) return false;
  const texts = ['park', 'rubric', 'edition', 'exportedAt', 'program', 'publicKey', 'keyId'];
  const { head, measures, files } = value;
  return (
    texts.every((field) => typeof value[field] === 'string') &&
    isHead(head) &&
    Array.isArray(measures) &&
    measures.every(isMeasure) &&
    Array.isArray(files) &&
    files.every(isFile) &&
    files.every(({ path }, index) => index === 0 || path > (files[index - 1] as PackFile).path)
  );
}

function isMeasure(value: unknown): boolean {
  return (
    hasFields(value, ['measure', 'version']) &&
    typeof value['measure'] === 'string' &&
    Number.isSafeInteger(value['version'])
  );
}

function isFile(value: unknown): value is PackFile {
  if (!hasFields(value, ['bytes', 'path', 'sha256'])) return false;
  const { path, bytes, sha256 } = value;
  return (
    typeof path === 'string' &&
    isPackPath(path) &&
    Number.isSafeInteger(bytes) &&
    typeof sha256 === 'string' &&
    sha256Form.test(sha256)
  );
}

/** Whether a value is a signed head, and nothing more. */
export function isHead(value: unknown): value is Head {
  if (!hasFields(value, headFields)) return false;
  const texts = ['journal', 'hash', 'time', 'keyId', 'signature'];
  return texts.every((field) => typeof value[field] === 'string') && Number.isSafeInteger(value['seq']);
}

/** The lines of chain.ndjson; a line that is none, or written otherwise, is named by its number. */
export function readLinks(text: string): ChainLink[] | Finding {
  const lines = text.split('\n');
  if (lines.pop() !== '')
    return { zh: 'chain.ndjson 没有以换行结尾', en: 'chain.ndjson does not end with a line' };
  const links: ChainLink[] = [];
  for (const [index, line] of lines.entries()) {
    const value = parse(line);
    if (!isLink(value) || canonicalOrEmpty(value) !== line) {
      return {
        zh: `chain.ndjson 第 ${index + 1} 行不符合格式`,
        en: `Line ${index + 1} of chain.ndjson is not of the form`,
      };
    }
    links.push(value);
  }
  return links;
}

function isLink(value: unknown): value is ChainLink {
  return (
    hasFields(value, ['body', 'hash', 'seq']) &&
    Number.isSafeInteger(value['seq']) &&
    ['body', 'hash'].every((field) => sha256Form.test(String(value[field])))
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasFields(value: unknown, fields: readonly string[]): value is Record<string, unknown> {
  return isRecord(value) && Object.keys(value).sort().join() === fields.join();
}
