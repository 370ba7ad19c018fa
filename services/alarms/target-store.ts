import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import { ruleOverrideSchema } from '#schemas/alarm.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Queryable } from '#infra/postgres.ts';
import { overrideKey, type Override } from './plan.ts';

/** A point in service that a rule may watch. */
export interface WatchedPoint {
  readonly pointId: number;
  readonly key: string;
  readonly deviceId: string;
  readonly deviceClass: string;
  readonly metric: string;
  /** Of a metric that its class does not name. */
  readonly definition: MetricDefinition | null;
  /** Those of the names asked for that name it. */
  readonly names: readonly string[];
}

/** A device in service that a rule may watch as a whole. */
export interface WatchedDevice {
  readonly deviceId: string;
  readonly deviceClass: string;
  readonly names: readonly string[];
}

/**
 * What rules name: `point:device.metric`, `device:id`, `class:class/metric`, `space:space/class/metric` (the space and
 * all below it), `tag:tag/class/metric`; the metric is empty where devices are named.
 */
export interface NamedTargets {
  readonly points: readonly string[];
  readonly devices: readonly string[];
  /** Metrics that are wanted of every device named. */
  readonly metrics: readonly string[];
}

/** Names in columns, for one statement. */
function columnsOf(names: readonly string[]): string[][] {
  const rows = names.map((name) => {
    const colon = name.indexOf(':');
    const kind = name.slice(0, colon);
    const rest = name.slice(colon + 1);
    if (kind === 'point') {
      const [id = '', metric = ''] = rest.split('.');
      return [name, kind, id, '', metric];
    }
    if (kind === 'device') return [name, kind, rest, '', ''];
    const parts = rest.split('/');
    const metric = parts.pop() ?? '';
    const deviceClass = parts.pop() ?? '';
    return [name, kind, parts.join('/'), deviceClass, metric];
  });
  return [0, 1, 2, 3, 4].map((column) => rows.map((row) => row[column] ?? ''));
}

/** Rows (name, device_id, metric) of what was asked for, among devices in service. */
const namedCte = `asked as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as a (name, kind, id, class, metric)
  ), within as (
    select id as root, id from asked where kind = 'space'
    union
    select w.root, s.id from within w join space s on s.parent_id = w.id and s.valid_to = 'infinity'
  ), serving as (
    select id, class, space_id, attributes ->> 'tags' as tags from device
    where valid_to = 'infinity' and lifecycle = 'in-service'
  ), named as (
    select a.name, d.id as device_id, a.metric from asked a join serving d on d.id = a.id
    where a.kind in ('point', 'device')
    union all
    select a.name, d.id, a.metric from asked a join serving d on d.class = a.class where a.kind = 'class'
    union all
    select a.name, d.id, a.metric from asked a join within w on w.root = a.id
    join serving d on d.space_id = w.id and d.class = a.class where a.kind = 'space'
    union all
    select a.name, d.id, a.metric from asked a
    join (select id, class, trim(tag) as tag from serving, unnest(string_to_array(tags, ',')) as tag) d
      on d.tag = a.id and (a.class = '' or d.class = a.class) where a.kind = 'tag'
  )`;

export async function loadDevices(db: Queryable, names: readonly string[]): Promise<WatchedDevice[]> {
  if (names.length === 0) return [];
  const { rows } = await db.query<WatchedDevice>(
    `with recursive ${namedCte}
     select d.id as "deviceId", d.class as "deviceClass", array_agg(distinct n.name) as names
     from named n join serving d on d.id = n.device_id group by d.id, d.class order by d.id`,
    columnsOf(names),
  );
  return rows;
}

/**
 * The points of devices in service that one of the names names, and those metrics of the devices given.
 * @param also metrics wanted of devices, under no name
 */
export async function loadPoints(
  db: Queryable,
  names: readonly string[],
  also: { readonly deviceIds: readonly string[]; readonly metrics: readonly string[] },
): Promise<WatchedPoint[]> {
  const { rows } = await db.query<WatchedPoint>(
    `with recursive ${namedCte}, wanted as (
       select name, device_id, metric from named
       union all
       select null, d, m from unnest($6::text[]) d, unnest($7::text[]) m
     )
     select p.point_id as "pointId", p.device_id || '.' || p.metric as key, p.device_id as "deviceId",
            d.class as "deviceClass", p.metric, p.definition, array_remove(array_agg(distinct w.name), null) as names
     from wanted w
     join serving d on d.id = w.device_id
     join point p on p.device_id = w.device_id and p.metric = w.metric and not p.ignored
     group by p.point_id, d.class order by p.point_id`,
    [...columnsOf(names), also.deviceIds, also.metrics],
  );
  return rows;
}

/** Everything that is named, at once. */
export async function loadTargets(
  db: Queryable,
  named: NamedTargets,
): Promise<{ readonly points: WatchedPoint[]; readonly devices: WatchedDevice[] }> {
  const devices = await loadDevices(db, named.devices);
  const deviceIds = named.metrics.length === 0 ? [] : devices.map((device) => device.deviceId);
  return { devices, points: await loadPoints(db, named.points, { deviceIds, metrics: named.metrics }) };
}

/** What devices change of rules now, by {@link overrideKey}. */
export async function loadOverrides(db: Queryable): Promise<Map<string, Override>> {
  const { rows } = await db.query<Omit<Override, 'definition'> & { definition: unknown }>(
    `select rule_id as "ruleId", device_id as "deviceId", author, reason, definition
     from alarm_rule_override where valid_to = 'infinity' and definition is not null`,
  );
  return new Map(
    rows.map((row) => [
      overrideKey(row.ruleId, row.deviceId),
      { ...row, definition: ruleOverrideSchema.parse(row.definition) },
    ]),
  );
}

/** Days on which the park does not follow the weekday, by `YYYY-MM-DD`. */
export async function loadHolidays(db: Queryable): Promise<Map<string, CalendarDay['kind']>> {
  const { rows } = await db.query<{ day: string; kind: CalendarDay['kind'] }>(
    `select to_char(day, 'YYYY-MM-DD') as day, kind from calendar_day`,
  );
  return new Map(rows.map((row) => [row.day, row.kind]));
}
