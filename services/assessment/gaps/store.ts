import type { Queryable } from '#infra/postgres.ts';
import { seenKey, type LastSeen, type MissedEvent } from './function-gaps.ts';
import type { Places } from './gap.ts';
import type { NewestDays } from './record-gaps.ts';

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

/** Of one type so many events are looked at, newest first, for one of a device of the class. */
const eventsEach = 200;

/**
 * The local day on which an event that would prove a function was seen last, before an instant; absent: not among the newest.
 * `between` one type and the same, and not `=`: what equals a constant orders nothing, and so the planner, which cannot know
 * that a type never came, walks all events by time until it has found the newest of it. Only the index on type and time
 * serves this order.
 */
export async function readLastSeen(
  client: Queryable,
  asked: {
    readonly events: readonly MissedEvent[];
    readonly beforeMs: number;
    readonly dayOf: (timeMs: number) => string;
  },
): Promise<LastSeen> {
  const { rows } = await client.query<{ item: string; function: string; timeMs: number }>(
    `with asked as (
       select e ->> 'item' as item, e ->> 'function' as function,
         array(select jsonb_array_elements_text(e -> 'classes')) as classes, t.type
       from jsonb_array_elements($1::jsonb) e, jsonb_array_elements_text(e -> 'types') t (type)
     )
     select a.item, a.function, (extract(epoch from max(f.time)) * 1000)::float8 as "timeMs"
     from asked a
     cross join lateral (
       select n.time from (
         select e.time, e.type, e.device_id from event e
         where e.type between a.type and a.type and e.time < $2 and not e.untimed
         order by e.type desc, e.time desc, e.event_id desc limit ${eventsEach}) n
       where (select true from device d where d.id = n.device_id and d.class = any(a.classes) limit 1)
       order by n.type desc, n.time desc limit 1) f
     group by a.item, a.function`,
    [JSON.stringify(asked.events), new Date(asked.beforeMs)],
  );
  return new Map(rows.map((row) => [seenKey(row), asked.dayOf(row.timeMs)]));
}

/** The newest day of each register up to a day, by its id; registers without a record are absent. */
export async function readNewestDays(
  client: Queryable,
  { kinds, toDay }: { readonly kinds: readonly string[]; readonly toDay: string },
): Promise<NewestDays> {
  const { rows } = await client.query<{ kind: string; day: string }>(
    `select kind, max(valid_from)::text as day from park_record
     where kind = any($1) and superseded_at = 'infinity' and valid_from <= $2 group by kind`,
    [kinds, toDay],
  );
  return new Map(rows.map(({ kind, day }) => [kind, day]));
}

/** Which records go on after the day on which one of their pieces ends. */
export async function readRenewed(
  client: Queryable,
  { endings }: { readonly endings: readonly { readonly id: string; readonly day: string }[] },
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    `select distinct e.id from unnest($1::text[], $2::date[]) e (id, day)
     join park_record r on r.kind = split_part(e.id, '/', 1) and r.code = substr(e.id, strpos(e.id, '/') + 1)
     where r.superseded_at = 'infinity' and r.valid_until > e.day and r.valid_from > e.day`,
    [endings.map(({ id }) => id), endings.map(({ day }) => day)],
  );
  return new Set(rows.map(({ id }) => id));
}
