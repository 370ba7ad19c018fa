import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createBus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { migrate } from '#infra/migrate.ts';
import { createPool } from '#infra/postgres.ts';
import { alarmRuleBodySchema, type AlarmRuleBody } from '#schemas/alarm.ts';
import { startAlarmEngine } from '#services/alarms/engine.ts';

/**
 * `npm run bench:alarms`: what judging costs. One process judges frames as the writer publishes them, at a steady rate,
 * by rules of every kind on points of whole devices, with its states and alarms in a real database beside it. The last
 * line is JSON. `core` is the share of one core that the judging process took, `lag` how far it was behind.
 */
const { values: options } = parseArgs({
  options: {
    rules: { type: 'string', default: '10000' },
    devices: { type: 'string', default: '5000' },
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const rules = Number(options.rules);
const devices = Number(options.devices);
const rate = Number(options.rate);
const seconds = Number(options.seconds);
const metrics = [
  'active_power',
  'active_energy_import',
  'voltage_l1',
  'voltage_l2',
  'voltage_l3',
  'current_l1',
  'current_l2',
  'current_l3',
  'power_factor',
  'frequency',
];
const points = devices * metrics.length;
/** A flush of the writer. */
const frameValues = 5_000;
/** One value in so many is beyond its limits. */
const beyondOneIn = 20_000;

await using parts = new AsyncDisposableStack();
const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-bench-'));
chmodSync(dataDir, 0o755);
parts.defer(() => rmSync(dataDir, { recursive: true, force: true }));
const log = silentLog();
const clock = systemClock();
const server = parts.use(await startEmbeddedPostgres({ dataDir, log, clock }));
await migrate({ databaseUrl: server.url, log });
const db = createPool({ url: server.url, max: 4, name: 'parkwatch-bench', log });
parts.defer(() => db.end());

await db.query(
  `insert into device (id, valid_from, class, name)
   select 'em-' || n, now(), 'energy-meter', 'Meter ' || n from generate_series(1, $1::int) n`,
  [devices],
);
await db.query(
  `insert into point (device_id, metric)
   select 'em-' || n, m from generate_series(1, $1::int) n, unnest($2::text[]) m order by n`,
  [devices, metrics],
);
const { rows: ids } = await db.query<{ id: number }>('select point_id as id from point order by point_id');
const pointIds = ids.map((row) => row.id);
const bodies = Array.from({ length: rules }, (_, i) => makeRule(i));
await db.query(
  `insert into alarm_rule (id, version, author, reason, definition)
   select id, 1, 'bench', 'bench', definition from unnest($1::text[], $2::jsonb[]) as n (id, definition)`,
  [bodies.map(({ id }) => id), bodies.map(({ id: _id, ...definition }) => JSON.stringify(definition))],
);

const bus = createBus((error) => {
  throw error;
});
const directory = { onChange: () => () => undefined };
const startedMs = performance.now();
const engine = parts.use(
  await startAlarmEngine({ db, bus, directory, clock, log, timeZone: 'Asia/Shanghai' }),
);
const startMs = performance.now() - startedMs;
// Every point is known once before anything is measured.
for (let from = 0; from < points; from += frameValues) publish(from, frameValues);
await engine.idle();

const before = { ...engine.figures(), cpu: process.cpuUsage(), atMs: performance.now() };
const frames = Math.round((rate * seconds) / frameValues);
let worstLagMs = 0;
let next = 0;
for (let frame = 0; frame < frames; frame++) {
  const dueMs = before.atMs + (frame * frameValues * 1_000) / rate;
  const waitMs = dueMs - performance.now();
  if (waitMs > 0) await clock.sleep(waitMs);
  else worstLagMs = Math.max(worstLagMs, -waitMs);
  publish(next, frameValues);
  next = (next + frameValues) % points;
}
await engine.idle();
const tookS = (performance.now() - before.atMs) / 1_000;
const cpu = process.cpuUsage(before.cpu);
const after = engine.figures();
const { rows: states } = await db.query<{ count: number }>('select count(*)::int as count from alarm_state');
const result = {
  rules,
  points,
  watches: after.watches,
  readings: frames * frameValues,
  readingsPerS: Math.round((frames * frameValues) / tookS),
  judgedPerS: Math.round((after.judged - before.judged) / tookS),
  transitionsPerS: Number(((after.transitions - before.transitions) / tookS).toFixed(1)),
  core: Number(((cpu.user + cpu.system) / 1e6 / tookS).toFixed(2)),
  lagMs: Math.round(worstLagMs),
  startMs: Math.round(startMs),
  storedStates: states[0]?.count ?? 0,
  rssMib: Math.round(process.memoryUsage().rss / 2 ** 20),
};
if (!options.json) console.table(result);
process.stdout.write(`${JSON.stringify({ bench: 'alarms', ...result })}\n`);

/** Kinds as a park has them: mostly limits of single points, some of whole classes, a few of several values. */
function makeRule(i: number): AlarmRuleBody {
  const device = `em-${(i % devices) + 1}`;
  const metric = metrics[Math.floor(i / devices) % metrics.length] ?? 'active_power';
  const common = { id: `rule-${i}`, name: `Rule ${i}`, severity: 'medium', target: { device, metric } };
  const limit = { kind: 'limit', side: 'high', limit: 1_000, deadband: 10 };
  if (i < metrics.length) {
    return alarmRuleBodySchema.parse({
      ...common,
      target: { deviceClass: 'energy-meter', metric: metrics[i] },
      condition: { ...limit, onDelayMs: 5_000 },
    });
  }
  const pick = i % 20;
  if (pick === 0)
    return alarmRuleBodySchema.parse({ ...common, condition: { kind: 'stale', noDataMs: 600_000 } });
  if (pick === 1) {
    const rateOf = { kind: 'rate', direction: 'rising', limit: 500, per: 'minute', windowMs: 60_000 };
    return alarmRuleBodySchema.parse({ ...common, condition: rateOf });
  }
  if (pick === 2) {
    const of = ['voltage_l1', 'voltage_l2'].map((each) => ({ of: { metric: each }, test: limit }));
    const condition = {
      kind: 'combination',
      match: 'all',
      of: of.map(({ of: from, test }) => ({ of: from, test })),
    };
    return alarmRuleBodySchema.parse({ ...common, target: { device }, condition });
  }
  if (pick === 3) {
    const schedule = { when: 'during', periods: [{ days: ['workday'], from: '08:00', to: '18:00' }] };
    return alarmRuleBodySchema.parse({ ...common, condition: limit, schedule });
  }
  return alarmRuleBodySchema.parse({
    ...common,
    condition: { ...limit, onDelayMs: i % 2 === 0 ? 0 : 10_000 },
  });
}

function publish(from: number, count: number): void {
  const nowMs = clock.nowMs();
  const columns = {
    pointIds: [] as number[],
    timesMs: [] as number[],
    values: [] as number[],
    qualities: [] as number[],
  };
  for (let i = 0; i < count; i++) {
    columns.pointIds.push(pointIds[(from + i) % points] ?? 0);
    columns.timesMs.push(nowMs);
    columns.values.push(Math.floor(Math.random() * beyondOneIn) === 0 ? 2_000 : 100 + Math.random() * 100);
    columns.qualities.push(0);
  }
  bus.publish('readings', columns);
}
