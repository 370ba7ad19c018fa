import { appendAudit, appendJournal } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { conventionOf } from '#schemas/convention.ts';
import { canonicalText, sha256Hex } from '#services/sealing/chain.ts';
import { decidedOf, type AssessmentRun, type MeasuredItem } from './assess.ts';
import { iso } from './collect.ts';
import { evidenceVersion, type EvidenceBody, type InputRef } from './evidence-body.ts';
import { insertEvidence, insertFile } from './evidence-store.ts';
import { countProvenance } from './measure.ts';

/** Who stores evidence, and with which program. */
export interface EvidenceMaker {
  readonly parkId: string;
  /** Version of the program. */
  readonly program: string;
  /** A user name, `token:{owner}/{name}`, or `system`. */
  readonly actor: string;
  readonly address?: string;
}

interface InputFile extends InputRef {
  readonly content: string;
}

/** The sealed body of one item: everything that the hash covers. Pure. */
export function evidenceBody(
  run: AssessmentRun,
  entry: MeasuredItem,
  { maker, inputs }: { maker: EvidenceMaker; inputs: readonly InputRef[] },
): EvidenceBody {
  const { rubric } = run;
  const { item, derivation, measurement, score, demo, computed } = entry;
  const decided = decidedOf(entry);
  return {
    v: evidenceVersion,
    park: maker.parkId,
    rubric: rubric.id,
    edition: rubric.edition,
    item: item.id,
    clause: item.clause,
    name: item.name,
    maximum: item.points,
    convention: conventionOf(rubric, item),
    period: { from: iso(run.fromMs), to: iso(run.toMs), timeZone: run.timeZone },
    asOf: iso(run.asOfMs),
    measurement,
    score,
    basis: score.basis,
    ...(computed === null ? {} : { computed }),
    ...(decided === null ? {} : { decided }),
    demo,
    provenance: countProvenance(entry.members),
    versions: { program: maker.program, measure: derivation.id, measureVersion: derivation.version },
    storedBy: maker.actor,
    inputs: inputs.map(({ name, sha256, bytes }) => ({ name, sha256, bytes })),
  };
}

function inputFile(name: InputRef['name'], value: unknown): InputFile {
  const content = canonicalText(value);
  return { name, content, sha256: sha256Hex(content), bytes: Buffer.byteLength(content) };
}

/**
 * Stores one immutable row of evidence for every measured item, with its inputs, and the audit entry, all or nothing.
 * @returns the ids by item
 */
export function storeEvidence(
  db: Database,
  run: AssessmentRun,
  maker: EvidenceMaker,
): Promise<Map<string, string>> {
  return transaction(db, async (client) => {
    const rows = await storeEvidenceIn(client, run, maker);
    return new Map(rows.map(({ item, id }) => [item, id]));
  });
}

/** A stored row, with the SHA-256 of its body as the chain names it. */
export interface StoredItem {
  readonly item: string;
  readonly id: string;
  readonly sha256: string;
}

/** Like {@link storeEvidence}, inside the caller's transaction. */
export async function storeEvidenceIn(
  client: Queryable,
  run: AssessmentRun,
  maker: EvidenceMaker,
): Promise<StoredItem[]> {
  const rubricFile = inputFile('rubric', run.rubric);
  const rows = run.measured.map((entry) => {
    const claims = entry.claims === null ? [] : [inputFile('claims', entry.claims)];
    const inputs = [inputFile('facts', entry.facts), rubricFile, ...claims];
    return { entry, inputs, body: evidenceBody(run, entry, { maker, inputs }) };
  });
  const stored: StoredItem[] = [];
  for (const { entry, inputs, body } of rows) {
    for (const file of inputs) await insertFile(client, file);
    const id = await appendJournal(client, 'evidence', body);
    await insertEvidence(client, { id, body, inputs });
    stored.push({ item: entry.item.id, id: String(id), sha256: sha256Hex(canonicalText(body)) });
  }
  await appendAudit(client, {
    actor: maker.actor,
    action: 'evidence.store',
    object: run.rubric.id,
    after: { from: iso(run.fromMs), to: iso(run.toMs), evidenceIds: stored.map(({ id }) => id) },
    ...(maker.address === undefined ? {} : { address: maker.address }),
  });
  return stored;
}
