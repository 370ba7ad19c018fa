import type { Queryable } from '#infra/postgres.ts';
import type { Lifecycle } from '#schemas/registry.ts';
import type { PointRow } from './points.ts';

/** SQL of points with their device as it stands, or as it stood last: also of devices that are retired or gone. */

/** A point and the last that is known of its device. */
export interface FormerPoint extends PointRow {
  readonly deviceName: string;
  readonly spaceName: string | null;
  readonly lifecycle: Lifecycle;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Null while it is in the registry. */
  readonly removedAt: Date | null;
}

const columns = `p.point_id as "pointId", p.device_id as "deviceId", p.metric, p.definition, d.class as "deviceClass",
  d.space_id as "spaceId", d.provenance, d.name as "deviceName", d.lifecycle, d.attributes,
  (select name from space where id = d.space_id order by valid_to desc limit 1) as "spaceName",
  nullif(d.valid_to, 'infinity') as "removedAt"`;
const lastDevice = `join lateral (select * from device where id = p.device_id order by valid_to desc limit 1) d on true`;

/** In no order; those that are ignored or were never known are left out. */
export async function readFormerPoints(
  db: Queryable,
  keys: readonly { readonly deviceId: string; readonly metric: string }[],
): Promise<FormerPoint[]> {
  const { rows } = await db.query<FormerPoint>(
    `select ${columns} from unnest($1::text[], $2::text[]) k (device_id, metric)
     join point p using (device_id, metric) ${lastDevice} where not p.ignored`,
    [keys.map(({ deviceId }) => deviceId), keys.map(({ metric }) => metric)],
  );
  return rows;
}

/** All points of a device; empty when there never was one. */
export async function readFormerPointsOf(db: Queryable, deviceId: string): Promise<FormerPoint[]> {
  const { rows } = await db.query<FormerPoint>(
    `select ${columns} from point p ${lastDevice} where p.device_id = $1 and not p.ignored order by p.point_id`,
    [deviceId],
  );
  return rows;
}
