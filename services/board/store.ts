import type { Queryable } from '#infra/postgres.ts';
import type { EnvironmentMedium } from '#schemas/environment-media.ts';
import type { Provenance } from '#schemas/reading.ts';

/** All SQL of the public board. */

export interface BoardRow {
  readonly deviceId: string;
  readonly name: string;
  readonly spaceName: string | null;
  readonly provenance: Provenance;
  readonly metric: string;
  readonly value: number;
  readonly time: Date;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: number;
}

/** The newest reading of each wanted metric of every station in service, not older than `sinceMs`. */
export async function readBoard(
  db: Queryable,
  query: { deviceClass: string; metrics: readonly string[]; sinceMs: number; limit: number },
): Promise<BoardRow[]> {
  const { rows } = await db.query<BoardRow>(
    `select d.id as "deviceId", d.name, s.name as "spaceName", d.provenance, p.metric, n.value, n.time, n.quality
     from device d
     join point p on p.device_id = d.id and p.metric = any($2) and not p.ignored
     left join space s on s.id = d.space_id and s.valid_to = 'infinity'
     cross join lateral (select r.time, r.value, r.quality from reading r
                         where r.point_id = p.point_id and r.time > $3 order by r.time desc limit 1) n
     where d.class = $1 and d.valid_to = 'infinity' and d.lifecycle = 'in-service'
     order by d.id, p.metric limit $4`,
    [query.deviceClass, query.metrics, new Date(query.sinceMs), query.limit],
  );
  return rows;
}

/** Servings of one medium within one minute. */
export interface Serving {
  readonly minuteMs: number;
  readonly medium: EnvironmentMedium;
  readonly servings: number;
  /** Source time of the newest value shown. */
  readonly newestMs: number;
}

/** Adds servings to the journal; several processes may serve the same minute. */
export async function addServings(db: Queryable, servings: readonly Serving[]): Promise<void> {
  await db.query(
    `insert into board_serving as kept (minute, medium, servings, newest_time)
     select * from unnest($1::timestamptz[], $2::text[], $3::int[], $4::timestamptz[])
     on conflict (minute, medium) do update
     set servings = kept.servings + excluded.servings, newest_time = greatest(kept.newest_time, excluded.newest_time)`,
    [
      servings.map(({ minuteMs }) => new Date(minuteMs)),
      servings.map(({ medium }) => medium),
      servings.map((serving) => serving.servings),
      servings.map(({ newestMs }) => new Date(newestMs)),
    ],
  );
}
