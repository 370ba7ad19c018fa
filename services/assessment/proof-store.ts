import type { Queryable } from '#infra/postgres.ts';
import type { Provenance } from '#schemas/reading.ts';

/**
 * The SQL by which measures look for proofs of functions: events of devices and adapters, alarms, commands, deliveries.
 * Every statement answers with the newest few and never with a history. Windows are closed-open, as text RFC 3339.
 */

/** How many occurrences are kept as evidence of one proof. */
export const keptOccurrences = 5;
/** Alarms that are looked at, newest first, for one that another system answered. */
const linkageAlarms = 500;
/** Publications that are looked at, newest first. */
const publicationsMost = 200;

/** Something that happened, with the device that says so. */
export interface OccurrenceRow {
  readonly time: Date;
  readonly deviceId: string;
  readonly name: string;
  readonly class: string;
  readonly provenance: Provenance;
  /** Type of the event, id of the rule, name of the command, kind of the channel. */
  readonly what: string;
  /** Where it stands: `event:17`, `alarm:4`, `command:…`, `delivery:9`. */
  readonly ref: string;
  /** Who beside the device: a person, or the other device of a linkage; null when nobody. */
  readonly by: string | null;
}

interface Window {
  readonly from: string;
  readonly to: string;
}

const device = `d.id as "deviceId", d.name, d.class, d.provenance`;
/** The device as it was when it happened, in service. */
const joined = (time: string, id: string) =>
  `join device d on d.id = ${id} and d.class = any($1) and d.lifecycle = 'in-service'
     and d.valid_from <= ${time} and d.valid_to > ${time}`;

/**
 * Whether a device of the classes, in service then, sent the event `e`. A scalar question and not `exists`: as a join the
 * planner leaves the index on type and time for one on time alone, and reads a year of other events.
 */
const sentBy = (classes: string) =>
  `(select true from device s where s.id = e.device_id and s.class = any(${classes}) and s.lifecycle = 'in-service'
      and s.valid_from <= e.time and s.valid_to > e.time limit 1)`;

/** The newest events of the types; with `each`, the newest of each device. */
export async function readEvents(
  db: Queryable,
  query: Window & { classes: readonly string[]; types: readonly string[]; each: boolean; limit: number },
): Promise<OccurrenceRow[]> {
  const { rows } = await db.query<OccurrenceRow>(query.each ? eachEventSql : newestEventSql, [
    query.classes,
    query.types,
    query.from,
    query.to,
    query.limit,
  ]);
  return rows;
}

const newestEventSql = `
  select f.time, ${device}, f.type as what, 'event:' || f.event_id as ref, null as by
  from unnest($2::text[]) t (type)
  cross join lateral (
    select e.time, e.type, e.event_id, e.device_id from event e
    where e.type = t.type and e.time >= $3 and e.time < $4 and not e.untimed
      and ${sentBy('$1')}
    order by e.time desc, e.event_id desc limit $5) f
  ${joined('f.time', 'f.device_id')}
  order by f.time desc, f.event_id desc limit $5`;

const eachEventSql = `
  select f.time, ${device}, f.type as what, 'event:' || f.event_id as ref, null as by
  from (select distinct id from device where class = any($1) and lifecycle = 'in-service'
        and valid_from < $4 and valid_to > $3) s
  cross join lateral (
    select e.time, e.type, e.event_id from event e
    where e.device_id = s.id and e.type = any($2) and e.time >= $3 and e.time < $4 and not e.untimed
    order by e.time desc, e.event_id desc limit 1) f
  ${joined('f.time', 's.id')}
  order by f.time desc, f.event_id desc limit $5`;

