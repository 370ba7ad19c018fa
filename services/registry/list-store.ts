import type { z } from 'zod';
import type { Queryable } from '#infra/postgres.ts';
import type {
  Device,
  devicesQuery,
  overviewSchema,
  pointsQuery,
  spacesQuery,
} from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { PointRow } from './points.ts';
import type { SpaceFacts, Standing } from './store.ts';

/** A device of which nothing came for so many expected intervals of its class is silent. */
const silentIntervals = 3;
const silentAtLeastS = 300;

/** Class ids, and after how many seconds without a word a device of the class is silent. */
function silence(): [ids: string[], seconds: number[]] {
  const classes = [...deviceClasses.values()];
  const seconds = classes.map((deviceClass) => {
    const intervals = Object.values(deviceClass.metrics).map((metric) => metric.expectedIntervalS);
    return Math.max(silentAtLeastS, silentIntervals * Math.min(...intervals));
  });
  return [classes.map((deviceClass) => deviceClass.id), seconds];
}

/** Text for ILIKE in which nothing of the user's acts as a wildcard. */
function containing(text: string | undefined): string | null {
  return text === undefined ? null : `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}

/**
 * The row of a thing that stands now (by its own index), or stood at the instant of parameter `place`. Statements are written once
 * and made for both when this file is loaded.
 */
function standing(place: number | null): (alias: string) => string {
  if (place === null) return (alias) => `${alias}.valid_to = 'infinity'`;
  return (alias) =>
    `${alias}.valid_from <= $${place}::timestamptz and ${alias}.valid_to > $${place}::timestamptz`;
}

/** Adds the instant where there is one: a statement takes no parameter that it does not use. */
function values(given: unknown[], asOf: string | undefined): unknown[] {
  return asOf === undefined ? given : [...given, asOf];
}

type After<T> = Omit<T, 'cursor'> & { readonly after: string };

export async function listSpaces(
  db: Queryable,
  query: After<z.output<typeof spacesQuery>>,
): Promise<Standing<SpaceFacts>[]> {
  const { rows } = await db.query<Standing<SpaceFacts>>(
    query.asOf === undefined ? spacesNow : spacesThen,
    values([query.after, query.limit, query.parent ?? null, containing(query.q)], query.asOf),
  );
  return rows;
}

const spacesSql = (stands: (alias: string) => string) =>
  `select id, parent_id as "parentId", kind, role, name, area_m2 as "areaM2", tags, valid_from as "validFrom"
   from space s
   where ${stands('s')} and id > $1 and ($3::text is null or parent_id = $3)
     and ($4::text is null or id ilike $4 or name ilike $4)
   order by id limit $2`;
const spacesNow = spacesSql(standing(null));
const spacesThen = spacesSql(standing(5));

type DeviceRow = Omit<Device, 'validFrom' | 'lastSeen'> & {
  readonly validFrom: Date;
  readonly lastSeen: Date | null;
};

/**
 * Devices as the API shows them, after `after` in the order of their ids.
 * @param query.id only this one
 * @param query.now what silence is measured from
 */
export async function listDevices(
  db: Queryable,
  query: After<z.output<typeof devicesQuery>> & { readonly id?: string; readonly now: Date },
): Promise<Device[]> {
  const [classIds, silentS] = silence();
  const { rows } = await db.query<DeviceRow>(
    query.asOf === undefined ? devicesNow : devicesThen,
    values(
      [
        query.after,
        query.limit,
        query.now,
        query.class ?? null,
        query.space ?? null,
        query.lifecycle ?? null,
        query.provenance ?? null,
        containing(query.q),
        classIds,
        silentS,
        silentAtLeastS,
        query.status ?? null,
        query.id ?? null,
      ],
      query.asOf,
    ),
  );
  return rows.map((row) => ({
    ...row,
    validFrom: row.validFrom.toISOString(),
    lastSeen: row.lastSeen?.toISOString() ?? null,
  }));
}

/** What was heard of a device is known of the present only. */
const devicesSql = (stands: (alias: string) => string, heard: 'now' | 'never') =>
  `with recursive inside(id) as (
     select $5::text union select s.id from space s join inside on s.parent_id = inside.id
     where ${stands('s')}
   ), listed as (
     select d.id, d.name, d.class, d.space_id as "spaceId", p.name as "spaceName", d.lifecycle, d.provenance,
       d.attributes, d.valid_from as "validFrom", t.status, t.last_seen as "lastSeen",
       case when '${heard}' = 'never' then null when t.status = 'offline' then 'offline'
         when t.last_seen > $3::timestamptz - make_interval(secs => coalesce(c.silent_s, $11)) then 'online'
         else 'silent' end as connection
     from device d
       left join space p on p.id = d.space_id and ${stands('p')}
       left join device_status t on t.device_id = d.id and '${heard}' = 'now'
       left join unnest($9::text[], $10::float8[]) c(class, silent_s) on c.class = d.class
     where ${stands('d')} and d.id > $1
       and ($4::text is null or d.class = $4)
       and ($5::text is null or d.space_id in (select id from inside))
       and ($6::text is null or d.lifecycle = $6)
       and ($7::text is null or d.provenance = $7)
       and ($8::text is null or d.id ilike $8 or d.name ilike $8)
       and ($13::text is null or d.id = $13)
   )
   select * from listed where $12::text is null or connection = $12 order by id limit $2`;
const devicesNow = devicesSql(standing(null), 'now');
const devicesThen = devicesSql(standing(14), 'never');

/** Points that are not ignored, after `after` (device id, metric). */
export async function listPoints(
  db: Queryable,
  query: Omit<z.output<typeof pointsQuery>, 'cursor'> & { readonly after: readonly [string, string] },
): Promise<Pick<PointRow, 'deviceId' | 'metric' | 'definition' | 'deviceClass'>[]> {
  const { rows } = await db.query<Pick<PointRow, 'deviceId' | 'metric' | 'definition' | 'deviceClass'>>(
    query.asOf === undefined ? pointsNow : pointsThen,
    values(
      [
        query.after[0],
        query.after[1],
        query.limit,
        query.device ?? null,
        query.space ?? null,
        query.class ?? null,
        query.metric ?? null,
      ],
      query.asOf,
    ),
  );
  return rows;
}

const pointsSql = (stands: (alias: string) => string) =>
  `with recursive inside(id) as (
     select $5::text union select s.id from space s join inside on s.parent_id = inside.id
     where ${stands('s')}
   )
   select p.device_id as "deviceId", p.metric, p.definition, d.class as "deviceClass"
   from point p join device d on d.id = p.device_id and ${stands('d')}
   where not p.ignored and (p.device_id, p.metric) > ($1, $2)
     and ($4::text is null or p.device_id = $4)
     and ($5::text is null or d.space_id in (select id from inside))
     and ($6::text is null or d.class = $6)
     and ($7::text is null or p.metric = $7)
   order by p.device_id, p.metric limit $3`;
const pointsNow = pointsSql(standing(null));
const pointsThen = pointsSql(standing(8));

/** How many devices stand, or stood then, of each class that has any. */
export async function countByClass(
  db: Queryable,
  asOf: string | undefined,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ class: string; count: number }>(
    asOf === undefined ? classesNow : classesThen,
    values([], asOf),
  );
  return new Map(rows.map((row) => [row.class, row.count]));
}

const classesSql = (stands: (alias: string) => string) =>
  `select class, count(*) from device d where ${stands('d')} group by class`;
const classesNow = classesSql(standing(null));
const classesThen = classesSql(standing(1));

/** Devices in service by class and connection, and by provenance. */
export async function countDevices(
  db: Queryable,
  now: Date,
): Promise<Pick<z.output<typeof overviewSchema>, 'devices' | 'provenance'>> {
  const [classIds, silentS] = silence();
  const { rows } = await db.query<{
    class: string;
    provenance: Device['provenance'];
    total: number;
    online: number;
    offline: number;
  }>(
    `select d.class, d.provenance, count(*) as total,
       count(*) filter (where t.status = 'offline') as offline,
       count(*) filter (where t.status is distinct from 'offline'
         and t.last_seen > $3::timestamptz - make_interval(secs => coalesce(c.silent_s, $4))) as online
     from device d left join device_status t on t.device_id = d.id
       left join unnest($1::text[], $2::float8[]) c(class, silent_s) on c.class = d.class
     where d.valid_to = 'infinity' and d.lifecycle = 'in-service'
     group by d.class, d.provenance`,
    [classIds, silentS, now, silentAtLeastS],
  );
  const provenance = { field: 0, simulated: 0, replayed: 0, manual: 0 };
  const classes = new Map<string, z.output<typeof overviewSchema>['devices'][number]>();
  for (const { class: id, total, online, offline, ...row } of rows) {
    provenance[row.provenance] += total;
    const sum = classes.get(id) ?? { class: id, total: 0, online: 0, offline: 0, silent: 0 };
    classes.set(id, {
      class: id,
      total: sum.total + total,
      online: sum.online + online,
      offline: sum.offline + offline,
      silent: sum.silent + total - online - offline,
    });
  }
  const order = (id: string) => classIds.indexOf(id);
  return { devices: [...classes.values()].sort((a, b) => order(a.class) - order(b.class)), provenance };
}
