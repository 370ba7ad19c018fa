import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { createBus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { migrate } from '#infra/migrate.ts';
import { createPool } from '#infra/postgres.ts';
import type { Packet, Sample } from '#schemas/reading.ts';
import { emptyColumns } from '#services/ingest/copy-rows.ts';
import { copyReadings } from '#services/ingest/store.ts';
import { startWriter, type Writer } from '#services/ingest/writer.ts';
import { fakeDirectory } from '#test/kit/directory.ts';

/**
 * `npm run bench`: how fast readings reach the store on this machine, in one run against one server with the settings
 * of production (fsync on): a bare binary COPY into the keyed table, the writer's direct path, its staged path with
 * late data and with data that is all there already. Compare within a run only.
 */
const { values: options } = parseArgs({
  options: {
    readings: { type: 'string', default: '1000000' },
    devices: { type: 'string', default: '1000' },
    lanes: { type: 'string', default: '2' },
  },
});
const readings = Number(options.readings);
const devices = Number(options.devices);
const lanes = Number(options.lanes);
const metrics = 10;
/** Packets that wait for their acknowledgement at any time, as gateways keep them in flight. */
const inFlight = 6_000;
const rounds = Math.floor(readings / devices / metrics);
const baseMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;

await using parts = new AsyncDisposableStack();
const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-bench-'));
parts.defer(() => rmSync(dataDir, { recursive: true, force: true }));
const log = silentLog();
const clock = systemClock();
const server = parts.use(await startEmbeddedPostgres({ dataDir, log, clock }));
await migrate({ databaseUrl: server.url, log });
const db = createPool({ url: server.url, max: 2, name: 'parkwatch-bench', log });
parts.defer(() => db.end());

const directory = fakeDirectory();
const metricNames = Array.from({ length: metrics }, (_, index) => `metric_${index}`);
for (let device = 0; device < devices; device++) {
  for (const metric of metricNames) directory.add(`device-${device}`, metric);
}
const bytes = Buffer.alloc(250, 'x');

/** How a pass over the data differs from the first: in all times, or in all values. */
interface Way {
  readonly offsetMs: number;
  readonly value?: number;
}

function packet(device: number, round: number, { offsetMs, value = 0 }: Way): Packet {
  const timeMs = baseMs + round * 1_000 + offsetMs;
  const samples: Sample[] = metricNames.map((metric, index) => ({
    metric,
    timeMs,
    value: value + round + index / 7,
    quality: 'good',
    rev: 0,
    untimed: false,
  }));
  const content = { kind: 'telemetry', samples, rejected: [], sequence: [{ seq: round, timeMs }] } as const;
  return {
    source: 'bench',
    address: `park/v1/demo/device-${device}/telemetry`,
    deviceId: `device-${device}`,
    receivedAtMs: timeMs,
    bytes,
    unacknowledged: false,
    content,
  };
}

async function throughWriter(writer: Writer, way: Way): Promise<number> {
  const start = performance.now();
  const flight = { packets: 0, landed: Promise.withResolvers<void>() };
  const written = () => {
    flight.packets--;
    flight.landed.resolve();
  };
  const untilBelow = async (most: number) => {
    while (flight.packets >= most) {
      flight.landed = Promise.withResolvers();
      await flight.landed.promise;
    }
  };
  for (let round = 0; round < rounds; round++) {
    for (let device = 0; device < devices; device++) {
      await untilBelow(inFlight);
      flight.packets++;
      writer.write(packet(device, round, way)).then(written, fail);
    }
  }
  await untilBelow(1);
  return rate(start);
}

function fail(error: unknown): never {
  throw error;
}

async function bareCopy(): Promise<number> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const start = performance.now();
  const chunk = 10;
  for (let round = 0; round < rounds; round += chunk) {
    const columns = emptyColumns();
    for (let r = round; r < Math.min(round + chunk, rounds); r++) {
      for (let point = 0; point < devices * metrics; point++) {
        columns.pointIds.push(1_000_000 + point);
        columns.timesUs.push((baseMs + r * 1_000) * 1_000);
        columns.values.push(r);
        columns.qualities.push(0);
      }
    }
    await copyReadings(client, columns);
  }
  const result = rate(start);
  await client.end();
  return result;
}

function rate(startMs: number): number {
  return (rounds * devices * metrics) / ((performance.now() - startMs) / 1000);
}

const bare = await bareCopy();
const writerOptions = { db, databaseUrl: server.url, directory, clock, log, lanes, horizonDays: 7 };
const bus = createBus(() => undefined);
const writer = parts.use(await startWriter({ ...writerOptions, bus, timeZone: 'Asia/Shanghai' }));
const results: [string, number][] = [['bare binary COPY, one connection', bare]];
results.push([`writer, direct path, ${lanes} lanes`, await throughWriter(writer, { offsetMs: 0 })]);
results.push([
  `writer, staged path, late data, ${lanes} lanes`,
  await throughWriter(writer, { offsetMs: -500 }),
]);
results.push([
  `writer, staged path, all duplicates, ${lanes} lanes`,
  await throughWriter(writer, { offsetMs: 0 }),
]);
results.push([
  `writer, staged path, all corrections, ${lanes} lanes`,
  await throughWriter(writer, { offsetMs: 0, value: 1 }),
]);
const { rows } = await db.query<{ count: number }>('select count(*)::int as count from reading');
const status = writer.status();
process.stdout.write(
  `${rounds * devices * metrics} readings each, packets of ${metrics} values with seq, ${devices} devices\n` +
    results
      .map(
        ([name, perS]) =>
          `${name.padEnd(52)} ${Math.round(perS).toLocaleString('en').padStart(9)}/s  ${(perS / bare).toFixed(2)}\n`,
      )
      .join('') +
    `rows ${rows[0]?.count}; direct ${sum('directReadings')}, staged ${sum('stagedReadings')}, flushes ${sum('flushes')}, retries ${sum('retries')}\n`,
);

function sum(figure: 'directReadings' | 'stagedReadings' | 'flushes' | 'retries'): number {
  return status.lanes.reduce((total, lane) => total + lane[figure], 0);
}
