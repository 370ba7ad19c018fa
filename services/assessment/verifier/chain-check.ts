import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { canonical, sha256 } from './canonical.ts';
import type { ChainLink, Finding, Head, Pack } from './pack-form.ts';

const chainVersion = 'parkwatch-journal-v1';
const firstPrev = '0'.repeat(64);
export const evidenceJournal = 'evidence';

/** What does not hold in the pack as a whole: chain, head, key and signature. */
export function checkSeals(pack: Pack): Finding[] {
  return [...checkChain(pack.chain), ...checkHead(pack), ...checkSignatures(pack)];
}

function checkChain(chain: readonly ChainLink[]): Finding[] {
  let prev = firstPrev;
  for (const [index, link] of chain.entries()) {
    const seq = index + 1;
    if (link.seq !== seq) {
      return [
        {
          zh: `第 ${seq} 行的序号是 ${link.seq}：有行被删除、插入或调换`,
          en: `Row ${seq} is numbered ${link.seq}: a row was removed, inserted or moved`,
        },
      ];
    }
    if (link.prev !== prev) {
      return [
        { zh: `第 ${seq} 行不接续前一行的哈希`, en: `Row ${seq} does not continue the hash before it` },
      ];
    }
    const body = link.body === undefined ? link.bodySha256 : sha256(link.body);
    const hash = sha256(canonical({ v: chainVersion, journal: evidenceJournal, seq, prev, body }));
    if (hash !== link.hash) {
      return [
        { zh: `第 ${seq} 行的哈希与其内容不符`, en: `The hash of row ${seq} does not fit its content` },
      ];
    }
    prev = hash;
  }
  return [];
}

function checkHead({ chain, head }: Pack): Finding[] {
  const last = chain.at(-1);
  if (head.journal === evidenceJournal && head.seq === last?.seq && head.hash === last.hash) return [];
  return [
    {
      zh: '签名的链头不是最后一行：有行被删除或追加',
      en: 'The signed head is not the last row: rows were removed or added',
    },
  ];
}

function checkSignatures(pack: Pack): Finding[] {
  const key = readKey(pack.publicKey);
  if (key === undefined) return [{ zh: '公钥无法读取', en: 'The public key cannot be read' }];
  const findings: Finding[] = [];
  if (keyIdOf(key) !== pack.keyId || pack.head.keyId !== pack.keyId) {
    findings.push({ zh: '密钥编号与公钥不符', en: 'The key id does not belong to the public key' });
  }
  if (!isSignedHead(pack.head, pack.publicKey)) {
    findings.push({ zh: '链头的签名不正确', en: 'The signature of the head is wrong' });
  }
  const { signature, ...content } = pack;
  if (!isSigned(canonical(content), signature, key)) {
    findings.push({ zh: '证据包的签名不正确', en: 'The signature of the pack is wrong' });
  }
  return findings;
}

/** Whether the head carries the signature of this key. */
export function isSignedHead(head: Head, publicKey: string): boolean {
  const key = readKey(publicKey);
  const { signature, ...content } = head;
  return key !== undefined && isSigned(canonical(content), signature, key);
}

function isSigned(text: string, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64');
  // Base64 has several writings of the same bytes; only one counts.
  if (bytes.toString('base64') !== signature) return false;
  return verify(null, Buffer.from(text, 'utf8'), key, bytes);
}

function readKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The first 16 hex digits of the SHA-256 of the key's SPKI. */
function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}
