import { unzipSync } from 'fflate';
import type { PreparedPack } from '#services/assessment/pack/pack.ts';
import { ZipWriter } from '#services/assessment/pack/zip-write.ts';
import { canonical } from '#services/assessment/verifier/canonical.ts';
import { nodePlatform } from '#services/assessment/verifier/node-platform.ts';
import type { ChainLink, Manifest } from '#services/assessment/verifier/pack-form.ts';
import { bytesSource, sha256 } from '#services/assessment/verifier/platform.ts';
import { verifyPack, type Verdict, type VerifyOptions } from '#services/assessment/verifier/verify.ts';
import type { Signer } from '#services/sealing/signing.ts';

/** The files of a pack by their path, in the order of the archive, to be edited by whoever wants to cheat. */
export type PackFiles = Map<string, Uint8Array>;

/** All bytes of a pack. */
export async function packBytes(pack: PreparedPack): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of pack.bytes()) parts.push(part);
  return Buffer.concat(parts);
}

export function unpack(bytes: Uint8Array): PackFiles {
  return new Map(Object.entries(unzipSync(bytes)));
}

/** The archive of the files, in the form that the verifier wants. */
export async function repack(files: PackFiles): Promise<Buffer> {
  const zip = new ZipWriter();
  const parts: Uint8Array[] = [];
  for (const [path, content] of files) {
    const isPacked = /^attachments|\.(pdf|xlsx)$/.test(path);
    for await (const part of zip.add(path, content, isPacked ? 'stored' : 'deflated')) parts.push(part);
  }
  parts.push(...zip.end());
  return Buffer.concat(parts);
}

export function textIn(files: PackFiles, path: string): string {
  const content = files.get(path);
  if (content === undefined) throw new Error(`no ${path}`);
  return Buffer.from(content).toString('utf8');
}

export function setText(files: PackFiles, path: string, text: string): void {
  files.set(path, Buffer.from(text));
}

export const manifestIn = (files: PackFiles): Manifest =>
  JSON.parse(textIn(files, 'manifest.json')) as Manifest;

export function chainIn(files: PackFiles): ChainLink[] {
  return textIn(files, 'chain.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ChainLink);
}

export function setChain(files: PackFiles, chain: readonly ChainLink[]): void {
  setText(files, 'chain.ndjson', chain.map((link) => `${canonical(link)}\n`).join(''));
}

/** Numbers and hashes every row again, as a park would that rewrites its history; records keep their bodies. */
export function rechain(files: PackFiles): void {
  let prev = '0'.repeat(64);
  const links = chainIn(files).map(({ body }, index) => {
    const seq = index + 1;
    const hash = sha256(
      nodePlatform,
      canonical({ v: 'parkwatch-journal-v1', journal: 'evidence', seq, prev, body }),
    );
    prev = hash;
    return { seq, body, hash };
  });
  setChain(files, links);
}

/** Lists the files as they are now, with a new head, and signs: what only the park can do. */
export function sign(files: PackFiles, { signer, timeMs }: { signer: Signer; timeMs: number }): void {
  const last = chainIn(files).at(-1);
  if (last === undefined) throw new Error('no chain');
  const signed = signer.signHead({ journal: 'evidence', seq: last.seq, hash: last.hash }, timeMs);
  const listed = [...files].filter(([path]) => !path.startsWith('manifest.'));
  const manifest = {
    ...manifestIn(files),
    publicKey: signer.publicKey,
    keyId: signer.keyId,
    head: { ...signed },
    files: listed
      .map(([path, content]) => ({ path, bytes: content.length, sha256: sha256(nodePlatform, content) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  const text = `${canonical(manifest)}\n`;
  setText(files, 'manifest.json', text);
  setText(files, 'manifest.sig', `${signer.signText(text)}\n`);
}

/** The verdict on an archive held in memory, by Node. */
export function verdictOf(bytes: Uint8Array, options?: VerifyOptions): Promise<Verdict> {
  return verifyPack(bytesSource(bytes), nodePlatform, options);
}
