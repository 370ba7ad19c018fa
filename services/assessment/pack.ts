import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import { canonicalText } from '#services/sealing/chain.ts';
import type { Signer } from '#services/sealing/signing.ts';
import { iso } from './collect.ts';
import { newestEvidence, readChain, readInputs } from './evidence-store.ts';
import { packFormat, type ChainLink, type Pack } from './verifier/pack-form.ts';

export interface PackDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly parkId: string;
  /** Version of the program. */
  readonly program: string;
}

export interface PackRequest {
  readonly rubricId: string;
  /** Evidence of exactly this period; null: the newest of each item. */
  readonly period: { readonly fromMs: number; readonly toMs: number } | null;
  /** Rows that wait for their seal are waited for this long. */
  readonly patienceMs: number;
}

/** About 50 MB of links: a longer journal wants another form of pack. */
const mostLinks = 200_000;
const pollMs = 100;

/**
 * The evidence of a rubric as one text that the verifier reads (docs/evidence-format.md).
 * @throws ParkError `not-found` without evidence, `unavailable` when it is not sealed in time
 */
export async function makePack(deps: PackDeps, request: PackRequest): Promise<string> {
  const ids = await sealedEvidence(deps, request);
  const { db, clock, signer, parkId, program } = deps;
  const rows = await readChain(db, { bodiesOf: ids, limit: mostLinks + 1 });
  const last = rows.at(-1);
  if (last === undefined) throw new Error('sealed evidence, and no chain');
  if (rows.length > mostLinks) {
    throw new ParkError('too-many-values', `The evidence journal has more than ${mostLinks} rows`);
  }
  const nowMs = clock.nowMs();
  const { journal, seq, hash, time, keyId, signature } = signer.signHead(
    { journal: 'evidence', seq: last.seq, hash: last.hash },
    nowMs,
  );
  const inputs = await readInputs(db, ids);
  const content: Omit<Pack, 'signature'> = {
    format: packFormat,
    park: parkId,
    rubric: request.rubricId,
    exportedAt: iso(nowMs),
    program,
    publicKey: signer.publicKey,
    keyId: signer.keyId,
    head: { journal, seq, hash, time, keyId, signature },
    chain: rows.map(({ body, bodySha256, ...link }): ChainLink => {
      return body === null ? { ...link, bodySha256 } : { ...link, body };
    }),
    inputs: Object.fromEntries(inputs.map((input) => [input.sha256, input.content])),
  };
  const packSignature = signer.signText(canonicalText(content));
  return `${canonicalText({ ...content, signature: packSignature })}\n`;
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
      throw new ParkError('not-found', `No evidence of ${rubricId} is stored for this period`);
    }
    if (rows.every(({ seq }) => seq !== null)) return rows.map(({ id }) => id);
    if (clock.monotonicMs() >= endMs) {
      throw new ParkError('unavailable', 'The newest evidence is not sealed yet; try again shortly');
    }
    await clock.sleep(pollMs);
  }
}
