import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { OpcuaServerAnswer as Told } from '#schemas/api/opcua.ts';
import { until } from '#test/kit/events.ts';
import { runBench, type BenchOptions, type Report } from './bench.ts';
import { deviceId, metricNames } from './load/packets.ts';
import { startBenchPark, type BenchPark } from './park.ts';
import { startWorker, type Worker } from './worker.ts';

/**
 * `npm run bench:opcua`: value changes of one OPC UA server (node-opcua, a process of its own, on the same cores) through
 * the subscription, the gateway and the writer to the committed row, with everything on.
 */
export const opcuaBenchNamespace = 'urn:parkwatch:bench';
export type OpcuaServerQuestion =
  | { readonly kind: 'start'; readonly nodes: number }
  | { readonly kind: 'change'; readonly changesPerS: number }
  | { readonly kind: 'figures' };
export interface OpcuaServerAnswer {
  readonly endpoint: string;
  readonly changes: number;
}

/** What the server is told to change, 1/s; it reports each change of a node (sampling interval 0), 100 ms together. */
const rates = [20_000, 40_000, 60_000, 80_000, 100_000, 120_000] as const;
const valuesPerDevice = 8;
const connectMs = 60_000;
/** A rate is held when so much of it is committed, nothing is lost, and the rest does not pile up. */
const held = 0.98;

interface Held {
  readonly offeredPerS: number;
  readonly committedPerS: number;
  readonly lost: number;
  readonly parkUs: number | null;
  readonly databaseUs: number | null;
}

async function measure(report: Report, { seconds, smoke }: BenchOptions): Promise<void> {
  const devices = smoke ? 10 : 500;
  const folder = mkdtempSync(join(tmpdir(), 'parkwatch-bench-opcua-'));
  try {
    await using server = startWorker<OpcuaServerQuestion, OpcuaServerAnswer>('test/bench/opcua-process.ts');
    const { endpoint } = await server.ask({ kind: 'start', nodes: devices * valuesPerDevice });
    const file = join(folder, 'park.json');
    writeFileSync(file, JSON.stringify({ opcua: [configOf(endpoint, devices)] }));
    await using park = await startBenchPark({ devices, rules: 0, env: { PARK_CONFIG_FILE: file } });
    await until(async () => (await told(park))?.connected === true, 'the connection', connectMs);
    let best: Held | null = null;
    for (const changesPerS of rates) {
      const step = await hold({ park, server }, { changesPerS, forS: Math.min(seconds, 15) });
      const isHeld = step.committedPerS >= held * step.offeredPerS && step.lost === 0;
      report.add(`  offered ${Math.round(step.offeredPerS)} changes/s, committed`, step.committedPerS, {
        unit: 'values/s',
        detail: `${step.lost} lost; CPU a value: park ${us(step.parkUs)}, database ${us(step.databaseUs)}`,
      });
      if (!isHeld) break;
      best = step;
    }
    report.add('value changes of one server, held to the committed row', best?.committedPerS ?? 0, {
      unit: 'values/s',
      ...(smoke ? {} : { atLeast: 80_000 }),
      detail: `${devices * valuesPerDevice} nodes`,
    });
    report.add('memory of the park, the most so far', park.memory()?.mostMib ?? null, { unit: 'MiB' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(endpoint: string, devices: number): object {
  const nodes = Array.from({ length: devices * valuesPerDevice }, (_, node) => ({
    nodeId: `nsu=${opcuaBenchNamespace};s=v${node}`,
    deviceId: deviceId(Math.floor(node / valuesPerDevice)),
    metric: metricNames[node % valuesPerDevice],
  }));
  return {
    id: 'bench',
    endpoint,
    securityMode: 'None',
    samplingIntervalMs: 0,
    publishingIntervalMs: 100,
    nodes,
  };
}

async function told(park: BenchPark): Promise<Told | undefined> {
  const { body } = await park.served.request<{ items: Told[] }>('GET', '/opcua/servers');
  return body.items.find(({ id }) => id === 'bench');
}

async function committed(park: BenchPark): Promise<number> {
  const { body } = await park.served.request<{ items: { source: string; values: { committed: number } }[] }>(
    'GET',
    '/sources',
  );
  return body.items.find(({ source }) => source === 'opcua-bench')?.values.committed ?? 0;
}

async function hold(
  on: { readonly park: BenchPark; readonly server: Worker<OpcuaServerQuestion, OpcuaServerAnswer> },
  { changesPerS, forS }: { readonly changesPerS: number; readonly forS: number },
): Promise<Held> {
  const { park, server } = on;
  await server.ask({ kind: 'change', changesPerS });
  // What it takes to get up to speed is not measured.
  await sleep(3_000);
  const at = async () => ({
    timeMs: performance.now(),
    changes: (await server.ask({ kind: 'figures' })).changes,
    values: await committed(park),
    lost: (await told(park))?.figures?.valuesLost ?? 0,
    cpu: park.cpuMs(),
  });
  const before = await at();
  await sleep(forS * 1_000);
  const after = await at();
  const tookS = (after.timeMs - before.timeMs) / 1_000;
  const values = after.values - before.values;
  const each = (of: 'park' | 'database') =>
    before.cpu === null || after.cpu === null || values === 0
      ? null
      : ((after.cpu[of] - before.cpu[of]) * 1_000) / values;
  return {
    offeredPerS: (after.changes - before.changes) / tookS,
    committedPerS: values / tookS,
    lost: after.lost - before.lost,
    parkUs: each('park'),
    databaseUs: each('database'),
  };
}

function us(value: number | null): string {
  return value === null ? 'unknown' : `${value.toFixed(1)} µs`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await runBench('opcua', (seconds) => 40 + rates.length * (Math.min(seconds, 15) + 4), measure);
