import type { Queryable } from '#infra/postgres.ts';
import type { NotedExcursion } from './commit-book.ts';

/** So many are kept, newest. */
const keptNotes = 10_000;

/** Notes what late or old data would have raised, unless it is of an occurrence that was raised. */
export async function noteNotRaised(client: Queryable, notes: readonly NotedExcursion[]): Promise<void> {
  if (notes.length === 0) return;
  await client.query(
    `insert into alarm_not_raised (rule_id, object, kind, time, value)
     select n.rule_id, n.object, n.kind, to_timestamp(n.time_ms / 1000), n.value
     from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[])
       as n (rule_id, object, kind, time_ms, value)
     where not exists (select from alarm a where a.rule_id = n.rule_id and a.object = n.object
                       and a.onset <= to_timestamp(n.time_ms / 1000)
                       and (a.cleared_at is null or a.cleared_at >= to_timestamp(n.time_ms / 1000)))
     on conflict (rule_id, object, kind, time) do nothing`,
    [
      notes.map((note) => note.ruleId),
      notes.map((note) => note.object),
      notes.map((note) => note.kind),
      notes.map((note) => note.timeMs),
      notes.map((note) => note.value),
    ],
  );
}

/** Lets the oldest notes go. */
export async function trimNotRaised(db: Queryable): Promise<void> {
  await db.query(`delete from alarm_not_raised where id <= (select max(id) from alarm_not_raised) - $1`, [
    keptNotes,
  ]);
}

export interface NotRaisedRow {
  readonly ruleId: string;
  readonly object: string;
  readonly kind: 'late' | 'history';
  readonly time: Date;
  readonly value: number | null;
  readonly notedAt: Date;
}

/** Newest first. */
export async function listNotRaised(
  db: Queryable,
  filter: { readonly ruleId: string | null; readonly limit: number },
): Promise<NotRaisedRow[]> {
  const { rows } = await db.query<NotRaisedRow>(
    `select rule_id as "ruleId", object, kind, time, value, noted_at as "notedAt" from alarm_not_raised
     where $1::text is null or rule_id = $1 order by id desc limit $2`,
    [filter.ruleId, filter.limit],
  );
  return rows;
}
