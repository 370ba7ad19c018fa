import type { Queryable } from '#infra/postgres.ts';
import type { Bilingual } from '#schemas/device-class.ts';

/** All SQL of exclusions: devices that a person left out of a measure. */

export interface ExclusionRow {
  readonly id: number;
  readonly measure: string;
  readonly deviceId: string;
  readonly from: Date;
  /** Null while it lasts. */
  readonly to: Date | null;
  readonly zh: string;
  readonly en: string;
  readonly actor: string;
}

const columns = `id, measure, device_id as "deviceId", valid_from as "from", nullif(valid_to, 'infinity') as "to",
  reason_zh as zh, reason_en as en, actor`;

/** Newest first; all there ever were, or those in force at an instant (RFC 3339). */
export async function listExclusions(
  client: Queryable,
  query: { limit: number; asOf: string | undefined },
): Promise<ExclusionRow[]> {
  const { rows } = await client.query<ExclusionRow>(
    `select ${columns} from exclusion
     where $2::timestamptz is null or (valid_from <= $2 and valid_to > $2) order by id desc limit $1`,
    [query.limit, query.asOf ?? null],
  );
  return rows;
}

export async function insertExclusion(
  client: Queryable,
  exclusion: {
    measure: string;
    deviceId: string;
    from: string;
    to: string | null;
    reason: Bilingual;
    actor: string;
  },
): Promise<ExclusionRow | undefined> {
  const { measure, deviceId, from, to, reason, actor } = exclusion;
  const { rows } = await client.query<ExclusionRow>(
    `insert into exclusion (measure, device_id, valid_from, valid_to, reason_zh, reason_en, actor)
     select $1, $2, $3, coalesce($4::timestamptz, 'infinity'), $5, $6, $7
     where exists (select 1 from device where id = $2)
     returning ${columns}`,
    [measure, deviceId, from, to, reason.zh, reason.en, actor],
  );
  return rows[0];
}

/** Ends an exclusion now; what it excluded before stays excluded for the periods before. */
export async function endExclusion(client: Queryable, id: number): Promise<ExclusionRow | undefined> {
  const { rows } = await client.query<ExclusionRow>(
    `update exclusion set valid_to = greatest(now(), valid_from + interval '1 microsecond')
     where id = $1 and valid_to > now() returning ${columns}`,
    [id],
  );
  return rows[0];
}
