import { evidenceJournal, isSignedHead } from './chain-check.ts';
import { isHead, isRecord, type ChainLink, type Finding, type Head, type Manifest } from './pack-form.ts';
import type { VerifierPlatform } from './platform.ts';

/** What a witness is compared with. */
export interface Witnessed {
  readonly manifest: Manifest;
  readonly chain: readonly ChainLink[];
  readonly platform: VerifierPlatform;
}

/** What heads that somebody kept say about the history in the pack. */
export interface WitnessVerdict {
  /** The newest head that the pack agrees with: up to its row nothing can have been changed since its time. */
  readonly confirmed: Head | null;
  readonly findings: readonly Finding[];
  readonly notes: readonly Finding[];
}

/** @param text one head, a list of heads, or the answer of GET /api/v1/evidence/heads, as JSON */
export function checkWitness(pack: Witnessed, text: string): WitnessVerdict {
  const heads = readHeads(text);
  if (heads.length === 0) {
    const finding = {
      zh: '见证文件不含证据日志的链头',
      en: 'The witness file holds no head of the evidence journal',
    };
    return { confirmed: null, findings: [finding], notes: [] };
  }
  const findings: Finding[] = [];
  const notes: Finding[] = [];
  let confirmed: Head | null = null;
  for (const head of heads) {
    const finding = contradiction(pack, head);
    if (finding !== null) findings.push(finding);
    else if (head.seq > pack.chain.length) {
      notes.push({
        zh: `见证（第 ${head.seq} 行）晚于证据包，无法比对`,
        en: `The witness (row ${head.seq}) is newer than the pack and cannot be compared`,
      });
    } else if (confirmed === null || head.seq > confirmed.seq) confirmed = head;
  }
  return { confirmed, findings, notes };
}

function contradiction({ manifest, chain, platform }: Witnessed, head: Head): Finding | null {
  const at = `${head.seq}`;
  if (head.keyId === manifest.keyId && !isSignedHead(head, manifest.publicKey, platform)) {
    return { zh: `见证（第 ${at} 行）的签名不正确`, en: `The signature of the witness (row ${at}) is wrong` };
  }
  if (head.keyId !== manifest.keyId) {
    return {
      zh: `见证由另一把密钥（${head.keyId}）签名`,
      en: `The witness was signed by another key (${head.keyId})`,
    };
  }
  if (head.seq > chain.length) {
    if (Date.parse(head.time) > Date.parse(manifest.head.time)) return null;
    return {
      zh: `见证时已有 ${at} 行，之后导出的证据包只有 ${chain.length} 行`,
      en: `The witness saw ${at} rows; the pack, exported later, has ${chain.length}`,
    };
  }
  if (chain[head.seq - 1]?.hash === head.hash) return null;
  return {
    zh: `第 ${at} 行的哈希与 ${head.time} 见证的不同：历史被改写`,
    en: `The hash of row ${at} is not the one witnessed at ${head.time}: history was rewritten`,
  };
}

function readHeads(text: string): Head[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const listed = isRecord(value) && Array.isArray(value['items']) ? value['items'] : value;
  const heads = Array.isArray(listed) ? (listed as unknown[]) : [listed];
  return heads.filter(isHead).filter(({ journal }) => journal === evidenceJournal);
}
