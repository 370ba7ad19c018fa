import type { Queryable } from '#infra/postgres.ts';
import type { ReviewState } from '#schemas/api/consumption.ts';
import type { MarkOrigin, Replacement } from './judge.ts';
import type { Suspect } from './suspects.ts';
import type { Decision } from './unroll.ts';

/** SQL of what people recorded and decided about counters. */

/** Epoch µs of a time column. */
const us = (column: string) => `round(extract(epoch from ${column}) * 1e6)::int8`;
const instant = (place: string) => `(timestamptz 'epoch' + ${place}::float8 * interval '1 microsecond')`;

export interface ReplacementRow extends Replacement {
  readonly id: number;
  readonly pointId: number;
  readonly author: string;
  readonly reason: string;
  readonly recordedAt: Date;
}
const replacementColumns = `id, point_id as "pointId", ${us('at')} as "timeUs", closing, opening, author, reason,
  valid_from as "recordedAt"`;

/** The replacements that stand, in order of time. */
export async function readReplacements(
  db: Queryable,
  pointIds: readonly number[],
): Promise<ReplacementRow[]> {
  const { rows } = await db.query<ReplacementRow>(
    `select ${replacementColumns} from register_replacement
     where point_id = any($1) and valid_to = 'infinity' order by at, id`,
    [pointIds],
  );
  return rows;
}

/** @returns undefined when one of that time stands already */
export async function insertReplacement(
  db: Queryable,
  entry: Replacement & { readonly pointId: number; readonly author: string; readonly reason: string },
): Promise<ReplacementRow | undefined> {
  const { rows } = await db.query<ReplacementRow>(
    `insert into register_replacement (point_id, at, closing, opening, author, reason)
     values ($1, ${instant('$2')}, $3, $4, $5, $6)
     on conflict (point_id, at) where valid_to = 'infinity' do nothing returning ${replacementColumns}`,
    [entry.pointId, entry.timeUs, entry.closing, entry.opening, entry.author, entry.reason],
  );
  return rows[0];
}

/** Closes an entry that stands. @returns undefined when there is none */
export async function closeReplacement(
  db: Queryable,
  key: { readonly id: number; readonly deviceId: string },
): Promise<ReplacementRow | undefined> {
  const { rows } = await db.query<ReplacementRow>(
    `update register_replacement set valid_to = greatest(now(), valid_from)
     where id = $1 and valid_to = 'infinity'
       and point_id in (select point_id from point where device_id = $2) returning ${replacementColumns}`,
    [key.id, key.deviceId],
  );
  return rows[0];
}

export interface ReviewRow {
  readonly id: number;
  readonly pointId: number;
  readonly deviceId: string;
  readonly metric: string;
  readonly fromUs: number;
  readonly fromValue: number;
  readonly fromOrigin: MarkOrigin;
  readonly toUs: number;
  readonly toValue: number;
  readonly toOrigin: MarkOrigin;
  readonly claimed: number;
  readonly state: ReviewState;
  readonly leftOutUs: number | null;
  readonly replacementId: number | null;
  readonly foundAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
}
const reviewColumns = `r.id, r.point_id as "pointId", p.device_id as "deviceId", p.metric, ${us('from_time')} as "fromUs",
  from_value as "fromValue", from_origin as "fromOrigin", ${us('to_time')} as "toUs", to_value as "toValue",
  to_origin as "toOrigin", claimed, state, ${us('left_out')} as "leftOutUs", replacement_id as "replacementId", found_at as "foundAt",
  decided_at as "decidedAt", decided_by as "decidedBy", reason`;

/** Newest first. */
export async function listReviews(
  db: Queryable,
  query: {
    readonly state: ReviewState | undefined;
    readonly device: string | undefined;
    readonly beforeId: number | null;
    readonly limit: number;
  },
): Promise<ReviewRow[]> {
  const { rows } = await db.query<ReviewRow>(
    `select ${reviewColumns} from register_review r join point p using (point_id)
     where ($1::text is null or state = $1) and ($2::text is null or p.device_id = $2)
       and ($3::int8 is null or r.id < $3)
     order by r.id desc limit $4`,
    [query.state ?? null, query.device ?? null, query.beforeId, query.limit],
  );
  return rows;
}

/** One case, locked until the transaction ends. */
export async function lockReview(db: Queryable, id: number): Promise<ReviewRow | undefined> {
  const { rows } = await db.query<ReviewRow>(
    `select ${reviewColumns} from register_review r join point p using (point_id) where r.id = $1 for update of r`,
    [id],
  );
  return rows[0];
}

