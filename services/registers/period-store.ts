import type { Queryable } from '#infra/postgres.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { RecordFields } from '#schemas/registers/field.ts';

/** What a measure is given of one record. */
export interface PeriodRecord {
  readonly kind: string;
  readonly code: string;
  readonly title: string;
  readonly from: string;
  readonly until: string | null;
  readonly sha256: string;
  readonly provenance: Provenance;
  readonly fields: RecordFields;
  readonly documents: readonly { readonly sha256: string; readonly bytes: number; readonly name: string }[];
  /** When somebody wrote or confirmed it last, up to the instant asked for. */
  readonly lookedAt: Date;
}

/**
 * The records of some kinds that hold on any day from `fromDay` to `toDay` (both included), as they are known today, by
 * kind, code and day. A record that began after `toDay` is not among them.
 */
export async function readPeriodRecords(
  db: Queryable,
  query: {
    readonly kinds: readonly string[];
    readonly fromDay: string;
    readonly toDay: string;
    readonly asOf: Date;
    readonly limit: number;
  },
): Promise<PeriodRecord[]> {
  const { rows } = await db.query<PeriodRecord>(
    `select r.kind, r.code, r.title, r.valid_from::text as "from",
       nullif(r.valid_until, 'infinity')::text as until, r.sha256, r.provenance, r.fields,
       coalesce((select jsonb_agg(jsonb_build_object('sha256', a.sha256, 'bytes', a.bytes, 'name', d.name)
                   order by a.sha256)
                 from jsonb_to_recordset(r.documents) d(sha256 text, name text)
                 join attachment a on a.sha256 = d.sha256), '[]') as documents,
       greatest(r.recorded_at, v.reviewed_at) as "lookedAt"
     from park_record r
     left join lateral (select max(reviewed_at) as reviewed_at from record_review v
                        where v.kind = r.kind and v.code = r.code and v.reviewed_at <= $4) v on true
     where r.kind = any($1) and r.superseded_at = 'infinity' and r.valid_from <= $3 and r.valid_until >= $2
     order by r.kind, r.code, r.valid_from limit $5`,
    [query.kinds, query.fromDay, query.toDay, query.asOf, query.limit],
  );
  return rows;
}

/** Which registers have a record that began on `toDay` or before. */
export async function keptRegisters(
  db: Queryable,
  query: { readonly kinds: readonly string[]; readonly toDay: string },
): Promise<Set<string>> {
  const { rows } = await db.query<{ kind: string }>(
    `select n.kind from unnest($1::text[]) n(kind)
     where exists (select 1 from park_record r
                   where r.kind = n.kind and r.superseded_at = 'infinity' and r.valid_from <= $2)`,
    [query.kinds, query.toDay],
  );
  return new Set(rows.map(({ kind }) => kind));
}
