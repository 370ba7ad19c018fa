import { journals, type JournalName } from '#infra/journal.ts';
import type { Queryable } from '#infra/postgres.ts';
import { chainStart, type ChainEnd, type SealedRow } from './chain.ts';

/**
 * Unsealed rows of one journal that can get their number now: their transaction is below every one still open, so no
 * row can appear before them any more.
 */
export async function readSealable(
  client: Queryable,
  journal: JournalName,
  limit: number,
): Promise<{ id: number; body: string }[]> {
  const { rows } = await client.query<{ id: number; body: string }>(
    `select id, body from journal
     where journal = $1 and seq is null and xid < pg_snapshot_xmin(pg_current_snapshot())
     order by xid, id limit $2`,
    [journal, limit],
  );
  return rows;
}

export async function readChainEnd(client: Queryable, journal: JournalName): Promise<ChainEnd> {
  const { rows } = await client.query<ChainEnd>(
    'select seq, hash from journal where journal = $1 and seq is not null order by seq desc limit 1',
    [journal],
  );
  return rows[0] ?? chainStart;
}

export async function writeSeals(
  client: Queryable,
  journal: JournalName,
  rows: readonly SealedRow[],
): Promise<void> {
  await client.query(
    `update journal set seq = sealed.seq, prev = sealed.prev, hash = sealed.hash, sealed_at = clock_timestamp()
     from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) as sealed (id, seq, prev, hash)
     where journal.journal = $1 and journal.id = sealed.id`,
    [
      journal,
      rows.map((row) => row.id),
      rows.map((row) => row.seq),
      rows.map((row) => row.prev),
      rows.map((row) => row.hash),
    ],
  );
}

export interface JournalHead extends ChainEnd {
  readonly journal: JournalName;
}

/** The newest sealed row of every journal that has one. */
export async function readHeads(client: Queryable): Promise<JournalHead[]> {
  const heads = await Promise.all(
    journals.map(async (journal) => ({ journal, ...(await readChainEnd(client, journal)) })),
  );
  return heads.filter((head) => head.seq > 0);
}