export async function writeDecision(
  db: Queryable,
  decision: {
    readonly id: number;
    readonly state: Exclude<ReviewState, 'superseded'>;
    readonly leftOutUs: number | null;
    readonly replacementId: number | null;
    readonly actor: string;
    readonly reason: string;
  },
): Promise<void> {
  await db.query(
    `update register_review set state = $2, left_out = ${instant('$3')}, replacement_id = $4,
       decided_at = case when $2 = 'open' then null else now() end,
       decided_by = case when $2 = 'open' then null else $5::text end, reason = $6
     where id = $1`,
    [
      decision.id,
      decision.state,
      decision.leftOutUs,
      decision.replacementId,
      decision.actor,
      decision.reason,
    ],
  );
}

/** The step that a withdrawn replacement explained waits for a person again; the case says why. */
export async function reopenReviewsOf(
  db: Queryable,
  replacement: { readonly id: number; readonly reason: string },
): Promise<void> {
  await db.query(
    `update register_review
     set state = 'open', replacement_id = null, decided_at = null, decided_by = null, reason = $2
     where replacement_id = $1`,
    [replacement.id, replacement.reason],
  );
}

/** What people decided about steps and samples of these points. */
export async function readDecisions(
  db: Queryable,
  pointIds: readonly number[],
): Promise<{ readonly pointId: number; readonly decision: Decision }[]> {
  const { rows } = await db.query<{
    pointId: number;
    fromUs: number;
    toUs: number;
    leftOutUs: number | null;
  }>(
    `select point_id as "pointId", ${us('from_time')} as "fromUs", ${us('to_time')} as "toUs",
       ${us('left_out')} as "leftOutUs"
     from register_review where point_id = any($1) and state in ('accepted', 'left-out') order by id`,
    [pointIds],
  );
  return rows.map(({ pointId, fromUs, toUs, leftOutUs }) => ({
    pointId,
    decision:
      leftOutUs === null ? { kind: 'accept', fromUs, toUs } : { kind: 'leave-out', timeUs: leftOutUs },
  }));
}

/** Open cases of steps that end within a range, as keys of {@link Suspect}. */
export async function readOpenSteps(
  db: Queryable,
  range: { readonly pointIds: readonly number[]; readonly fromUs: number; readonly toUs: number },
): Promise<{ readonly pointId: number; readonly fromUs: number; readonly toUs: number }[]> {
  const { rows } = await db.query<{ pointId: number; fromUs: number; toUs: number }>(
    `select point_id as "pointId", ${us('from_time')} as "fromUs", ${us('to_time')} as "toUs"
     from register_review where state = 'open' and point_id = any($1)
       and to_time >= ${instant('$2')} and to_time < ${instant('$3')}`,
    [range.pointIds, range.fromUs, range.toUs],
  );
  return rows;
}

/** Opens a case for each; one that was superseded is open again, one that a person decided stays. */
export async function openReviews(
  db: Queryable,
  pointId: number,
  suspects: readonly Suspect[],
): Promise<void> {
  await db.query(
    `insert into register_review
       (point_id, from_time, from_value, from_origin, to_time, to_value, to_origin, claimed)
     select $1, ${instant('f')}, fv, fo, ${instant('t')}, tv, tt, c
     from unnest($2::float8[], $3::float8[], $4::text[], $5::float8[], $6::float8[], $7::text[], $8::float8[])
       u(f, fv, fo, t, tv, tt, c)
     on conflict (point_id, from_time, to_time) do update set state = 'open'
       where register_review.state = 'superseded'`,
    [
      pointId,
      suspects.map((one) => one.from.timeUs),
      suspects.map((one) => one.from.value),
      suspects.map((one) => one.from.origin),
      suspects.map((one) => one.to.timeUs),
      suspects.map((one) => one.to.value),
      suspects.map((one) => one.to.origin),
      suspects.map((one) => one.claimed),
    ],
  );
}

/** Data that came since explains these steps. */
export async function supersedeReviews(
  db: Queryable,
  pointId: number,
  steps: readonly { readonly fromUs: number; readonly toUs: number }[],
): Promise<void> {
  await db.query(
    `update register_review set state = 'superseded'
     from unnest($2::float8[], $3::float8[]) u(f, t)
     where point_id = $1 and state = 'open' and from_time = ${instant('f')} and to_time = ${instant('t')}`,
    [pointId, steps.map((one) => one.fromUs), steps.map((one) => one.toUs)],
  );
}
