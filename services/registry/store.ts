import type { Queryable } from '#infra/postgres.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { Lifecycle, SpaceKind } from '#schemas/registry.ts';
import type { SpaceTag } from '#schemas/space-tags.ts';

/** What a space is, apart from when. */
export interface SpaceFacts {
  readonly id: string;
  readonly parentId: string | null;
  readonly kind: SpaceKind;
  readonly role: string | null;
  readonly name: string;
  readonly areaM2: number | null;
  readonly tags: readonly SpaceTag[];
}

export interface DeviceFacts {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  readonly spaceId: string | null;
  readonly lifecycle: Lifecycle;
  readonly provenance: Provenance;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** A point that people have settled: a metric that the class does not name, or one that is ignored. */
export interface PointFacts {
  readonly deviceId: string;
  readonly metric: string;
  readonly ignored: boolean;
  /** Kind and unit of a metric that the class does not name. */
  readonly definition: { readonly kind?: string | undefined; readonly unit?: string | undefined } | null;
}

/** A row that stands now, and since when. */
export type Standing<T> = T & { readonly validFrom: Date };

/** RFC 3339; undefined for now. Only counts when it lies after the row it replaces. */
export type Dated<T> = T & { readonly validFrom?: string | undefined };

/**
 * Writers of the registry take turns until their transaction ends: what one checks (a parent that exists, no cycle,
 * nobody inside) still holds when it writes.
 */
export async function lockRegistry(client: Queryable): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('parkwatch registry', 0))`);
}

const spaceColumns = `id, parent_id as "parentId", kind, role, name, area_m2 as "areaM2", tags,
  valid_from as "validFrom"`;
const deviceColumns = `id, name, class, space_id as "spaceId", lifecycle, provenance, attributes,
  valid_from as "validFrom"`;

/** The spaces that stand now; all of them, or those of `ids`. */
export async function readSpaces(db: Queryable, ids?: readonly string[]): Promise<Standing<SpaceFacts>[]> {
  const { rows } = await db.query<Standing<SpaceFacts>>(
    `select ${spaceColumns} from space where valid_to = 'infinity' and ($1::text[] is null or id = any($1))`,
    [ids ?? null],
  );
  return rows;
}

export async function readDevices(db: Queryable, ids: readonly string[]): Promise<Standing<DeviceFacts>[]> {
  const { rows } = await db.query<Standing<DeviceFacts>>(
    `select ${deviceColumns} from device where valid_to = 'infinity' and id = any($1)`,
    [ids],
  );
  return rows;
}

/**
 * Makes these spaces stand: closes the row of each that exists and opens the next where it ended. A change within the
 * clock's tick of the one before follows it by a microsecond.
 */
export async function writeSpaces(client: Queryable, spaces: readonly Dated<SpaceFacts>[]): Promise<void> {
  await client.query(
    `with n as (
       select u.*, clock_timestamp() as now from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
         $6::float8[], $7::text[], $8::timestamptz[]) u(id, parent_id, kind, role, name, area_m2, tags, valid_from)
     ), closed as (
       update space s set valid_to = case when n.valid_from > s.valid_from then n.valid_from
         else greatest(n.now, s.valid_from + interval '1 microsecond') end
       from n where s.id = n.id and s.valid_to = 'infinity' returning s.id, s.valid_to
     )
     insert into space (id, valid_from, parent_id, kind, role, name, area_m2, tags)
     select n.id,
       coalesce(closed.valid_to, greatest(coalesce(n.valid_from, n.now),
         (select max(p.valid_to) from space p where p.id = n.id and p.valid_to <> 'infinity'))),
       n.parent_id, n.kind, n.role, n.name, n.area_m2, string_to_array(n.tags, ' ')
     from n left join closed on closed.id = n.id`,
    [
      spaces.map((space) => space.id),
      spaces.map((space) => space.parentId),
      spaces.map((space) => space.kind),
      spaces.map((space) => space.role),
      spaces.map((space) => space.name),
      spaces.map((space) => space.areaM2),
      spaces.map((space) => space.tags.join(' ')),
      spaces.map((space) => space.validFrom ?? null),
    ],
  );
}

/** Like {@link writeSpaces}. The points of new devices are made by ensurePoints. */
export async function writeDevices(client: Queryable, devices: readonly Dated<DeviceFacts>[]): Promise<void> {
  await client.query(
    `with n as (
       select u.*, clock_timestamp() as now from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
         $6::text[], $7::text[], $8::timestamptz[])
         u(id, name, class, space_id, lifecycle, provenance, attributes, valid_from)
     ), closed as (
       update device d set valid_to = case when n.valid_from > d.valid_from then n.valid_from
         else greatest(n.now, d.valid_from + interval '1 microsecond') end
       from n where d.id = n.id and d.valid_to = 'infinity' returning d.id, d.valid_to
     )
     insert into device (id, valid_from, name, class, space_id, lifecycle, provenance, attributes)
     select n.id,
       coalesce(closed.valid_to, greatest(coalesce(n.valid_from, n.now),
         (select max(p.valid_to) from device p where p.id = n.id and p.valid_to <> 'infinity'))),
       n.name, n.class, n.space_id, n.lifecycle, n.provenance, n.attributes::jsonb
     from n left join closed on closed.id = n.id`,
    [
      devices.map((device) => device.id),
      devices.map((device) => device.name),
      devices.map((device) => device.class),
      devices.map((device) => device.spaceId),
      devices.map((device) => device.lifecycle),
      devices.map((device) => device.provenance),
      devices.map((device) => JSON.stringify(device.attributes)),
      devices.map((device) => device.validFrom ?? null),
    ],
  );
}

/** Ends the row that stands. @returns false when there is none */
export async function closeSpace(client: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update space set valid_to = greatest(clock_timestamp(), valid_from + interval '1 microsecond')
     where id = $1 and valid_to = 'infinity'`,
    [id],
  );
  return rowCount === 1;
}

