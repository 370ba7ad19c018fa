import { canonical } from './canonical.ts';

/** The form of an evidence pack; docs/evidence-format.md tells it field by field. */
export const packFormat = 'parkwatch-evidence-pack-v1';

export interface Head {
  readonly journal: string;
  readonly seq: number;
  readonly hash: string;
  readonly time: string;
  readonly keyId: string;
  /** Ed25519 over the canonical text of the other fields; base64. */
  readonly signature: string;
}

/** A row of the journal: with its body where the pack is about it, with the body's digest where not. */
export interface ChainLink {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  readonly body?: string;
  readonly bodySha256?: string;
}

export interface Pack {
  readonly format: typeof packFormat;
  readonly park: string;
  readonly rubric: string;
  readonly exportedAt: string;
  readonly program: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  readonly keyId: string;
  readonly head: Head;
  /** Every row of the journal `evidence` from its first to the head. */
  readonly chain: readonly ChainLink[];
  /** Texts by their SHA-256. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Ed25519 over the canonical text of everything else; base64. */
  readonly signature: string;
}

/** Something that does not hold, or cannot be checked, in both languages. */
export interface Finding {
  readonly zh: string;
  readonly en: string;
}

const packFields = [
  'chain',
  'exportedAt',
  'format',
  'head',
  'inputs',
  'keyId',
  'park',
  'program',
  'publicKey',
  'rubric',
  'signature',
];
const headFields = ['hash', 'journal', 'keyId', 'seq', 'signature', 'time'];

/** Reads the text of a pack; every byte must be the one its content makes. */
export function readPack(text: string): Pack | Finding {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { zh: '文件不是 JSON', en: 'The file is not JSON' };
  }
  if (!hasShape(value)) {
    return {
      zh: `文件不是 ${packFormat} 格式的证据包`,
      en: `The file is no evidence pack of the form ${packFormat}`,
    };
  }
  if (`${canonicalOrEmpty(value)}\n` !== text) {
    return {
      zh: '文件字节与其内容的规范形式不一致（空白、键序、重复键或编码被改动）',
      en: 'The bytes are not the canonical form of the content (white space, order, repeated keys or encoding)',
    };
  }
  return value;
}

function canonicalOrEmpty(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return '';
  }
}

function hasShape(value: unknown): value is Pack {
  if (!hasFields(value, packFields) || value['format'] !== packFormat) return false;
  const { chain, inputs, head } = value;
  const texts = ['park', 'rubric', 'exportedAt', 'program', 'publicKey', 'keyId', 'signature'];
  return (
    texts.every((field) => typeof value[field] === 'string') &&
    isHead(head) &&
    Array.isArray(chain) &&
    chain.every(isLink) &&
    isRecord(inputs) &&
    Object.values(inputs).every((input) => typeof input === 'string')
  );
}

/** Whether a value is a signed head, and nothing more. */
export function isHead(value: unknown): value is Head {
  if (!hasFields(value, headFields)) return false;
  const texts = ['journal', 'hash', 'time', 'keyId', 'signature'];
  return texts.every((field) => typeof value[field] === 'string') && Number.isSafeInteger(value['seq']);
}

function isLink(value: unknown): value is ChainLink {
  if (!isRecord(value)) return false;
  const content = 'body' in value ? 'body' : 'bodySha256';
  return (
    hasFields(value, [content, 'hash', 'prev', 'seq']) &&
    Number.isSafeInteger(value['seq']) &&
    [content, 'hash', 'prev'].every((field) => typeof value[field] === 'string')
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasFields(value: unknown, fields: readonly string[]): value is Record<string, unknown> {
  return isRecord(value) && Object.keys(value).sort().join() === fields.join();
}
