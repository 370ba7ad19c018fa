import type { Total } from '#schemas/assessment.ts';
import type { EvidenceBody } from '../evidence-body.ts';
import { decidedScore, total } from '../score.ts';
import { checkChain, checkHead, checkSignatures } from './chain-check.ts';
import {
  packPaths,
  readLinks,
  readManifest,
  recordPath,
  type ChainLink,
  type Finding,
  type Manifest,
} from './pack-form.ts';
import { sha256, textOf, type ByteSource, type VerifierPlatform } from './platform.ts';
import { checkRecord, type RecordContext, type RecordVerdict } from './record-check.ts';
import { scoresTable } from './tables.ts';
import { checkWitness, type WitnessVerdict } from './witness.ts';
import { hashEntry, isAsWritten, openArchive, readEntry, type Archive } from './zip-read.ts';

export interface Verdict {
  /** True when every check held. */
  readonly holds: boolean;
  /** Null when the file is no pack at all. */
  readonly manifest: Manifest | null;
  /** Of the journal. */
  readonly rows: number;
  /** Against the pack as a whole. */
  readonly findings: readonly Finding[];
  readonly records: readonly RecordVerdict[];
  /** As computed anew; null when the records do not make one assessment. */
  readonly total: Total | null;
  readonly witness: WitnessVerdict | null;
}

export interface VerifyOptions {
  /** Text of a file with heads seen earlier. */
  readonly witness?: string | undefined;
  /** The key id that the park is known by. */
  readonly keyId?: string | undefined;
  /** Told after each record: a year of a large park takes a while. */
  readonly onRecord?: ((done: number, of: number) => void | Promise<void>) | undefined;
}

const nothing = { manifest: null, rows: 0, records: [], total: null, witness: null };

/**
 * Checks every byte of an evidence pack, and computes every score in it anew. Bounded: one record and its inputs are
 * held at a time, and nothing is unpacked beyond the limits of zip-form.ts. Never throws for what the bytes are.
 */
export async function verifyPack(
  source: ByteSource,
  platform: VerifierPlatform,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const archive = await openArchive(source, platform);
  if ('zh' in archive) return { ...nothing, holds: false, findings: [archive] };
  const readText = async (path: string): Promise<string | null> => {
    const entry = archive.entries.get(path);
    const bytes = entry === undefined ? null : await readEntry(archive, entry);
    return bytes === null ? null : textOf(bytes);
  };
  const manifestText = await readText(packPaths.manifest);
  const signatureText = await readText(packPaths.signature);
  if (manifestText === null || signatureText === null) {
    const finding = { zh: '缺少清单或其签名', en: 'The manifest or its signature is missing or unreadable' };
    return { ...nothing, holds: false, findings: [finding] };
  }
  const manifest = readManifest(manifestText);
  if ('zh' in manifest) return { ...nothing, holds: false, findings: [manifest] };

  const files = await checkFiles(archive, manifest);
  const links = readLinks((await readText(packPaths.chain)) ?? '');
  const chain = 'zh' in links ? [] : links;
  const context = {
    manifest,
    platform,
    digests: files.digests,
    readText,
    rubrics: new Map(),
    tables: new Map(),
  };
  const records = await checkRecords(context, chain, options);
  const findings = [
    ...files.findings,
    ...('zh' in links ? [links] : checkChain(chain, platform)),
    ...checkHead(chain, manifest.head),
    ...checkSignatures(manifest, { manifestText, signatureText }, platform),
    ...checkKeyId(manifest, options.keyId),
    ...checkContent(context, records),
  ];
  if (!(await isAsWritten(archive))) findings.push(containerChanged(findings, records));
  const witness =
    options.witness === undefined ? null : checkWitness({ manifest, chain, platform }, options.witness);
  const holds =
    findings.length === 0 &&
    records.every((record) => record.findings.length === 0) &&
    (witness === null || witness.findings.length === 0);
  return { holds, manifest, rows: chain.length, findings, records, total: totalOf(records), witness };
}

/** Every file that the manifest lists is there as it was signed, and there is no other. */
async function checkFiles(
  archive: Archive,
  manifest: Manifest,
): Promise<{ digests: Map<string, string | null>; findings: Finding[] }> {
  const digests = new Map<string, string | null>();
  const findings: Finding[] = [];
  for (const { path, bytes, sha256: expected } of manifest.files) {
    const entry = archive.entries.get(path);
    const digest = entry === undefined ? undefined : await hashEntry(archive, entry);
    if (digest !== undefined) digests.set(path, digest);
    const where = whereIs(path);
    if (digest === undefined) {
      findings.push({ zh: `${where.zh}缺失`, en: `${where.en} is missing` });
    } else if (digest === null) {
      findings.push({
        zh: `${where.zh}无法解压，或解压后超出声明的大小（损坏或压缩炸弹）`,
        en: `${where.en} cannot be unpacked, or makes more than it declares (damaged, or a zip bomb)`,
      });
    } else if (digest !== expected || entry?.bytes !== bytes) {
      findings.push({
        zh: `${where.zh}与签名的清单不符：内容被改动`,
        en: `${where.en} is not the one of the signed manifest: it was changed`,
      });
    }
  }
  const listed = new Set<string>([
    packPaths.manifest,
    packPaths.signature,
    ...manifest.files.map(({ path }) => path),
  ]);
  for (const path of archive.entries.keys()) {
    if (!listed.has(path)) {
      findings.push({ zh: `${path} 不在清单中：被添加`, en: `${path} is not in the manifest: it was added` });
    }
  }
  return { digests, findings };
}