/** How many devices of the classes were in service at some time of the window: who could have said so. */
export async function countSuitable(
  db: Queryable,
  query: Window & { classes: readonly string[] },
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(distinct id)::int as count from device
     where class = any($1) and lifecycle = 'in-service' and valid_from < $3 and valid_to > $2`,
    [query.classes, query.from, query.to],
  );
  return rows[0]?.count ?? 0;
}

export interface AlarmQuery extends Window {
  readonly classes: readonly string[];
  /** Null: any. */
  readonly metrics: readonly string[] | null;
  readonly severities: readonly string[] | null;
  readonly step: 'raised' | 'delivered' | 'acknowledged';
}

/** The newest alarm of each device that came as far as the step. */
export async function readAlarms(db: Queryable, query: AlarmQuery): Promise<OccurrenceRow[]> {
  const { rows } = await db.query<OccurrenceRow>(alarmSql[query.step], [
    query.classes,
    query.metrics,
    query.severities,
    query.from,
    query.to,
    keptOccurrences,
  ]);
  return rows;
}

const alarmsOf = (step: string, by: string) => `
  select f.raised_at as time, ${device}, f.rule_id as what, 'alarm:' || f.id as ref, f.by
  from (select distinct id from device where class = any($1) and lifecycle = 'in-service'
        and valid_from < $5 and valid_to > $4) s
  cross join lateral (
    select a.id, a.rule_id, a.raised_at, ${by} as by from alarm a
    where a.device_id = s.id and a.raised_at >= $4 and a.raised_at < $5
      and ($2::text[] is null or exists (select from point p where p.point_id = a.point_id and p.metric = any($2)))
      and ($3::text[] is null or a.severity = any($3)) ${step}
    order by a.raised_at desc, a.id desc limit 1) f
  ${joined('f.raised_at', 's.id')}
  order by f.raised_at desc, f.id desc limit $6`;

/** A message that somebody outside took: the console's own list is ours. */
const takenDelivery = `
  select v.channel_id from delivery v join notify_setting n on n.kind = 'channel' and n.id = v.channel_id
  where v.alarm_id = a.id and v.state = 'delivered' and v.kind <> 'test'
    and n.definition -> 'config' ->> 'kind' <> 'console'`;

const alarmSql: Readonly<Record<AlarmQuery['step'], string>> = {
  raised: alarmsOf('', 'null::text'),
  delivered: alarmsOf(`and exists (${takenDelivery})`, `(${takenDelivery} order by v.id limit 1)`),
  acknowledged: alarmsOf(
    `and a.acknowledged_by is not null and a.acknowledged_by <> 'system'`,
    'a.acknowledged_by',
  ),
};

/** The newest commands that their device confirmed; and how many were tried. */
export async function readCommands(
  db: Queryable,
  query: Window & { classes: readonly string[] },
): Promise<{ confirmed: OccurrenceRow[]; attempts: number }> {
  const { rows } = await db.query<OccurrenceRow & { attempts: number; state: string }>(
    `select c.sent_at as time, ${device}, c.command as what, 'command:' || c.id as ref, c.actor as by, c.state,
       count(*) over ()::int as attempts
     from field_command c ${joined('c.sent_at', 'c.device_id')}
     where c.sent_at >= $2 and c.sent_at < $3
     order by (c.state = 'confirmed') desc, c.sent_at desc limit $4`,
    [query.classes, query.from, query.to, keptOccurrences],
  );
  return {
    confirmed: rows.filter(({ state }) => state === 'confirmed'),
    attempts: rows[0]?.attempts ?? 0,
  };
}

/** The newest alarms that another device answered soon after; the answer is what is shown. */
export async function readLinkages(
  db: Queryable,
  query: Window & {
    classes: readonly string[];
    answeredBy: readonly string[];
    types: readonly string[];
    withinS: number;
  },
): Promise<OccurrenceRow[]> {
  const { rows } = await db.query<OccurrenceRow>(
    `with alarms as (
       select a.id, a.device_id, a.rule_id, a.raised_at from alarm a
       where a.raised_at >= $2 and a.raised_at < $3
         and (select true from device s where s.id = a.device_id and s.class = any($7) limit 1)
       order by a.raised_at desc limit ${linkageAlarms}
     )
     select f.time, ${device}, f.type as what, 'event:' || f.event_id as ref,
       a.device_id || ' alarm:' || a.id as by
     from alarms a
     cross join lateral (
       select e.time, e.type, e.event_id, e.device_id from unnest($4::text[]) t (type)
       join event e on e.type = t.type and e.time >= a.raised_at and e.time < a.raised_at + $5 * interval '1 s'
       where not e.untimed and e.device_id <> a.device_id
         and ${sentBy('$1')}
       order by e.time, e.event_id limit 1) f
     ${joined('f.time', 'f.device_id')}
     order by f.time desc, f.event_id desc limit $6`,
    [query.answeredBy, query.from, query.to, query.types, query.withinS, keptOccurrences, query.classes],
  );
  return rows;
}

export interface PublicationRow {
  readonly publication: string;
  readonly time: Date;
  /** Displays that reported it. */
  readonly deviceIds: readonly string[];
}

/** The newest publications with the displays that reported each. */
export async function readPublications(
  db: Queryable,
  query: Window & { classes: readonly string[]; types: readonly string[]; key: string; eventsMost: number },
): Promise<PublicationRow[]> {
  const { rows } = await db.query<PublicationRow>(
    `with shown as (
       select e.device_id, e.time, e.data ->> $4 as publication from event e
       where e.type = any($5) and e.time >= $2 and e.time < $3 and not e.untimed
         and ${sentBy('$1')}
       order by e.time desc limit $6
     )
     select publication, max(time) as time, array_agg(distinct device_id order by device_id) as "deviceIds"
     from shown where publication is not null group by publication order by max(time) desc, publication
     limit ${publicationsMost}`,
    [query.classes, query.from, query.to, query.key, query.types, query.eventsMost],
  );
  return rows;
}

/** The newest alarms whose message the other side of a channel of one of the kinds took. */
export async function readDeliveries(
  db: Queryable,
  query: Window & { channels: readonly string[] },
): Promise<OccurrenceRow[]> {
  const { rows } = await db.query<OccurrenceRow>(
    `select f.time, d.id as "deviceId", d.name, d.class, d.provenance,
       f.channel as what, f.ref, f.channel_id as by
     from (
       select v.done_at as time, v.channel_id, n.definition -> 'config' ->> 'kind' as channel,
         'delivery:' || v.id as ref, v.device_id, v.raised_at
       from notify_setting n
       cross join lateral (
         select w.id, w.channel_id, w.done_at, a.device_id, a.raised_at
         from delivery w join alarm a on a.id = w.alarm_id
         where w.channel_id = n.id and w.state = 'delivered' and w.kind <> 'test'
           and w.done_at >= $2 and w.done_at < $3
         order by w.done_at desc limit $4) v
       where n.kind = 'channel' and n.definition -> 'config' ->> 'kind' = any($1)) f
     join device d on d.id = f.device_id and d.valid_from <= f.raised_at and d.valid_to > f.raised_at
     order by f.time desc, f.ref limit $4`,
    [query.channels, query.from, query.to, keptOccurrences],
  );
  return rows;
}

/** Enabled alarm rules, as they stood at an instant, that watch a device of one of the classes. */
export async function readRules(
  db: Queryable,
  query: { classes: readonly string[]; at: string; limit: number },
): Promise<{ ruleId: string; version: number }[]> {
  const { rows } = await db.query<{ ruleId: string; version: number }>(
    `select r.id as "ruleId", r.version from alarm_rule r
     where r.valid_from < $2 and r.valid_to >= $2 and coalesce((r.definition ->> 'enabled')::boolean, true)
       and (r.definition -> 'target' ->> 'deviceClass' = any($1)
         or exists (select from device d where d.class = any($1) and d.valid_from < $2 and d.valid_to >= $2
                    and d.id = coalesce(r.definition -> 'target' ->> 'device',
                                        split_part(r.definition -> 'target' ->> 'point', '.', 1))))
     order by r.id limit $3`,
    [query.classes, query.at, query.limit],
  );
  return rows;
}

/** Devices that came into service for the first time within the window, and their first good reading after it. */
export async function readOnboarded(db: Queryable, query: Window): Promise<OccurrenceRow[]> {
  const { rows } = await db.query<OccurrenceRow>(
    `select d.since as time, d.id as "deviceId", d.name, d.class, d.provenance, 'in-service' as what,
       'device:' || d.id as ref, null as by
     from (select distinct on (id) id, name, class, provenance, valid_from as since from device
           where lifecycle = 'in-service' order by id, valid_from) d
     where d.since >= $1 and d.since < $2
       and exists (select from point p where p.device_id = d.id
         and (exists (select from reading r where r.point_id = p.point_id and r.time >= d.since and r.time < $2
                      and r.quality = 0)
           or exists (select from rollup_1d r where r.point_id = p.point_id and r.good > 0
                      and r.day > d.since::date and r.day < $2::date)))
     order by d.since desc, d.id limit $3`,
    [query.from, query.to, keptOccurrences],
  );
  return rows;
}

/** For each value of the field that events carry, which of the type lists it appears in. */
export async function readSharedKeys(
  db: Queryable,
  query: Window & {
    uses: readonly { id: string; classes: readonly string[]; types: readonly string[] }[];
    key: string;
    eventsMost: number;
  },
): Promise<{ value: string; uses: string[] }[]> {
  const { rows } = await db.query<{ value: string; uses: string[] }>(
    `with uses as (
       select u ->> 'id' as id, array(select jsonb_array_elements_text(u -> 'classes')) as classes, t.type
       from jsonb_array_elements($1::jsonb) u, jsonb_array_elements_text(u -> 'types') t (type)
     ), carried as (
       select distinct u.id, f.value from uses u
       cross join lateral (
         select e.data ->> $4 as value from event e
         where e.type = u.type and e.time >= $2 and e.time < $3 and not e.untimed and e.data ? $4
           and ${sentBy('u.classes')}
         order by e.time desc limit $5) f
     )
     select value, array_agg(id order by id) as uses from carried
     group by value order by count(*) desc, value limit 1`,
    [JSON.stringify(query.uses), query.from, query.to, query.key, query.eventsMost],
  );
  return rows;
}
