import type { Queryable } from '#infra/postgres.ts';
import type { EvidenceBody, InputRef } from './evidence-body.ts';

/** All SQL of stored evidence. Ids are those of the journal `evidence`. */

/** Keeps an input by its hash; the same content is kept once. */
export async function insertFile(
  client: Queryable,
  file: { sha256: string; content: string; bytes: number },
): Promise<void> {
  await client.query(
    'insert into evidence_file (sha256, content, bytes) values ($1, $2, $3) on conflict do nothing',
    [file.sha256, file.content, file.bytes],
  );
}

export async function insertEvidence(
  client: Queryable,
  { id, body, inputs }: { id: number; body: EvidenceBody; inputs: readonly InputRef[] },
): Promise<void> {
  await client.query(
    `insert into evidence (id, rubric_id, edition, item, from_time, to_time, as_of, demo, stored_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      body.rubric,
      body.edition,
      body.item,
      body.period.from,
      body.period.to,
      body.asOf,
      body.demo,
      body.storedBy,
    ],
  );
  await client.query(
    'insert into evidence_input (evidence_id, name, sha256) select $1, * from unnest($2::text[], $3::text[])',
    [id, inputs.map(({ name }) => name), inputs.map(({ sha256 }) => sha256)],
  );
}

export interface EvidenceRow {
  readonly id: number;
  readonly rubricId: string;
  readonly item: string;
  readonly from: Date;
  readonly to: Date;
  readonly demo: boolean;
  readonly storedBy: string;
  readonly storedAt: Date;
  readonly seq: number | null;
  readonly prev: string | null;
  readonly hash: string | null;
  readonly sealedAt: Date | null;
}

const evidenceColumns = `
  e.id, e.rubric_id as "rubricId", e.item, e.from_time as "from", e.to_time as "to", e.demo,
  e.stored_by as "storedBy", e.stored_at as "storedAt", j.seq, j.prev, j.hash, j.sealed_at as "sealedAt"`;

export async function readEvidence(
  client: Queryable,
  id: number,
): Promise<(EvidenceRow & { body: string }) | undefined> {
  const { rows } = await client.query<EvidenceRow & { body: string }>(
    `select ${evidenceColumns}, j.body
     from evidence e join journal j on j.journal = 'evidence' and j.id = e.id where e.id = $1`,
    [id],
  );
  return rows[0];
}

/** Newest first. */
export async function listEvidence(
  client: Queryable,
  query: { rubricId: string | null; item: string | null; beforeId: number | null; limit: number },
): Promise<EvidenceRow[]> {
  const { rows } = await client.query<EvidenceRow>(
    `select ${evidenceColumns}
     from evidence e join journal j on j.journal = 'evidence' and j.id = e.id
     where ($1::text is null or e.rubric_id = $1) and ($2::text is null or e.item = $2)
       and ($3::int8 is null or e.id < $3)
     order by e.id desc limit $4`,
    [query.rubricId, query.item, query.beforeId, query.limit],
  );
  return rows;
}

/** The newest evidence of each item, of one period or of any. */
export async function newestEvidence(
  client: Queryable,
  query: {
    rubricId: string;
    /** Exactly this period (unless told otherwise), or any period within it; null: any at all. */
    period: { fromMs: number; toMs: number; match?: 'exact' | 'within' } | null;
  },
): Promise<{ id: number; item: string; seq: number | null }[]> {
  const { rows } = await client.query<{ id: number; item: string; seq: number | null }>(
    `select distinct on (e.item) e.id, e.item, j.seq
     from evidence e join journal j on j.journal = 'evidence' and j.id = e.id
     where e.rubric_id = $1
       and ($2::timestamptz is null or (e.from_time = $2 and e.to_time = $3::timestamptz)
         or ($4 and e.from_time >= $2 and e.to_time <= $3::timestamptz))
     order by e.item, e.id desc`,
    [
      query.rubricId,
      query.period === null ? null : new Date(query.period.fromMs),
      query.period === null ? null : new Date(query.period.toMs),
      query.period?.match === 'within',
    ],
  );
  return rows;
}

/** An input file by its hash. */
export async function readFile(client: Queryable, sha256: string): Promise<string | undefined> {
  const { rows } = await client.query<{ content: string }>(
    'select content from evidence_file where sha256 = $1',
    [sha256],
  );
  return rows[0]?.content;
}

export async function readInput(
  client: Queryable,
  evidenceId: number,
  sha256: string,
): Promise<string | undefined> {
  const { rows } = await client.query<{ content: string }>(
    `select f.content from evidence_file f join evidence_input i using (sha256)
     where i.evidence_id = $1 and f.sha256 = $2`,
    [evidenceId, sha256],
  );
  return rows[0]?.content;
}

export interface ChainRow {
  readonly seq: number;
  readonly hash: string;
  /** SHA-256 of the body. */
  readonly body: string;
}

/** The sealed evidence journal from its first row, with the digests of the bodies. */
export async function readChain(client: Queryable, query: { limit: number }): Promise<ChainRow[]> {
  const { rows } = await client.query<ChainRow>(
    `select seq, hash, encode(sha256(convert_to(body, 'UTF8')), 'hex') as body
     from journal where journal = 'evidence' and seq is not null order by seq limit $1`,
    [query.limit],
  );
  return rows;
}

/** The bodies of some sealed rows, in the order of the journal. */
export async function readSealedBodies(
  client: Queryable,
  ids: readonly number[],
): Promise<{ seq: number; body: string }[]> {
  const { rows } = await client.query<{ seq: number; body: string }>(
    `select seq, body from journal
     where journal = 'evidence' and seq is not null and id = any($1) order by seq`,
    [ids],
  );
  return rows;
}