/** A file as people look for it: records by their row. */
function whereIs(path: string): Finding {
  const seq = /^(?:records|population)\/0*(\d+)\./.exec(path)?.[1];
  return seq === undefined
    ? { zh: `${path} `, en: path }
    : { zh: `${path}（第 ${seq} 行）`, en: `${path} (row ${seq})` };
}

async function checkRecords(
  context: RecordContext,
  chain: readonly ChainLink[],
  { onRecord }: VerifyOptions,
): Promise<RecordVerdict[]> {
  const { manifest, platform, readText } = context;
  const paths = manifest.files.map(({ path }) => path).filter((path) => path.startsWith('records/'));
  const verdicts: RecordVerdict[] = [];
  for (const path of paths) {
    const seq = Number(/\d+/.exec(path)?.[0]);
    const text = await readText(path);
    // What is missing or broken is told with the files.
    if (text === null) continue;
    const verdict = await checkRecord(context, { seq, text });
    const body = chain[seq - 1]?.body;
    const findings = [...verdict.findings];
    if (body !== sha256(platform, text) || path !== recordPath(seq)) {
      findings.unshift({
        zh: `正文（${path}）不是日志第 ${seq} 行封存的正文`,
        en: `The body (${path}) is not the one that row ${seq} of the journal seals`,
      });
    }
    verdicts.push({ ...verdict, findings });
    await onRecord?.(verdicts.length, paths.length);
  }
  return verdicts;
}

function checkKeyId({ keyId: own }: Manifest, keyId: string | undefined): Finding[] {
  if (keyId === undefined || keyId === own) return [];
  return [{ zh: `密钥是 ${own}，而不是 ${keyId}`, en: `The key is ${own}, not ${keyId}` }];
}

/** A pack holds evidence, no file that nothing refers to, and a table that follows from the records. */
function checkContent(
  { manifest, platform, digests, tables }: RecordContext,
  records: readonly RecordVerdict[],
): Finding[] {
  const findings: Finding[] = [];
  const read = records.flatMap(({ seq, body }) => (body === null ? [] : [{ seq, body }]));
  if (read.length === 0) findings.push({ zh: '证据包内没有证据', en: 'The pack holds no evidence' });
  const used = new Set(read.flatMap(({ body }) => body.inputs.map((input) => `inputs/${input.sha256}.json`)));
  for (const path of [...tables.values()].flat()) used.add(path);
  const unused = manifest.files.filter(({ path }) => /^(inputs|tables)\//.test(path) && !used.has(path));
  for (const { path } of unused) {
    findings.push({ zh: `${path} 不属于任何证据`, en: `${path} belongs to no evidence` });
  }
  if (!isTable(digests, platform, read)) {
    findings.push({
      zh: `${packPaths.scores} 与各条证据不符`,
      en: `${packPaths.scores} does not follow from the records`,
    });
  }
  const measures = new Map(
    read.map(({ body }) => [body.versions.measure, body.versions.measureVersion] as const),
  );
  const isListed = manifest.measures.every(({ measure, version }) => measures.get(measure) === version);
  if (!isListed || manifest.measures.length !== measures.size) {
    findings.push({
      zh: '清单中的测算版本与证据不符',
      en: 'The measures of the manifest are not those of the records',
    });
  }
  return findings;
}

function isTable(
  digests: RecordContext['digests'],
  platform: VerifierPlatform,
  read: readonly { seq: number; body: EvidenceBody }[],
): boolean {
  try {
    return digests.get(packPaths.scores) === sha256(platform, scoresTable(read));
  } catch {
    // A body that lacks what the table shows was found already.
    return false;
  }
}

function containerChanged(findings: readonly Finding[], records: readonly RecordVerdict[]): Finding {
  const isFound = findings.length > 0 || records.some((record) => record.findings.length > 0);
  return isFound
    ? { zh: '压缩包的字节与导出时不同', en: 'The bytes of the archive are not those of the export' }
    : {
        zh: '压缩包的字节与导出时不同（各文件的内容未变：重新打包或传输损坏）',
        en: 'The bytes of the archive are not those of the export (no file has another content: packed anew, or damaged)',
      };
}

function totalOf(records: readonly RecordVerdict[]): Total | null {
  const rubric = records.at(-1)?.rubric ?? null;
  const scores = records.flatMap(({ score, body }) =>
    score === null ? [] : [decidedScore(score, body?.decided)],
  );
  const isOne = records.every((record) => record.rubric?.edition === rubric?.edition);
  if (rubric === null || scores.length !== records.length || !isOne) return null;
  const items = new Set(rubric.items.map(({ id }) => id));
  const known = new Set(scores.map(({ item }) => item));
  if (known.size !== scores.length || ![...known].every((item) => items.has(item))) return null;
  return total(scores, rubric);
}
