import type { Queryable } from '#infra/postgres.ts';
import type { Places } from './gaps.ts';

/** The building (or road, or outdoor area; else the space itself) in which each device stood at an instant. */
export async function readPlaces(
  client: Queryable,
  { deviceIds, atMs }: { readonly deviceIds: readonly string[]; readonly atMs: number },
): Promise<Places> {
  const { rows } = await client.query<{ deviceId: string; id: string; name: string }>(
    `with recursive standing as materialized (
       select id, parent_id, kind, name from space where valid_from < $2 and valid_to >= $2
     ), up (start, id, parent_id, kind, name, depth) as (
       select id, id, parent_id, kind, name, 0 from standing
       union all
       select u.start, s.id, s.parent_id, s.kind, s.name, u.depth + 1
       from up u join standing s on s.id = u.parent_id
       where u.kind not in ('building', 'outdoor', 'road') and s.kind <> 'park' and u.depth < 20
     ), top as (select distinct on (start) start, id, name from up order by start, depth desc)
     select d.id as "deviceId", t.id, t.name
     from device d join top t on t.start = d.space_id
     where d.id = any($1) and d.valid_from < $2 and d.valid_to >= $2
     union all
     select t.start, t.id, t.name from top t where t.start = any($1)`,
    [deviceIds, new Date(atMs)],
  );
  return new Map(rows.map(({ deviceId, id, name }) => [deviceId, { id, name }]));
}
