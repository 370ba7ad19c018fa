import type { Queryable } from '#infra/postgres.ts';
import type { Decided, Measurement, Score, Total } from '#schemas/assessment.ts';
import type { SnapshotBody } from './snapshot-body.ts';

/** All SQL of nightly snapshots. Days are local days of the park. */

export async function hasSnapshot(client: Queryable, rubricId: string, day: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'select 1 from assessment_snapshot where rubric_id = $1 and day = $2',
    [rubricId, day],
  );
  return rowCount === 1;
}

/** A score as it counted that night, with who decided inside the range that the rubric leaves. */
export type NightScore = Score & { readonly decided?: Decided };

/** What is kept of the facts of one item. */
export interface KeptItem {
  readonly item: string;
  readonly score: NightScore;
  readonly measurement: Measurement;
  readonly measure: string;
  readonly measureVersion: number;
  readonly factsSha256: string;
  readonly keptSha256: string;
  /** gzip */
  readonly kept: Uint8Array;
}

/** @returns false when the night is there already */
export async function insertSnapshot(
  client: Queryable,
  { body, journalId }: { body: SnapshotBody; journalId: number },
): Promise<boolean> {
  const { determined, undetermined, maximum } = body.total;
  const { rowCount } = await client.query(
    `insert into assessment_snapshot
       (rubric_id, day, edition, rubric_sha256, from_time, to_time, as_of, time_zone, determined_min, determined_max,
        undetermined, maximum, demo, journal_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing`,
    [
      body.rubric,
      body.day,
      body.edition,
      body.rubricSha256,
      body.period.from,
      body.period.to,
      body.asOf,
      body.period.timeZone,
      determined.min,
      determined.max,
      undetermined,
      maximum,
      body.demo,
      journalId,
    ],
  );
  return rowCount === 1;
}

export async function insertItem(
  client: Queryable,
  { rubricId, day, entry }: { rubricId: string; day: string; entry: KeptItem },
): Promise<void> {
  await client.query(
    `insert into assessment_snapshot_facts (sha256, content, last_day) values ($1, $2, $3)
     on conflict (sha256) do update set last_day = greatest(assessment_snapshot_facts.last_day, excluded.last_day)`,
    [entry.keptSha256, entry.kept, day],
  );
  await client.query(
    `insert into assessment_snapshot_item
       (rubric_id, day, item, score, measurement, measure, measure_version, facts_sha256, kept_sha256)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      rubricId,
      day,
      entry.item,
      JSON.stringify(entry.score),
      JSON.stringify(entry.measurement),
      entry.measure,
      entry.measureVersion,
      entry.factsSha256,
      entry.keptSha256,
    ],
  );
}

/** Drops facts that no night since `beforeDay` rests on; returns how many. */
export async function dropFacts(
  client: Queryable,
  query: { beforeDay: string; limit: number },
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from assessment_snapshot_facts where sha256 in
       (select sha256 from assessment_snapshot_facts where last_day < $1 order by last_day limit $2)`,
    [query.beforeDay, query.limit],
  );
  return rowCount ?? 0;
}

export interface SnapshotRow {
  readonly day: string;
  readonly edition: string;
  readonly rubricSha256: string;
  readonly from: Date;
  readonly to: Date;
  readonly asOf: Date;
  readonly timeZone: string;
  readonly total: Total;
  readonly demo: boolean;
}

interface FlatSnapshot extends Omit<SnapshotRow, 'total'> {
  readonly min: number;
  readonly max: number;
  readonly undetermined: number;
  readonly maximum: number;
}

/** Nights of a rubric from one day to another, both included, oldest first. */
export async function listSnapshots(
  client: Queryable,
  query: { rubricId: string; fromDay: string | null; toDay: string | null; limit: number },
): Promise<SnapshotRow[]> {
  const { rows } = await client.query<FlatSnapshot>(
    `select day::text, edition, rubric_sha256 as "rubricSha256", from_time as "from", to_time as "to", as_of as "asOf",
       time_zone as "timeZone", determined_min as min, determined_max as max, undetermined, maximum, demo
     from assessment_snapshot
     where rubric_id = $1 and ($2::date is null or day >= $2) and ($3::date is null or day <= $3)
     order by day desc limit $4`,
    [query.rubricId, query.fromDay, query.toDay, query.limit],
  );
  return rows.reverse().map(({ min, max, undetermined, maximum, ...row }) => {
    return { ...row, total: { determined: { min, max }, undetermined, maximum } };
  });
}

export interface SnapshotItemRow {
  readonly item: string;
  readonly score: NightScore;
  readonly measurement: Measurement;
  readonly measure: string;
  readonly measureVersion: number;
  readonly factsSha256: string;
  readonly keptSha256: string;
}

export async function readSnapshotItems(
  client: Queryable,
  rubricId: string,
  day: string,
): Promise<SnapshotItemRow[]> {
  const { rows } = await client.query<SnapshotItemRow>(
    `select item, score, measurement, measure, measure_version as "measureVersion", facts_sha256 as "factsSha256",
       kept_sha256 as "keptSha256"
     from assessment_snapshot_item where rubric_id = $1 and day = $2`,
    [rubricId, day],
  );
  return rows;
}

/** What is kept of some facts, gzip, by hash; what was dropped is absent. */
export async function readKeptFacts(
  client: Queryable,
  sha256s: readonly string[],
): Promise<Map<string, Buffer>> {
  const { rows } = await client.query<{ sha256: string; content: Buffer }>(
    'select sha256, content from assessment_snapshot_facts where sha256 = any($1)',
    [sha256s],
  );
  return new Map(rows.map(({ sha256, content }) => [sha256, content]));
}

/** How many readings of some points came late or were corrected between two instants, for times before `beforeMs`. */
export async function readReadingChanges(
  client: Queryable,
  query: { points: readonly string[]; since: Date; until: Date },
): Promise<{ point: string; corrections: number; late: number }[]> {
  const { rows } = await client.query<{ point: string; corrections: number; late: number }>(
    `with wanted as (
       select p.point_id, p.device_id || '.' || p.metric as point from point p
       where (p.device_id || '.' || p.metric) = any($1)
         and p.device_id = any(select split_part(name, '.', 1) from unnest($1) as name)
     )
     select point, sum(corrections)::int as corrections, sum(late)::int as late
     from (
       select w.point, count(*) as corrections, 0 as late
       from wanted w join reading_correction c using (point_id)
       where c.corrected_at > $2 and c.corrected_at <= $3 group by w.point
       union all
       select w.point, 0, sum(l.count)
       from wanted w join late_arrival l using (point_id)
       where l.committed_at > $2 and l.committed_at <= $3 group by w.point
     ) changes group by point`,
    [query.points, query.since, query.until],
  );
  return rows;
}
