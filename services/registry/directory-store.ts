import type { Queryable } from '#infra/postgres.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { PointRow } from './points.ts';

/** Every process that caches the registry listens here; writers notify in the transaction of their change. */
export const registryChannel = 'parkwatch_registry';

export interface DirectoryRows {
  readonly devices: readonly (Omit<PointRow, 'pointId' | 'metric' | 'definition'> & {
    readonly points: readonly (Pick<PointRow, 'pointId' | 'metric' | 'definition'> & { ignored: boolean })[];
  })[];
  readonly spaces: readonly { readonly id: string; readonly parentId: string | null }[];
}

/** Current devices with all their points, and the tree of spaces. */
export async function readDirectory(db: Queryable): Promise<DirectoryRows> {
  const { rows: devices } = await db.query<DirectoryRows['devices'][number]>(
    `select d.id as "deviceId", d.class as "deviceClass", d.space_id as "spaceId", d.provenance,
       coalesce(json_agg(json_build_object('pointId', p.point_id, 'metric', p.metric, 'ignored', p.ignored,
         'definition', p.definition) order by p.point_id) filter (where p.point_id is not null), '[]') as points
     from device d left join point p on p.device_id = d.id
     where d.valid_to = 'infinity' and d.lifecycle <> 'retired'
     group by d.id, d.class, d.space_id, d.provenance`,
  );
  const { rows: spaces } = await db.query<DirectoryRows['spaces'][number]>(
    `select id, parent_id as "parentId" from space where valid_to = 'infinity'`,
  );
  return { devices, spaces };
}

/**
 * Gives every current device a point for each metric of its class; those that exist keep their number.
 * @param deviceIds only these; all when left out (a class may have gained metrics with a new release)
 */
export async function ensurePoints(db: Queryable, deviceIds?: readonly string[]): Promise<void> {
  const pairs = [...deviceClasses.values()].flatMap((deviceClass) =>
    Object.keys(deviceClass.metrics).map((metric) => ({ deviceClass: deviceClass.id, metric })),
  );
  // The anti-join keeps the identity from burning a number per existing point.
  await db.query(
    `insert into point (device_id, metric)
     select d.id, m.metric
     from unnest($1::text[], $2::text[]) with ordinality m(class, metric, place)
     join device d on d.class = m.class and d.valid_to = 'infinity'
     where ($3::text[] is null or d.id = any($3))
       and not exists (select 1 from point p where p.device_id = d.id and p.metric = m.metric)
     order by d.id, m.place
     on conflict do nothing`,
    [pairs.map((pair) => pair.deviceClass), pairs.map((pair) => pair.metric), deviceIds ?? null],
  );
}

/** Tells every process, once the transaction commits, that devices, points or spaces changed. */
export async function notifyRegistry(db: Queryable): Promise<void> {
  await db.query('select pg_notify($1, $2)', [registryChannel, 'points']);
}
