import type { Queryable } from '#infra/postgres.ts';
import { demoAuthor } from './people.ts';

/** All SQL of the demo's records and claims beside that of the registers and claims themselves. */

/** Whether anybody else keeps registers or claims: then the demo is not put among theirs. */
export async function hasOthers(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ others: boolean }>(
    `select exists (select from park_record where provenance <> 'simulated')
       or exists (select from claim where provenance <> 'simulated') as others`,
  );
  return rows[0]?.others ?? true;
}

/** Whether a claim of the demo's author was ever made. */
export async function wasClaimed(db: Queryable, rubric: string, item: string): Promise<boolean> {
  const { rows } = await db.query(
    'select 1 from claim where rubric_id = $1 and item = $2 and author = $3 limit 1',
    [rubric, item, demoAuthor],
  );
  return rows.length > 0;
}

/** Whether a record of this code was ever written, whatever became of it. */
export async function wasWritten(db: Queryable, kind: string, code: string): Promise<boolean> {
  const { rows } = await db.query('select 1 from park_record where kind = $1 and code = $2 limit 1', [
    kind,
    code,
  ]);
  return rows.length > 0;
}

export interface StandingRecord {
  readonly kind: string;
  readonly code: string;
  readonly version: number;
}

/** Records of the demo that stand, the newest first: they refer to older ones. */
export async function standingRecords(db: Queryable, limit: number): Promise<StandingRecord[]> {
  const { rows } = await db.query<StandingRecord>(
    `select kind, code, max(version) as version from park_record
     where provenance = 'simulated' and superseded_at = 'infinity'
     group by kind, code order by max(id) desc limit $1`,
    [limit],
  );
  return rows;
}

/** Claims of the demo that wait or stand. */
export async function standingClaims(db: Queryable, limit: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select id from claim where provenance = 'simulated' and state in ('pending', 'approved') order by id limit $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}
