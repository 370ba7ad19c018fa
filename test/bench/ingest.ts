import { runBench, serverVersion, type BenchOptions, type Report } from './bench.ts';
import { measureCeiling } from './ceiling.ts';
import { findSustainable, saturate } from './hold.ts';
import { openLiveClients } from './live-clients.ts';
import { openLoad, type Load } from './load/load.ts';
import { startBenchPark, type BenchPark } from './park.ts';

/**
 * `npm run bench:ingest`: publish -> committed -> acknowledged, through the front door, with everything on: broker,
 * ledger, sequence ranges, dirty-bucket journal, rollup job, 1,000 alarm rules and 20 sockets.
 */
const lanes = 2;
const rowsPerFlush = 10_000;
const connections = 16;
const window = 500;
const steps = 4;

function loadOn(park: BenchPark, devices: number, values: number): Promise<Load> {
  const name = `bench-${values}`;
  return openLoad({
    kind: 'open',
    port: park.mqttPort,
    parkId: 'demo',
    name,
    devices,
    values,
    connections,
    window,
  });
}

async function bytesPerRow({ client }: BenchPark): Promise<number> {
  const { rows } = await client.query<{ bytes: number; rows: number }>(
    `select (select sum(pg_total_relation_size(inhrelid))::float8 from pg_inherits
             where inhparent = 'reading'::regclass) as bytes, (select count(*)::float8 from reading) as rows`,
  );
  return (rows[0]?.bytes ?? 0) / Math.max(1, rows[0]?.rows ?? 1);
}

async function measureRates(report: Report, { seconds, smoke }: BenchOptions): Promise<void> {
  const devices = smoke ? 20 : 1_000;
  await using park = await startBenchPark({ devices, rules: smoke ? 10 : 1_000 });
  await using live = await openLiveClients(park, { clients: smoke ? 2 : 20, devices });
  const ceilingS = Math.min(seconds, 15);
  const copy = {
    databaseUrl: park.databaseUrl,
    connections: lanes,
    devices,
    values: 10,
    rowsPerCopy: rowsPerFlush,
  };
  const ceiling = () => measureCeiling(park.client, { ...copy, seconds: ceilingS });
  const shortS = Math.min(seconds, 15);
  const before = await ceiling();
  let sustainable: Awaited<ReturnType<typeof findSustainable>>;
  {
    await using load = await loadOn(park, devices, 10);
    const on = { park, load };
    const most = await saturate(on, shortS);
    sustainable = await findSustainable(on, most.packetsPerS, { seconds, steps: smoke ? 1 : steps });
    const after = await ceiling();
    const top = (before + after) / 2;
    const detail = `PostgreSQL ${await serverVersion(park)}; CPU a reading: park ${us(sustainable.parkUs)}, database ${us(sustainable.databaseUs)}`;
    report.add('raw binary COPY, 2 connections', top, {
      unit: 'readings/s',
      detail: `${Math.round(before)} before, ${Math.round(after)} after`,
    });
    report.add('10 values a packet, sustained', sustainable.packetsPerS * 10, {
      unit: 'readings/s',
      atLeast: 200_000,
      detail,
    });
    report.add('  of raw COPY', (sustainable.packetsPerS * 10) / top, { atLeast: 0.7 });
    report.add('  windows full', most.packetsPerS * 10, {
      unit: 'readings/s',
      detail: `${((most.packetsPerS * 10) / top).toFixed(2)} of raw COPY`,
    });
    await measureRepeats(report, on, shortS);
  }
  {
    await using load = await loadOn(park, devices, 1);
    const on = { park, load };
    const most = await saturate(on, shortS);
    const single = await findSustainable(on, most.packetsPerS, { seconds, steps: smoke ? 1 : steps });
    const detail = `windows full ${Math.round(most.packetsPerS)}; CPU a packet: park ${us(single.parkUs)}, database ${us(single.databaseUs)}`;
    report.add('1 value a packet, sustained', single.packetsPerS, {
      unit: 'packets/s',
      atLeast: 50_000,
      detail,
    });
  }
  const { latencyMs } = await live.ask({ kind: 'figures' });
  report.add('memory of the process, the most so far', park.memory()?.mostMib ?? null, {
    unit: 'MiB',
    atMost: 512,
    detail: `${latencyMs.count} values at the sockets`,
  });
}

/** Rates with repeats, each right after one without. */
async function measureRepeats(
  report: Report,
  on: { park: BenchPark; load: Load },
  forS: number,
): Promise<void> {
  const clean = await saturate(on, forS);
  const one = await saturate(on, forS, { repeats: 0.01 });
  const again = await saturate(on, forS);
  const bytesBefore = await bytesPerRow(on.park);
  const all = await saturate(on, forS, { replay: true });
  const bytesAfter = await bytesPerRow(on.park);
  const rate = (clean.packetsPerS + again.packetsPerS) / 2;
  report.add('1 % repeated, of the clean rate', one.packetsPerS / rate, { atLeast: 0.9 });
  report.add('100 % repeated, of the clean rate', all.packetsPerS / rate, { atLeast: 0.4 });
  report.add('  bytes a row afterwards, of before', bytesAfter / bytesBefore, {
    atMost: 1.001,
    detail: `${bytesAfter.toFixed(1)} bytes`,
  });
}

/** The same rate through parks of different sizes: what does more than a rate must not grow with the park. */
async function measureGrowth(report: Report, { seconds, smoke }: BenchOptions): Promise<void> {
  const sizes = smoke ? [2, 4] : [100, 1_000, 10_000];
  const costs: number[] = [];
  const rates: number[] = [];
  for (const devices of sizes) {
    await using park = await startBenchPark({ devices, rules: smoke ? 10 : 1_000 });
    await using load = await loadOn(park, devices, 10);
    const { packetsPerS, parkUs, databaseUs } = await saturate({ park, load }, Math.min(seconds, 20));
    rates.push(packetsPerS * 10);
    costs.push((parkUs ?? 0) + (databaseUs ?? 0));
    report.add(`${devices * 10} points, windows full`, packetsPerS * 10, {
      unit: 'readings/s',
      detail: `CPU a reading: park ${us(parkUs)}, database ${us(databaseUs)}`,
    });
  }
  report.add('slowest of fastest, by points', Math.min(...rates) / Math.max(...rates), {
    atLeast: 0.75,
    detail: `by CPU a reading ${(Math.min(...costs) / Math.max(...costs)).toFixed(2)}`,
  });
}

function us(value: number | null): string {
  return value === null ? '?' : `${value.toFixed(2)} µs`;
}

await runBench(
  'ingest',
  (seconds) => seconds * 2 * (steps + 1) + 240,
  async (report, options) => {
    await measureRates(report, options);
    await measureGrowth(report, options);
  },
);
