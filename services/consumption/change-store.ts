import type { Queryable } from '#infra/postgres.ts';
import type { ChangeCause } from '#schemas/api/consumption.ts';
import type { Change } from './changes.ts';

/** SQL of the journal of consumption that was known and changed. */

const us = (column: string) => `round(extract(epoch from ${column}) * 1e6)::float8`;

export type CausedChange = Change & { readonly cause: ChangeCause };

/** Journals changes of a counter, in order. */
export async function insertChanges(
  client: Queryable,
  pointId: number,
  changes: readonly CausedChange[],
): Promise<void> {
  const rows = changes.map(({ cause, fromUs, toUs, before, after }) => ({
    cause,
    fromUs,
    toUs,
    oldValue: before.value,
    newValue: after.value,
    oldCoverage: before.coveredUs / (toUs - fromUs),
    newCoverage: after.coveredUs / (toUs - fromUs),
    oldBits: before.bits,
    newBits: after.bits,
  }));
  await client.query(
    `insert into consumption_change (point_id, cause, from_time, to_time, old_value, new_value, old_coverage,
       new_coverage, old_bits, new_bits)
     select $1, cause, timestamptz 'epoch' + "fromUs" * interval '1 microsecond',
       timestamptz 'epoch' + "toUs" * interval '1 microsecond', "oldValue", "newValue", "oldCoverage", "newCoverage",
       "oldBits", "newBits"
     from json_to_recordset($2::json) as c (cause text, "fromUs" float8, "toUs" float8, "oldValue" float8, "newValue" float8,
       "oldCoverage" float8, "newCoverage" float8, "oldBits" int, "newBits" int)`,
    [pointId, JSON.stringify(rows)],
  );
}

export interface ChangeRow {
  readonly id: number;
  readonly at: Date;
  readonly pointId: number;
  readonly deviceId: string;
  readonly metric: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly oldValue: number | null;
  readonly newValue: number | null;
  readonly oldCoverage: number;
  readonly newCoverage: number;
  readonly oldBits: number;
  readonly newBits: number;
  readonly cause: ChangeCause;
}

/** Newest first, of one point or of all; with a range, of intervals that overlap it. */
export async function listChanges(
  db: Queryable,
  query: {
    readonly pointIds: readonly number[] | null;
    readonly fromMs: number | null;
    readonly toMs: number | null;
    readonly beforeId: number | null;
    readonly limit: number;
  },
): Promise<ChangeRow[]> {
  const { rows } = await db.query<ChangeRow>(
    `select c.id, c.at, c.point_id as "pointId", p.device_id as "deviceId", p.metric, ${us('c.from_time')} as "fromUs",
       ${us('c.to_time')} as "toUs", old_value as "oldValue", new_value as "newValue", old_coverage as "oldCoverage",
       new_coverage as "newCoverage", old_bits as "oldBits", new_bits as "newBits", cause
     from consumption_change c join point p using (point_id)
     where ($1::int[] is null or c.point_id = any($1)) and ($2::int8 is null or c.id < $2)
       and ($3::timestamptz is null or c.to_time > $3) and ($4::timestamptz is null or c.from_time < $4)
     order by c.id desc limit $5`,
    [
      query.pointIds,
      query.beforeId,
      query.fromMs === null ? null : new Date(query.fromMs),
      query.toMs === null ? null : new Date(query.toMs),
      query.limit,
    ],
  );
  return rows;
}
