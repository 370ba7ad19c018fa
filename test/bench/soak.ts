import { runBench, seconds, type Report } from './bench.ts';
import { drain, saturate } from './hold.ts';
import { openLiveClients } from './live-clients.ts';
import { openLoad, type Load } from './load/load.ts';
import { startBenchPark, type BenchPark } from './park.ts';
import { serverPidsOf } from './processes.ts';
import { mean, recoveredAfterS } from './recovery.ts';

/**
 * `npm run bench:soak`: ten times what the park can take, for five times the seconds of a load, then a database that
 * stands still for the seconds of one: memory, what was acknowledged, and how soon it is as fast as before.
 */
const values = 10;
const connections = 64;
const fullSpeed = 0.9;
/** How long it is watched after the freeze. */
const watchedS = 60;

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

/** Packets acknowledged in each of so many seconds. */
async function ratesOf(load: Load, forS: number): Promise<number[]> {
  const rates: number[] = [];
  let before = await load.tell({ kind: 'figures' });
  while (rates.length < forS) {
    await seconds(1);
    const now = await load.tell({ kind: 'figures' });
    rates.push(((now.ackedPackets - before.ackedPackets) / (now.atMs - before.atMs)) * 1_000);
    before = now;
  }
  return rates;
}

/** Stops every process of the server for so long. */
async function freeze({ client }: BenchPark, forS: number): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pids = serverPidsOf(rows[0]?.pid ?? 0);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await seconds(forS);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

/** Means of ten seconds each, thousand readings a second: what a single figure would hide. */
function course(rates: readonly number[]): string {
  const tens = Array.from({ length: Math.ceil(rates.length / 10) }, (_, ten) =>
    Math.round((mean(rates.slice(ten * 10, ten * 10 + 10)) * values) / 1_000),
  );
  return `by ten seconds: ${tens.join(' ')} thousand/s`;
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
  const held = await ratesOf(load, forS * 5);
  report.add('10 times that offered, acknowledged', mean(held) * values, {
    unit: 'readings/s',
    detail: `for ${forS * 5} s; ${course(held)}`,
  });
  const most = { unit: 'MiB', atMost: 512 };
  report.add('  memory of the process, the most', park.memory()?.mostMib ?? null, most);
  // The last of it: the table has grown, and what was possible in an empty one proves nothing.
  const before = mean(held.slice(-forS));
  await freeze(park, forS);
  const after = await ratesOf(load, smoke ? forS * 5 : watchedS);
  report.add(
    `PostgreSQL frozen for ${forS} s, full speed again after`,
    recoveredAfterS(after, before * fullSpeed),
    { unit: 's', atMost: 10, detail: course(after) },
  );
  report.add('  of the rate before, in the minute after', mean(after) / before);
  report.add('  memory of the process, the most', park.memory()?.mostMib ?? null, most);
  const { lost, doubled } = await countLost(park, load);
  report.add('  acknowledged and lost', lost, { unit: 'readings', atMost: 0 });
  report.add('  doubled', doubled, { unit: 'readings', atMost: 0 });
}

await runBench(
  'soak',
  (forS) => forS * 6 + 60,
  (report, { seconds: forS, smoke }) => soak(report, forS, smoke),
);
