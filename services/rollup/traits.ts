import type { Queryable } from '#infra/postgres.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import { pointKey } from '#schemas/ids.ts';
import type { MetricKind } from '#schemas/registry.ts';
import type { MeanKinds } from './cell-store.ts';
import { definitionOf, type PointRow } from '#services/registry/points.ts';

/** What derived rows need to know of a point, whether its device is still in the park or not. */
export interface PointTraits {
  readonly pointId: number;
  /** `deviceId.metric` */
  readonly key: string;
  readonly kind: MetricKind;
  readonly mean: MetricDefinition['mean'];
  readonly expectedIntervalMs: number;
}

/** Points by id. */
export type Traits = ReadonlyMap<number, PointTraits>;

/** The points of which means are formed otherwise than by adding up. */
export function meanKinds(traits: Traits): MeanKinds {
  const ofKind = (mean: PointTraits['mean']) =>
    [...traits.values()].filter((point) => point.mean === mean).map(({ pointId }) => pointId);
  return { energy: ofKind('energy'), circular: ofKind('circular') };
}

/** All points, by id; a device's class is that of its newest row. */
export async function readTraits(db: Queryable): Promise<Map<number, PointTraits>> {
  const { rows } = await db.query<
    Pick<PointRow, 'pointId' | 'deviceId' | 'metric' | 'definition' | 'deviceClass'>
  >(
    `select p.point_id as "pointId", p.device_id as "deviceId", p.metric, p.definition,
       coalesce(d.class, '') as "deviceClass"
     from point p left join
       (select distinct on (id) id, class from device order by id, valid_from desc) d on d.id = p.device_id`,
  );
  return new Map(
    rows.map((row) => {
      const { kind, mean, expectedIntervalS } = definitionOf(row);
      const key = pointKey(row.deviceId, row.metric);
      const expectedIntervalMs = expectedIntervalS * 1_000;
      return [row.pointId, { pointId: row.pointId, key, kind, mean, expectedIntervalMs }];
    }),
  );
}
