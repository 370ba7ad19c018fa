import { silentLog } from '#infra/log.ts';
import { createPool, type Database } from '#infra/postgres.ts';
import { fieldMessages } from '#gateways/simulator/field.ts';
import { defaultSeed, planPark } from '#gateways/simulator/park.ts';
import { mix } from '#gateways/simulator/random.ts';
import { createSampler } from '#gateways/simulator/sampler.ts';
import { createWorld } from '#gateways/simulator/world.ts';
import { runBench } from './bench.ts';

/**
 * What a day of the simulated park takes on disk, at the pace it speaks live: `npm run bench:stored` on the server of
 * TEST_DATABASE_URL; compressed too where that is TimescaleDB.
 */
const dayMs = 86_400_000;
/** A closed day, for which no wall clock is asked. */
const dayStartMs = Date.UTC(2026, 2, 10);
const batchRows = 50_000;

interface Rows {
  readonly points: number[];
  readonly times: string[];
  readonly values: number[];
}

/** One day of the first devices, in the order the park speaks; states as ordinals. */
function* dayOfPark(share: number): Generator<Rows> {
  const plan = planPark(defaultSeed);
  const world = createWorld(plan, 'Asia/Shanghai');
  const devices = plan.devices.slice(0, Math.ceil(plan.devices.length * share));
  const points = new Map<string, number>();
  const states = new Map<string, number>();
  let rows: Rows = { points: [], times: [], values: [] };
  for (const [index, device] of devices.entries()) {
    const sampler = createSampler(device, world);
    const span = { afterMs: dayStartMs - 1, untilMs: dayStartMs + dayMs - 1, buffered: false };
    for (const message of fieldMessages(sampler, mix(defaultSeed, index), span)) {
      if (message.kind !== 'telemetry') continue;
      for (const [metric, value] of Object.entries(message.values)) {
        if (value === null) continue;
        const key = `${device.id}.${metric}`;
        const point = points.get(key) ?? points.size + 1;
        points.set(key, point);
        const state = states.get(String(value)) ?? states.size;
        if (typeof value === 'string') states.set(value, state);
        rows.points.push(point);
        rows.times.push(new Date(message.timeMs).toISOString());
        rows.values.push(typeof value === 'string' ? state : Number(value));
      }
    }
    if (rows.points.length < batchRows) continue;
    yield rows;
    rows = { points: [], times: [], values: [] };
  }
  yield rows;
}

async function store(db: Database, table: string, share: number): Promise<number> {
  let count = 0;
  for (const { points, times, values } of dayOfPark(share)) {
    const { rowCount } = await db.query(
      `insert into ${table} (point_id, time, value, quality)
       select p, t, v, 0 from unnest($1::int[], $2::timestamptz[], $3::float8[]) r (p, t, v)
       on conflict do nothing`,
      [points, times, values],
    );
    count += rowCount ?? 0;
  }
  return count;
}

await runBench(
  'stored',
  () => 120,
  async (report, { smoke }) => {
    const url = process.env['TEST_DATABASE_URL'];
    if (url === undefined) throw new Error('bench:stored asks for TEST_DATABASE_URL');
    const db = createPool({ url, max: 1, name: 'bench-stored', log: silentLog() });
    const share = smoke ? 0.02 : 1;
    const columns =
      'time timestamptz not null, value float8 not null, point_id int not null, quality smallint not null';
    await db.query('drop table if exists bench_stored, bench_compressed');
    await db.query(`create table bench_stored (${columns}, primary key (point_id, time))`);
    const rows = await store(db, 'bench_stored', share);
    const plain = await db.query<{ bytes: number }>(
      `select pg_total_relation_size('bench_stored')::float8 as bytes`,
    );
    report.add('bytes a reading on disk, plain', (plain.rows[0]?.bytes ?? 0) / rows, {
      unit: 'bytes',
      atMost: 100,
      detail: `${rows} readings of one day`,
    });
    const { rows: extension } = await db.query(`select from pg_extension where extname = 'timescaledb'`);
    report.add(
      'bytes a reading on disk, TimescaleDB compressed',
      extension.length === 0 ? null : await compressed(db, columns, rows),
      { unit: 'bytes', atMost: 5 },
    );
    await db.query('drop table if exists bench_stored, bench_compressed');
    await db.end();
  },
);

/** As services/retention/chunks.ts compresses the readings. */
async function compressed(db: Database, columns: string, rows: number): Promise<number> {
  await db.query(`create table bench_compressed (${columns}, primary key (point_id, time))`);
  await db.query(
    `select create_hypertable('bench_compressed', by_range('time', interval '1 day'), create_default_indexes => false)`,
  );
  await db.query('insert into bench_compressed select * from bench_stored');
  await db.query(`alter table bench_compressed set (timescaledb.compress,
    timescaledb.compress_segmentby = 'point_id', timescaledb.compress_orderby = 'time')`);
  await db.query(`select compress_chunk(c) from show_chunks('bench_compressed') c`);
  const { rows: sizes } = await db.query<{ bytes: number }>(
    `select sum(after_compression_total_bytes)::float8 as bytes from chunk_compression_stats('bench_compressed')`,
  );
  return (sizes[0]?.bytes ?? 0) / rows;
}
