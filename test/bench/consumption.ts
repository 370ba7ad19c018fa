/**
 * A year of 500 meters by month over the public route, in a database with a year of 2,000 counters: `node
 * test/bench/consumption.ts`. Days are computed from knots for some meters, and copied to the others.
 */
import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { createBus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { migrate } from '#infra/migrate.ts';
import { createPool, type Database } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { Role } from '#schemas/roles.ts';
import { createApi } from '#services/api/server.ts';
import { consumptionRoutes } from '#services/consumption/routes.ts';
import { ensurePoints } from '#services/registry/directory-store.ts';
import { startPointDirectory } from '#services/registry/directory.ts';
import { runRollup, type JobDeps } from '#services/rollup/job.ts';

const meters = 2_000;
/** Meters whose days are computed; the others get copies. */
const computed = 20;
const asked = 500;
/** Of each question. */
const rounds = Number(process.env['ROUNDS'] ?? 40);
const timeZone = 'Asia/Shanghai';
const metric = 'active_energy_import';
const clock = systemClock();
const log = silentLog();
const calendar = localCalendar(timeZone);
const today = calendar.dayOf(clock.nowMs());
const firstDay = `${shiftDay(today, -366).slice(0, 7)}-01`;
const lastMonth = `${today.slice(0, 7)}-01`;

async function fill(db: Database): Promise<void> {
  await db.query(
    `insert into device (id, valid_from, class, name, attributes)
     select 'm-' || n, '2020-01-01', 'energy-meter', 'Meter ' || n,
       case when n between 2 and 500 then '{"parentMeterId": "m-1"}'::jsonb else '{}' end
     from generate_series(1, $1::int) n`,
    [meters],
  );
  await ensurePoints(db);
  // The last sample at or before each quarter of an hour and the first after it, as a meter read once a minute leaves them.
  await db.query(
    `insert into register_knot (time, value, covered_us, point_id, quality)
     select q + side * interval '20 seconds', extract(epoch from q + side * interval '20 seconds' - $1::timestamptz) / 400,
       case side when 0 then 880000000 else 20000000 end, p.point_id, 0
     from point p, generate_series($1::timestamptz, $2::timestamptz, interval '15 minutes') q, (values (0), (1)) s (side)
     where p.metric = $3 and substr(p.device_id, 3)::int <= $4`,
    [new Date(calendar.startOf(firstDay)), new Date(calendar.startOf(today)), metric, computed],
  );
  await db.query('insert into raw_kept (since) values ($1)', [new Date(calendar.startOf(today))]);
}

/** The day so far of the meters that are asked for, one reading a minute, as it stands before it is kept. */
async function fillToday(db: Database): Promise<void> {
  await db.query(
    `insert into reading (time, value, point_id, quality)
     select t, extract(epoch from t - $1::timestamptz) / 400, p.point_id, 0
     from generate_series($2::timestamptz, $3::timestamptz, interval '1 minute') t, point p
     where p.metric = $4 and substr(p.device_id, 3)::int <= $5 order by 1`,
    [
      new Date(calendar.startOf(firstDay)),
      new Date(calendar.startOf(today) + 20_000),
      new Date(clock.nowMs() - 20_000),
      metric,
      asked,
    ],
  );
}

async function computeDays(db: Database): Promise<{ days: number; ms: number }> {
  const deps: JobDeps = {
    db,
    clock,
    log,
    calendar,
    fence: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
  const startMs = clock.monotonicMs();
  let days = 0;
  for (;;) {
    const report = await runRollup(deps);
    if (report.days.kept === 0) return { days, ms: clock.monotonicMs() - startMs };
    days += report.days.kept;
  }
}

/** Every other meter gets the days of one that was computed. */
async function copyDays(db: Database): Promise<void> {
  const like = `select a.point_id as made, b.point_id as copy from point a join point b
    on a.metric = $1 and b.metric = $1 and substr(b.device_id, 3)::int > $2
      and substr(a.device_id, 3)::int = substr(b.device_id, 3)::int % $2 + 1`;
  const tables = {
    consumption_day: 'day, value, covered_us, bits, depends_from, depends_to, computed_at',
    consumption_quarter: 'day, value, covered_us, bits',
    consumption_month: 'month, value, covered_us, bits, depends_from, depends_to',
    consumption_head: 'since, first_day, next_day, facts',
  };
  for (const [table, columns] of Object.entries(tables)) {
    const values = columns.split(',').map((column) => `t.${column.trim()}`);
    await db.query(`delete from ${table} where point_id in (select copy from (${like}) l)`, [
      metric,
      computed,
    ]);
    await db.query(
      `insert into ${table} (point_id, ${columns}) select l.copy, ${values.join(', ')}
       from ${table} t join (${like}) l on l.made = t.point_id order by 2`,
      [metric, computed],
    );
  }
  await db.query('vacuum analyze');
}

function percentiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

async function serve(db: Database) {
  const bus = createBus((error) => {
    throw error;
  });
  const directory = await startPointDirectory({ db, bus, log });
  const server = await createApi({
    http: { host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined },
    log,
    authenticator: {
      authenticate: (token: string) =>
        Promise.resolve({
          principal: {
            userId: token,
            actor: token,
            role: 'viewer' satisfies Role,
            scopes: null,
            sessionId: 's',
          },
          mustChangePassword: false,
        }),
    },
    readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
    metrics: createMetrics({ process: false }),
    consoleDir: null,
    version: '0',
  });
  await server.register((scope) => consumptionRoutes(scope, { db, directory, clock, timeZone }));
  await server.root.listen({ host: '127.0.0.1', port: 0 });
  const address = server.root.server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const ask = async (pathAndQuery: string) => {
    const startMs = clock.monotonicMs();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${pathAndQuery}`, {
      headers: { authorization: 'Bearer someone' },
    });
    const body = (await answer.json()) as { items?: { buckets: { value: number | null }[] }[] };
    if (answer.status !== 200) throw new Error(JSON.stringify(body));
    return { ms: clock.monotonicMs() - startMs, body };
  };
  return { ask, directory, server };
}

const iso = (day: string) => new Date(calendar.startOf(day)).toISOString();

const dataDir = await mkdtemp(path.join(tmpdir(), 'parkwatch-bench-'));
await chmod(dataDir, 0o755);
{
  await using postgres = await startEmbeddedPostgres({ dataDir, log, clock });
  await migrate({ databaseUrl: postgres.url, log });
  const db = createPool({ url: postgres.url, max: 8, name: 'parkwatch-bench', log });
  await fill(db);
  await fillToday(db);
  const { days, ms } = await computeDays(db);
  console.log(
    `${cpus().length} cores; computing a day from its samples: ${(ms / days).toFixed(1)} ms (${days} days)`,
  );
  await copyDays(db);
  const { rows } = await db.query<{ name: string; rows: number; mib: number }>(
    `select relname as name, reltuples::int as rows, round(pg_total_relation_size(oid) / 1048576.0)::int as mib
     from pg_class where relname in ('consumption_day', 'consumption_quarter', 'consumption_month', 'register_knot') order by 1`,
  );
  for (const row of rows) console.log(`${row.name}: ${row.rows} rows, ${row.mib} MiB`);
  const { ask, server, directory } = await serve(db);
  const some = () =>
    Array.from(
      { length: asked },
      (_, at) => `m-${((at * 7 + Math.floor(Math.random() * meters)) % meters) + 1}.${metric}`,
    );
  const measure = async (name: string, question: () => string) => {
    await ask(question());
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push((await ask(question())).ms);
    console.log(`${name}: ${percentiles(times)}`);
  };
  const year = (points: readonly string[], interval: string, to = lastMonth) =>
    `/consumption?interval=${interval}&from=${iso(firstDay)}&to=${iso(to)}&points=${[...new Set(points)].join(',')}`;
  await measure('500 meters, a year by month', () => year(some(), '1mo'));
  await measure('500 meters, a year by month and this month so far', () => year(some(), '1mo', today));
  await measure('20 meters, a year by day', () => year(some().slice(0, 20), '1d'));
  await measure(
    'tree of 500 meters over a year',
    () => `/consumption/tree?root=m-1&from=${iso(firstDay)}&to=${iso(today)}`,
  );
  const now = new Date(Math.floor(clock.nowMs() / 900_000) * 900_000 - 900_000).toISOString();
  const first = Array.from({ length: asked }, (_, at) => `m-${at + 1}.${metric}`).join(',');
  await measure(
    'tree of 500 meters over a year until now',
    () => `/consumption/tree?root=m-1&from=${iso(firstDay)}&to=${now}`,
  );
  for (const interval of ['1d', '1h']) {
    await measure(
      `500 meters, today so far, ${interval}`,
      () => `/consumption?interval=${interval}&from=${iso(today)}&to=${now}&points=${first}`,
    );
  }
  await db.query(
    `insert into consumption_due (point_id, from_time, to_time, cause)
     select point_id, now() - interval '40 days', now() - interval '40 days', 'late-book' from point
     where metric = $1 and substr(device_id, 3)::int <= $2`,
    [metric, computed],
  );
  const late = Array.from({ length: asked }, (_, at) => `m-${at + 1}.${metric}`);
  await measure(`500 meters, a year by month, ${computed} of them with a late day`, () =>
    year(late, '1mo', today),
  );
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  await db.end();
}
await rm(dataDir, { recursive: true, force: true });
