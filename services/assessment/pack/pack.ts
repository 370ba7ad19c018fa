import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { canonicalText } from '#services/sealing/chain.ts';
import type { Signer } from '#services/sealing/signing.ts';
import { iso } from '../collect.ts';
import { documentsIn } from '../documents.ts';
import type { EvidenceBody } from '../evidence-body.ts';
import { newestEvidence, readChain, readFile, readSealedBodies } from '../evidence-store.ts';
import { derivations } from '../measures/derivations.ts';
import { factTables } from '../verifier/fact-tables.ts';
import {
  attachmentPath,
  inputPath,
  packFormat,
  packPaths,
  populationPath,
  recordPath,
  tablePath,
  type Head,
  type Manifest,
} from '../verifier/pack-form.ts';
import { populationTable, scoresTable } from '../verifier/tables.ts';
import { printReport } from './print.ts';
import type { PackRecord, ReportContent } from './report-content.ts';
import { reportSheet } from './sheet.ts';
import { ZipWriter } from './zip-write.ts';

export interface PackDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly parkId: string;
  /** Version of the program. */
  readonly program: string;
  /** Content of a document by its hash; null when it is not kept (any more). */
  readonly readAttachment?: (sha256: string) => Promise<Uint8Array | null>;
}

export interface PackRequest {
  readonly rubricId: string;
  /**
   * Which evidence: of exactly a period, of any period within one, or (null) of any; of each item always the newest.
   * Milliseconds, closed-open.
   */
  readonly period: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly match: 'exact' | 'within';
  } | null;
  /** Rows that wait for their seal are waited for this long. */
  readonly patienceMs: number;
}

