import { runBench, seconds, type Report } from './bench.ts';
import { drain, saturate } from './hold.ts';
import { openLiveClients } from './live-clients.ts';
import { openLoad, type Load } from './load/load.ts';
import { startBenchPark, type BenchPark } from './park.ts';
import { serverPidsOf } from './processes.ts';

/**
 * `npm run bench:soak`: ten times what the park can take, for five times the seconds of a load, then a database that
 * stands still for the seconds of one: memory, what was acknowledged, and how soon it is as fast as before.
 */
const values = 10;
const connections = 64;
const fullSpeed = 0.9;
const recoverMostS = 60;
const stepS = 1;

/** Acknowledged, and in the books and the table afterwards. */
async function countLost(park: BenchPark, load: Load): Promise<{ lost: number; doubled: number }> {
  await drain(load);
  const { ackedPackets } = await load.tell({ kind: 'figures' });
  const { rows } = await park.client.query<{ rows: number; committed: number; duplicate: number }>(
    `select (select count(*)::float8 from reading) as rows, sum(values_committed)::float8 as committed,
       sum(values_duplicate)::float8 as duplicate from ledger where source = 'mqtt'`,
  );
  const [stored] = rows;
  const acknowledged = ackedPackets * values;
  const kept = Math.min(stored?.rows ?? 0, stored?.committed ?? 0);
  return { lost: Math.max(0, acknowledged - kept), doubled: Math.max(0, kept - acknowledged) };
}

async function rateOf(load: Load, forS: number): Promise<number> {
  const before = await load.tell({ kind: 'figures' });
  await seconds(forS);
  const after = await load.tell({ kind: 'figures' });
  return (after.ackedPackets - before.ackedPackets) / ((after.atMs - before.atMs) / 1_000);
}

/** @returns seconds until the rate is what it was; null when it never was */
async function freeze(
  on: { park: BenchPark; load: Load },
  forS: number,
  rate: number,
): Promise<number | null> {
  const { park, load } = on;
  const { rows } = await park.client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pids = serverPidsOf(rows[0]?.pid ?? 0);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await seconds(forS);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  const sinceMs = performance.now();
  for (;;) {
    const now = await rateOf(load, stepS);
    const tookS = (performance.now() - sinceMs) / 1_000;
    if (now >= rate * fullSpeed) return tookS;
    if (tookS > recoverMostS) return null;
  }
}

async function soak(report: Report, forS: number, smoke: boolean): Promise<void> {
  const devices = smoke ? 20 : 1_000;
  await using park = await startBenchPark({ devices, rules: smoke ? 10 : 1_000 });
  await using _live = await openLiveClients(park, { clients: smoke ? 2 : 20, devices });
  const settings = {
    kind: 'open',
    port: park.mqttPort,
    parkId: 'demo',
    name: 'bench-soak',
    devices,
    values,
  } as const;
  await using load = await openLoad({ ...settings, connections: smoke ? 4 : connections, window: 2_000 });
  const { packetsPerS } = await saturate({ park, load }, Math.min(forS, 10));
  report.add('the most it takes', packetsPerS * values, { unit: 'readings/s' });
  const offered = packetsPerS * 10;
  await load.tell({ kind: 'run', packetsPerS: offered, mostOwed: offered });
  const held = await rateOf(load, forS * 5);
  report.add('10 times that offered, acknowledged', held * values, {
    unit: 'readings/s',
    detail: `for ${forS * 5} s`,
  });
  report.add('  memory of the process, the most', park.memory()?.mostMib ?? null, {
    unit: 'MiB',
    atMost: 512,
  });
  const recovered = await freeze({ park, load }, forS, held);
  report.add(`PostgreSQL frozen for ${forS} s, full speed again after`, recovered, { unit: 's', atMost: 10 });
  report.add('  memory of the process, the most', park.memory()?.mostMib ?? null, {
    unit: 'MiB',
    atMost: 512,
  });
  const { lost, doubled } = await countLost(park, load);
  report.add('  acknowledged and lost', lost, { unit: 'readings', atMost: 0 });
  report.add('  doubled', doubled, { unit: 'readings', atMost: 0 });
}

await runBench(
  'soak',
  (forS) => forS * 6 + 60,
  (report, { seconds: forS, smoke }) => soak(report, forS, smoke),
);
