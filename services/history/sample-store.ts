import type { Queryable } from '#infra/postgres.ts';
import type { Provenance } from '#schemas/reading.ts';
import { allTables } from './store.ts';

/** SQL of single samples: raw readings of one point, newest first, with what was corrected of them. */

export interface SampleRow {
  readonly timeUs: number;
  readonly value: number;
  readonly quality: number;
  /** It came when it was older than the horizon. */
  readonly late: boolean;
}

const us = (column: string) => `round(extract(epoch from ${column}) * 1e6)::int8`;
const instant = (place: string) => `timestamptz 'epoch' + ${place}::float8 * interval '1 microsecond'`;

/** @param query.beforeUs epoch µs, exclusive */
export async function readSamples(
  db: Queryable,
  query: {
    readonly pointId: number;
    readonly fromUs: number;
    readonly beforeUs: number;
    readonly most: number;
  },
): Promise<SampleRow[]> {
  const within = `point_id = $1 and time >= ${instant('$2')} and time < ${instant('$3')}`;
  const of = ([table, more]: (typeof allTables)[number]) =>
    `(select time, value, quality, ${table === 'reading_late'} as late from ${table}
      where ${within} ${more} order by time desc limit $4)`;
  const { rows } = await db.query<SampleRow>({
    name: 'history-samples',
    text: `select ${us('time')} as "timeUs", value, quality, late from (${allTables.map(of).join(' union all ')}) s
      order by time desc limit $4`,
    values: [query.pointId, query.fromUs, query.beforeUs, query.most],
  });
  return rows;
}

export interface CorrectionRow {
  readonly timeUs: number;
  readonly at: Date;
  readonly value: number;
  readonly quality: number;
}

/** What stood before at times from first to last, inclusive, oldest first. */
export async function readCorrections(
  db: Queryable,
  query: {
    readonly pointId: number;
    readonly firstUs: number;
    readonly lastUs: number;
    readonly most: number;
  },
): Promise<CorrectionRow[]> {
  const { rows } = await db.query<CorrectionRow>(
    `select ${us('time')} as "timeUs", corrected_at as at, old_value as value, old_quality as quality
     from reading_correction
     where point_id = $1 and time >= ${instant('$2')} and time <= ${instant('$3')} order by id limit $4`,
    [query.pointId, query.firstUs, query.lastUs, query.most],
  );
  return rows;
}

/** Where a device's values came from, and since when, newest first. */
export async function readProvenances(
  db: Queryable,
  deviceId: string,
  most: number,
): Promise<{ readonly sinceUs: number; readonly provenance: Provenance }[]> {
  const { rows } = await db.query<{ sinceUs: number; provenance: Provenance }>(
    `select ${us('valid_from')} as "sinceUs", provenance from device where id = $1
     order by valid_from desc limit $2`,
    [deviceId, most],
  );
  return rows;
}
