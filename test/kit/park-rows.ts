import type { Database } from '#infra/postgres.ts';
import { ensurePoints } from '#services/registry/directory-store.ts';

/** A device as a test wants it; in service since `from`, which is RFC 3339. */
export interface DeviceRow {
  readonly id: string;
  readonly class: string;
  readonly from: string;
  readonly to?: string;
  readonly provenance?: string;
  readonly lifecycle?: string;
}

/** Writes devices with their valid time, and their points. */
export async function insertDevices(db: Database, devices: readonly DeviceRow[]): Promise<void> {
  for (const device of devices) {
    await db.query(
      `insert into device (id, valid_from, valid_to, class, name, lifecycle, provenance)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        device.id,
        device.from,
        device.to ?? 'infinity',
        device.class,
        `Device ${device.id}`,
        device.lifecycle ?? 'in-service',
        device.provenance ?? 'field',
      ],
    );
  }
  await ensurePoints(db);
}

/** A day partition for each UTC day of the range, where the store is plain. */
export async function coverReadings(db: Database, range: { from: string; to: string }): Promise<void> {
  const { rowCount } = await db.query(
    `select 1 from pg_partitioned_table where partrelid = 'reading'::regclass`,
  );
  if (rowCount === 0) return;
  const { rows } = await db.query<{ day: string }>(
    `select to_char(d, 'YYYY-MM-DD') as day from generate_series($1::date, $2::date, interval '1 day') d`,
    [range.from, range.to],
  );
  for (const { day } of rows) {
    await db.query(
      `create table if not exists reading_${day.replaceAll('-', '')} partition of reading
       for values from ('${day} 00:00+00') to ('${day} 00:00+00'::timestamptz + interval '1 day')`,
    );
  }
}

/** One reading every `everyS` of the range (closed-open) for a point; quality 0 good, 1 uncertain, 2 bad. */
export async function insertReadings(
  db: Database,
  series: {
    readonly device: string;
    readonly metric: string;
    readonly from: string;
    readonly to: string;
    readonly everyS: number;
    readonly value?: number;
    readonly quality?: number;
  },
): Promise<void> {
  await db.query(
    `insert into reading (time, value, point_id, quality)
     select t, $6, p.point_id, $7
     from point p, generate_series($3::timestamptz, $4::timestamptz - interval '1 ms', $5 * interval '1 s') t
     where p.device_id = $1 and p.metric = $2
     on conflict do nothing`,
    [
      series.device,
      series.metric,
      series.from,
      series.to,
      series.everyS,
      series.value ?? 1,
      series.quality ?? 0,
    ],
  );
}
