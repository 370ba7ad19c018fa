import type { Queryable } from '#infra/postgres.ts';
import type { DocumentRef } from '#schemas/api/registers.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { RecordFields } from '#schemas/registers/field.ts';

/** All SQL of the registers. Days are `YYYY-MM-DD` in the park's zone; `until` is the last day, null without an end. */

export interface StoredPiece {
  readonly id: number;
  readonly kind: string;
  readonly code: string;
  readonly version: number;
  readonly from: string;
  readonly until: string | null;
  readonly title: string;
  readonly fields: RecordFields;
  readonly documents: readonly DocumentRef[];
  readonly provenance: Provenance;
  readonly sha256: string;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

export interface ListedRecord extends StoredPiece {
  readonly reviewedAt: Date | null;
  readonly reviewer: string | null;
}

export interface HistoryRow extends StoredPiece {
  readonly reason: string | null;
  readonly supersededAt: Date | null;
  readonly supersededBy: string | null;
  readonly ending: 'corrected' | 'changed' | 'withdrawn' | null;
}

export type NewPiece = Omit<StoredPiece, 'id' | 'recordedAt' | 'recordedBy'>;

const columns = `r.id, r.kind, r.code, r.version, r.valid_from::text as "from",
  nullif(r.valid_until, 'infinity')::text as until, r.title, r.fields, r.documents, r.provenance, r.sha256,
  r.recorded_at as "recordedAt", r.recorded_by as "recordedBy"`;

/** Writers of one kind take turns until their transaction ends. */
export async function lockRegister(client: Queryable, kind: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('parkwatch register ' || $1, 0))`, [
    kind,
  ]);
}

/** What is known of some records, by code and day. */
export async function readPieces(
  client: Queryable,
  { kind, codes }: { readonly kind: string; readonly codes: readonly string[] },
): Promise<StoredPiece[]> {
  const { rows } = await client.query<StoredPiece>(
    `select ${columns} from park_record r
     where r.kind = $1 and r.code = any($2) and r.superseded_at = 'infinity' order by r.code, r.valid_from`,
    [kind, codes],
  );
  return rows;
}

/** The newest version of each record that ever was, withdrawn ones included. */
export async function readVersions(
  client: Queryable,
  { kind, codes }: { readonly kind: string; readonly codes: readonly string[] },
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ code: string; version: number }>(
    `select code, max(version) as version from park_record where kind = $1 and code = any($2) group by code`,
    [kind, codes],
  );
  return new Map(rows.map(({ code, version }) => [code, version]));
}

export interface Pen {
  readonly actor: string;
  readonly reason: string | null;
  readonly nowMs: number;
}

/** Writes rows that stand from now on. */
export async function insertPieces(
  client: Queryable,
  pieces: readonly NewPiece[],
  { actor, reason, nowMs }: Pen,
): Promise<void> {
  await client.query(
    `insert into park_record (kind, code, version, valid_from, valid_until, title, fields, documents,
       provenance, sha256, recorded_by, reason, recorded_at)
     select n.kind, n.code, n.version, n."from", coalesce(n.until, 'infinity'), n.title, n.fields, n.documents,
       n.provenance, n.sha256, $2, $3, $4
     from jsonb_to_recordset($1::jsonb) n(kind text, code text, version int, "from" date, until date, title text,
       fields jsonb, documents jsonb, provenance text, sha256 text)`,
    [JSON.stringify(pieces), actor, reason, new Date(nowMs)],
  );
}

/** These rows no longer stand; they stay readable. */
export async function supersede(
  client: Queryable,
  ids: readonly number[],
  ended: {
    readonly actor: string;
    readonly ending: 'corrected' | 'changed' | 'withdrawn';
    readonly nowMs: number;
  },
): Promise<void> {
  await client.query(
    `update park_record set superseded_at = greatest($4, recorded_at), superseded_by = $2, ending = $3
     where id = any($1) and superseded_at = 'infinity'`,
    [ids, ended.actor, ended.ending, new Date(ended.nowMs)],
  );
}

export async function insertReview(
  client: Queryable,
  review: {
    readonly kind: string;
    readonly code: string;
    readonly reviewer: string;
    readonly note: string | null;
    readonly nowMs: number;
  },
): Promise<void> {
  await client.query(
    'insert into record_review (kind, code, reviewer, note, reviewed_at) values ($1, $2, $3, $4, $5)',
    [review.kind, review.code, review.reviewer, review.note, new Date(review.nowMs)],
  );
}

export interface RecordListQuery {
  readonly kind: string;
  readonly after: string;
  readonly limit: number;
  /** Text that title or code contains; null for any. */
  readonly q: string | null;
  readonly field: string | null;
  readonly value: string | null;
  readonly state: string;
  /** The park's day, and the last on which an end counts as near. */
  readonly today: string;
  readonly soon: string;
  /** Records not looked at since then are due for review; null when the kind asks for none. */
  readonly dueBefore: Date | null;
}

/** The row that stands for a record: what holds today, else the newest that began, else what comes. */
const shownOrder = `r.code, (r.valid_from <= $2::date) desc,
  case when r.valid_from <= $2::date then r.valid_from end desc, r.valid_from`;

const matches = `s.code > $3
  and ($5::text is null or s.title ilike $5 or s.code ilike $5)
  and ($6::text is null or s.fields ->> $6 = $7 or s.fields -> $6 ? $7)`;

const newestReview = `left join lateral (
    select v.reviewed_at as "reviewedAt", v.reviewer from record_review v
    where v.kind = s.kind and v.code = s.code order by v.id desc limit 1) v on true`;

/** A page of records by code. */
export async function listRecords(db: Queryable, query: RecordListQuery): Promise<ListedRecord[]> {
  const { kind, today, after, limit, q, field, value } = query;
  if (query.state === 'withdrawn') {
    const { rows } = await db.query<ListedRecord>(
      `select s.*, v."reviewedAt", v.reviewer
       from (select distinct on (r.code) ${columns} from park_record r
             where r.kind = $1 and r.code > $3 and r.ending = 'withdrawn' and $2::date is not null
               and not exists (select 1 from park_record o
                               where o.kind = $1 and o.code = r.code and o.superseded_at = 'infinity')
             order by r.code, r.id desc) s ${newestReview}
       where ${matches} order by s.code limit $4`,
      [kind, today, after, limit, q, field, value],
    );
    return rows;
  }
  const { rows } = await db.query<ListedRecord>(
    `select s.*, v."reviewedAt", v.reviewer
     from (select distinct on (r.code) ${columns} from park_record r
           where r.kind = $1 and r.superseded_at = 'infinity' and r.code > $3
           order by ${shownOrder}) s ${newestReview}
     where ${matches}
       and case $8
         when 'in-force' then s."from"::date <= $2::date and coalesce(s.until::date >= $2::date, true)
         when 'future' then s."from"::date > $2::date
         when 'past' then s.until::date < $2::date
         when 'expiring' then s.until::date between $2::date and $9::date
         when 'review-due' then greatest(s."recordedAt", v."reviewedAt") < $10::timestamptz
         else true end
     order by s.code limit $4`,
    [kind, today, after, limit, q, field, value, query.state, query.soon, query.dueBefore],
  );
  return rows;
}

/** Every record of a kind as it stands, by code: for exports and choices. */
export async function readKind(
  db: Queryable,
  { kind, limit }: { readonly kind: string; readonly limit: number },
): Promise<StoredPiece[]> {
  const { rows } = await db.query<StoredPiece>(
    `select ${columns} from park_record r where r.kind = $1 and r.superseded_at = 'infinity'
     order by r.code, r.valid_from limit $2`,
    [kind, limit],
  );
  return rows;
}

/** The newest review of a record. */
export async function readReview(
  db: Queryable,
  { kind, code }: { readonly kind: string; readonly code: string },
): Promise<{ reviewedAt: Date; reviewer: string } | undefined> {
  const { rows } = await db.query<{ reviewedAt: Date; reviewer: string }>(
    `select reviewed_at as "reviewedAt", reviewer from record_review where kind = $1 and code = $2
     order by id desc limit 1`,
    [kind, code],
  );
  return rows[0];
}

/** Every row that was ever written of a record, newest first. */
export async function listHistory(
  db: Queryable,
  query: {
    readonly kind: string;
    readonly code: string;
    readonly beforeId: number | null;
    readonly limit: number;
  },
): Promise<HistoryRow[]> {
  const { rows } = await db.query<HistoryRow>(
    `select ${columns}, r.reason, nullif(r.superseded_at, 'infinity') as "supersededAt",
       r.superseded_by as "supersededBy", r.ending
     from park_record r
     where r.kind = $1 and r.code = $2 and ($3::int8 is null or r.id < $3) order by r.id desc limit $4`,
    [query.kind, query.code, query.beforeId, query.limit],
  );
  return rows;
}

/** Numbers of each kind that has a record. */
export async function countRecords(
  db: Queryable,
  query: {
    readonly today: string;
    readonly soon: string;
    /** Kinds with a review rule, and since when a record must have been looked at. */
    readonly reviewKinds: readonly string[];
    readonly dueBefore: readonly Date[];
  },
): Promise<
  Map<string, { kind: string; records: number; expiring: number; ended: number; reviewDue: number }>
> {
  const { rows } = await db.query<{
    kind: string;
    records: number;
    expiring: number;
    ended: number;
    reviewDue: number;
  }>(
    `select s.kind, count(*)::int as records,
       count(*) filter (where s.until >= $1::date and s.until <= $2::date)::int as expiring,
       count(*) filter (where s.until < $1::date)::int as ended,
       count(*) filter (where greatest(s.recorded_at, v.reviewed_at) < d.due)::int as "reviewDue"
     from (select r.kind, r.code, max(r.valid_until) as until, max(r.recorded_at) as recorded_at
           from park_record r where r.superseded_at = 'infinity' group by r.kind, r.code) s
     left join (select kind, code, max(reviewed_at) as reviewed_at from record_review group by kind, code) v
       on v.kind = s.kind and v.code = s.code
     left join unnest($3::text[], $4::timestamptz[]) d(kind, due) on d.kind = s.kind
     group by s.kind`,
    [query.today, query.soon, query.reviewKinds, query.dueBefore],
  );
  return new Map(rows.map((row) => [row.kind, row]));
}

/** Which of these records are known, as `kind/code`. */
export async function knownRecords(
  client: Queryable,
  wanted: readonly { readonly kind: string; readonly code: string }[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ key: string }>(
    `select distinct r.kind || '/' || r.code as key
     from unnest($1::text[], $2::text[]) n(kind, code)
     join park_record r on r.kind = n.kind and r.code = n.code and r.superseded_at = 'infinity'`,
    [wanted.map(({ kind }) => kind), wanted.map(({ code }) => code)],
  );
  return new Set(rows.map(({ key }) => key));
}

export async function knownSpaces(client: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    `select id from space where valid_to = 'infinity' and id = any($1)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** A record that names this one, if there is any. */
export async function findReference(
  client: Queryable,
  query: {
    readonly code: string;
    readonly kinds: readonly string[];
    /** The field of each of `kinds` that may name it. */
    readonly fields: readonly string[];
  },
): Promise<string | undefined> {
  const { rows } = await client.query<{ key: string }>(
    `select r.kind || '/' || r.code as key
     from unnest($2::text[], $3::text[]) n(kind, field)
     join park_record r on r.kind = n.kind and r.superseded_at = 'infinity' and r.fields ->> n.field = $1
     limit 1`,
    [query.code, query.kinds, query.fields],
  );
  return rows[0]?.key;
}

/** Number for a code that nobody chose: ids of rows never repeat. */
export async function nextNumber(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select nextval(pg_get_serial_sequence('park_record', 'id')) as n`,
  );
  return rows[0]?.n ?? 0;
}
