import { canonical } from './canonical.ts';
import type { ChainLink, Finding, Head, Manifest } from './pack-form.ts';
import { sha256, type VerifierPlatform } from './platform.ts';

const chainVersion = 'parkwatch-journal-v1';
const firstPrev = '0'.repeat(64);
export const evidenceJournal = 'evidence';

/** The first thing that does not hold in the chain: later rows hang on it. */
export function checkChain(chain: readonly ChainLink[], platform: VerifierPlatform): Finding[] {
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
    const { body } = link;
    const hash = sha256(platform, canonical({ v: chainVersion, journal: evidenceJournal, seq, prev, body }));
    if (hash !== link.hash) {
      return [
        {
          zh: `第 ${seq} 行的哈希与其内容和前一行不符`,
          en: `The hash of row ${seq} does not follow from its content and the row before it`,
        },
      ];
    }
    prev = hash;
  }
  return [];
}

export function checkHead(chain: readonly ChainLink[], head: Head): Finding[] {
  const last = chain.at(-1);
  if (head.journal === evidenceJournal && head.seq === last?.seq && head.hash === last.hash) return [];
  return [
    {
      zh: '签名的链头不是最后一行：有行被删除或追加',
      en: 'The signed head is not the last row: rows were removed or added',
    },
  ];
}

/** What does not hold of the key, of the head's signature and of the manifest's. */
export function checkSignatures(
  manifest: Manifest,
  signed: { readonly manifestText: string; readonly signatureText: string },
  platform: VerifierPlatform,
): Finding[] {
  const key = readKey(manifest.publicKey);
  if (key === null) return [{ zh: '公钥无法读取', en: 'The public key cannot be read' }];
  const findings: Finding[] = [];
  const { keyId, head } = manifest;
  if (keyIdOf(key, platform) !== keyId || head.keyId !== keyId) {
    findings.push({ zh: '密钥编号与公钥不符', en: 'The key id does not belong to the public key' });
  }
  if (!isSignedHead(head, manifest.publicKey, platform)) {
    findings.push({ zh: '链头的签名不正确', en: 'The signature of the head is wrong' });
  }
  const { manifestText, signatureText } = signed;
  const signature = signatureText.endsWith('\n') ? signatureText.slice(0, -1) : '';
  if (!isSigned({ text: manifestText, signature, key }, platform)) {
    findings.push({
      zh: '清单（manifest.json）的签名不正确',
      en: 'The signature of the manifest is wrong',
    });
  }
  return findings;
}

/** Whether the head carries the signature of this key. */
export function isSignedHead(head: Head, publicKey: string, platform: VerifierPlatform): boolean {
  const key = readKey(publicKey);
  const { signature, ...content } = head;
  return key !== null && isSigned({ text: canonical(content), signature, key }, platform);
}

function isSigned(
  { text, signature, key }: { text: string; signature: string; key: Uint8Array },
  platform: VerifierPlatform,
): boolean {
  const bytes = fromBase64(signature);
  return (
    bytes !== null &&
    platform.isSigned({ publicKey: key, message: new TextEncoder().encode(text), signature: bytes })
  );
}

/** Base64 has several writings of the same bytes; only one counts. */
function fromBase64(text: string): Uint8Array | null {
  try {
    const binary = atob(text);
    if (btoa(binary) !== text) return null;
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** What precedes the 32 bytes of an Ed25519 key in its SPKI (RFC 8410). */
const spkiHead = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

/** The 32 bytes of a key out of its SPKI in PEM. */
function readKey(pem: string): Uint8Array | null {
  const lines = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)-----END PUBLIC KEY-----\n?$/.exec(pem);
  const der = fromBase64((lines?.[1] ?? '').replaceAll('\n', ''));
  const isEd25519 = der?.length === spkiHead.length + 32 && spkiHead.every((byte, i) => der[i] === byte);
  return der !== null && isEd25519 ? der.slice(spkiHead.length) : null;
}

/** The first 16 hex digits of the SHA-256 of the key's SPKI. */
function keyIdOf(key: Uint8Array, platform: VerifierPlatform): string {
  const hasher = platform.startSha256();
  hasher.update(spkiHead);
  hasher.update(key);
  return hasher.hex().slice(0, 16);
}