/** A pack whose rows are chosen and sealed; its bytes are made while they are written. */
export interface PreparedPack {
  /** A name for the file: `evidence-{rubric}-{day}.zip`. */
  readonly name: string;
  readonly head: Head;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** About 30 MB of links: a longer journal wants another form of pack. */
const mostLinks = 200_000;
const pollMs = 100;

/**
 * The evidence of a rubric as one archive that the verifier reads (docs/evidence-format.md).
 * @throws ParkError `not-found` without evidence, `unavailable` when it is not sealed in time
 */
export async function preparePack(deps: PackDeps, request: PackRequest): Promise<PreparedPack> {
  const ids = await sealedEvidence(deps, request);
  const { db, clock, signer } = deps;
  const chain = await readChain(db, { limit: mostLinks + 1 });
  const last = chain.at(-1);
  if (last === undefined) throw new Error('sealed evidence, and no chain');
  if (chain.length > mostLinks) {
    throw new ParkError('too-many-values', `The evidence journal has more than ${mostLinks} rows`);
  }
  const nowMs = clock.nowMs();
  const signed = signer.signHead({ journal: 'evidence', seq: last.seq, hash: last.hash }, nowMs);
  const { journal, seq, hash, time, keyId, signature } = signed;
  const head = { journal, seq, hash, time, keyId, signature };
  const records = (await readSealedBodies(db, ids)).map(({ seq: row, body }): PackRecord => {
    return { seq: row, text: body, body: JSON.parse(body) as EvidenceBody };
  });
  const links = chain.map((link) => `${canonicalText(link)}\n`).join('');
  return {
    name: `evidence-${request.rubricId}-${head.time.slice(0, 10)}.zip`,
    head,
    bytes: () => packBytes(deps, { rubricId: request.rubricId, head, records, links }),
  };
}

interface PackContent {
  readonly rubricId: string;
  readonly head: Head;
  readonly records: readonly PackRecord[];
  readonly links: string;
}

async function* packBytes(deps: PackDeps, content: PackContent): AsyncGenerator<Uint8Array, void> {
  const { signer, parkId, program } = deps;
  const { rubricId, head, records, links } = content;
  const zip = new ZipWriter();
  for (const { seq, text } of records) yield* zip.add(recordPath(seq), text);
  const added = new Set<string>();
  let rubric: Rubric | null = null;
  for (const record of records) rubric = (yield* addInputs({ ...deps, zip, added }, record)) ?? rubric;
  if (rubric === null) throw new Error('evidence without its rubric');
  yield* zip.add(packPaths.chain, links);
  yield* zip.add(packPaths.scores, scoresTable(records));
  const report: ReportContent = { park: parkId, rubric, records, head, exportedAt: head.time, program };
  yield* zip.add(packPaths.print, await printReport(report), 'stored');
  yield* zip.add(packPaths.sheet, await reportSheet(report), 'stored');
  const manifest: Manifest = {
    format: packFormat,
    park: parkId,
    rubric: rubricId,
    edition: rubric.edition,
    exportedAt: head.time,
    program,
    publicKey: signer.publicKey,
    keyId: signer.keyId,
    head,
    measures: measuresOf(records),
    files: zip.files,
  };
  const manifestText = `${canonicalText(manifest)}\n`;
  yield* zip.add(packPaths.manifest, manifestText);
  yield* zip.add(packPaths.signature, `${signer.signText(manifestText)}\n`);
  yield* zip.end();
}

type Adding = PackDeps & { readonly zip: ZipWriter; readonly added: Set<string> };

/** The input files of one record, its members as a table, and the documents its facts rest on; answers its rubric. */
async function* addInputs(
  adding: Adding,
  { seq, body }: PackRecord,
): AsyncGenerator<Uint8Array, Rubric | null> {
  const { db, zip, added } = adding;
  const texts = new Map<string, string>();
  for (const { name, sha256 } of body.inputs) {
    const content = await readFile(db, sha256);
    if (content === undefined) throw new Error(`the input ${sha256} of row ${seq} is gone`);
    texts.set(name, content);
    if (added.has(sha256)) continue;
    added.add(sha256);
    yield* zip.add(inputPath(sha256), content);
    if (name === 'rubric') continue;
    for (const table of factTables(JSON.parse(content)))
      yield* zip.add(tablePath(sha256, table.name), table.text);
  }
  const facts: unknown = JSON.parse(texts.get('facts') ?? 'null');
  const rubric = JSON.parse(texts.get('rubric') ?? 'null') as Rubric | null;
  const item = rubric?.items.find(({ id }) => id === body.item);
  const derivation = derivations.get(body.versions.measure);
  if (item !== undefined && derivation?.version === body.versions.measureVersion) {
    yield* zip.add(populationPath(seq), populationTable(derivation.members(facts, item)));
  }
  const claims: unknown = JSON.parse(texts.get('claims') ?? 'null');
  for (const { sha256 } of documentsIn([facts, claims])) yield* addAttachment(adding, sha256);
  return rubric;
}

async function* addAttachment(
  { zip, added, readAttachment }: Adding,
  sha256: string,
): AsyncGenerator<Uint8Array, void> {
  if (added.has(sha256)) return;
  added.add(sha256);
  const content = (await readAttachment?.(sha256)) ?? null;
  if (content === null) throw new ParkError('not-found', `The document ${sha256} is not kept any more`);
  yield* zip.add(attachmentPath(sha256), content, 'stored');
}

function measuresOf(records: readonly PackRecord[]): Manifest['measures'] {
  const versions = new Map(
    records.map(({ body }) => [body.versions.measure, body.versions.measureVersion] as const),
  );
  return [...versions]
    .map(([measure, version]) => ({ measure, version }))
    .sort((a, b) => (a.measure < b.measure ? -1 : 1));
}

/** Ids of the evidence that the pack is about, once every row of it is sealed. */
async function sealedEvidence(
  { db, clock }: PackDeps,
  { rubricId, period, patienceMs }: PackRequest,
): Promise<number[]> {
  const endMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const rows = await newestEvidence(db, { rubricId, period });
    if (rows.length === 0) {
      const wanted = period === null ? '' : ` of ${iso(period.fromMs)} to ${iso(period.toMs)}`;
      throw new ParkError('not-found', `No evidence of ${rubricId}${wanted} is stored`);
    }
    if (rows.every(({ seq }) => seq !== null)) return rows.map(({ id }) => id);
    if (clock.monotonicMs() >= endMs) {
      throw new ParkError('unavailable', 'The newest evidence is not sealed yet; try again shortly');
    }
    await clock.sleep(pollMs);
  }
}