/** Ends the row that stands. @returns false when there is none */
export async function closeDevice(client: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update device set valid_to = greatest(clock_timestamp(), valid_from + interval '1 microsecond')
     where id = $1 and valid_to = 'infinity'`,
    [id],
  );
  return rowCount === 1;
}

/** What stands inside a space: its child spaces and its devices. */
export async function countInside(
  client: Queryable,
  spaceId: string,
): Promise<{ spaces: number; devices: number }> {
  const { rows } = await client.query<{ spaces: number; devices: number }>(
    `select (select count(*) from space where parent_id = $1 and valid_to = 'infinity') as spaces,
       (select count(*) from device where space_id = $1 and valid_to = 'infinity') as devices`,
    [spaceId],
  );
  return rows[0] ?? { spaces: 0, devices: 0 };
}

/** Attributes of these devices and of all that stand above them in any tree (schemas/device-parents.ts), by id. */
export async function readAbove(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeviceFacts['attributes']>> {
  const { rows } = await db.query<Pick<DeviceFacts, 'id' | 'attributes'>>(
    `with recursive above as (
       select id, attributes from device where id = any($1::text[]) and valid_to = 'infinity'
       union
       select d.id, d.attributes from above a
       join device d on d.valid_to = 'infinity'
         and d.id in (a.attributes ->> 'parentId', a.attributes ->> 'gatewayId', a.attributes ->> 'recorderId',
                      a.attributes ->> 'parentMeterId')
     )
     select id, attributes from above`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.attributes]));
}

/** What an import asks of every device that stands: its class, and which devices stand above it. */
export interface DeviceOutline {
  readonly class: string;
  /** Of the attributes those that name a device above; absent ones are null. */
  readonly above: Readonly<Record<string, string | null>>;
}

export async function readDeviceOutlines(db: Queryable): Promise<ReadonlyMap<string, DeviceOutline>> {
  const { rows } = await db.query<DeviceOutline & { id: string }>(
    `select id, class, jsonb_build_object('parentId', attributes ->> 'parentId',
       'gatewayId', attributes ->> 'gatewayId', 'recorderId', attributes ->> 'recorderId',
       'parentMeterId', attributes ->> 'parentMeterId') as above
     from device where valid_to = 'infinity'`,
  );
  return new Map(rows.map((row) => [row.id, { class: row.class, above: row.above }]));
}

/** Points of these keys, where they stand. */
export async function readPoints(
  db: Queryable,
  keys: readonly Pick<PointFacts, 'deviceId' | 'metric'>[],
): Promise<PointFacts[]> {
  const { rows } = await db.query<PointFacts>(
    `select p.device_id as "deviceId", p.metric, p.ignored, p.definition
     from unnest($1::text[], $2::text[]) n(device_id, metric)
     join point p on p.device_id = n.device_id and p.metric = n.metric`,
    [keys.map((key) => key.deviceId), keys.map((key) => key.metric)],
  );
  return rows;
}

export async function writePoints(client: Queryable, points: readonly PointFacts[]): Promise<void> {
  await client.query(
    `insert into point (device_id, metric, ignored, definition)
     select device_id, metric, ignored, definition::jsonb
     from unnest($1::text[], $2::text[], $3::boolean[], $4::text[]) n(device_id, metric, ignored, definition)
     on conflict (device_id, metric) do update set ignored = excluded.ignored, definition = excluded.definition`,
    [
      points.map((point) => point.deviceId),
      points.map((point) => point.metric),
      points.map((point) => point.ignored),
      points.map((point) => (point.definition === null ? null : JSON.stringify(point.definition))),
    ],
  );
}

/** Everything that an export holds: spaces and devices that stand, and the points that people have settled. */
export async function readRegistry(
  db: Queryable,
): Promise<{ spaces: Standing<SpaceFacts>[]; devices: Standing<DeviceFacts>[]; points: PointFacts[] }> {
  const { rows: devices } = await db.query<Standing<DeviceFacts>>(
    `select ${deviceColumns} from device where valid_to = 'infinity' order by id`,
  );
  const { rows: points } = await db.query<PointFacts>(
    `select p.device_id as "deviceId", p.metric, p.ignored, p.definition
     from point p join device d on d.id = p.device_id and d.valid_to = 'infinity'
     where p.ignored or p.definition is not null order by p.device_id, p.metric`,
  );
  const spaces = await readSpaces(db);
  return { spaces: spaces.toSorted((a, b) => (a.id < b.id ? -1 : 1)), devices, points };
}
