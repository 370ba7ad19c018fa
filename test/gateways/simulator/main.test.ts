import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import { readReadyLine } from '#gateways/simulator/ready.ts';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { silentLog } from '#infra/log.ts';
import { inTime, until } from '#test/kit/events.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const launcher = fileURLToPath(new URL('../../../parkwatch.mjs', import.meta.url));
const clock = systemClock();
const log = silentLog();
const config = mqttConfig();

async function startHouse() {
  await using started = new AsyncDisposableStack();
  const broker = started.use(await startEmbeddedBroker({ config, parkId: 'demo', log, clock }));
  const sink = createHeldSink();
  started.use(await startMqttGateway({ config, parkId: 'demo', sink, clock, log, broker }));
  const parts = started.move();
  return { sink, url: broker.url, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function simulate(args: readonly string[]) {
  const child = spawn(process.execPath, [launcher, 'simulate', '--log-level', 'warn', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
}

function endOf(child: ChildProcess): Disposable {
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

describe('run()', () => {
  test('says when it is ready, sends, and stops cleanly when its standard input ends', async () => {
    await using house = await startHouse();
    const stateDir = mkdtempSync(join(tmpdir(), 'parkwatch-sim-'));
    const park = simulate([
      '--url',
      house.url,
      '--state-dir',
      stateDir,
      '--backfill-days',
      '0',
      '--stop-with-stdin',
    ]);
    using _ = endOf(park.child);
    const ready = await until(() => readReadyLine(park.lines[0] ?? ''), 'the ready line');
    expect(ready.opcuaEndpoint).toMatch(/^opc\.tcp:\/\/127\.0\.0\.1:\d+/);
    expect(ready.nodes.length).toBeGreaterThan(100);
    await until(() => house.sink.committed.some(({ content }) => content.kind === 'telemetry'), 'a packet');
    park.child.stdin?.end();
    expect(await inTime(park.exited, 'the end')).toEqual([0, null]);
    expect(JSON.parse(park.lines.at(-1) ?? '')).toMatchObject({ ready: false, waiting: 0, dropped: 0 });
  });

  test('loads a broker at the given rate and stops on SIGTERM with everything acknowledged', async () => {
    await using house = await startHouse();
    const load = simulate(['--devices', '50', '--rate', '2000', '--url', house.url]);
    using _ = endOf(load.child);
    const values = () =>
      house.sink.committed.reduce(
        (sum, { content }) => sum + (content.kind === 'telemetry' ? content.samples.length : 0),
        0,
      );
    await until(() => values() > 4_000, '4,000 values');
    load.child.kill('SIGTERM');
    expect(await inTime(load.exited, 'the end')).toEqual([0, null]);
    const counts = JSON.parse(load.lines.at(-1) ?? '') as {
      sentValues: number;
      sentPackets: number;
      acknowledgedPackets: number;
    };
    expect(counts.acknowledgedPackets).toBe(counts.sentPackets);
    expect(values()).toBe(counts.sentValues);
    expect(new Set(house.sink.committed.map(({ deviceId }) => deviceId)).size).toBe(50);
  });

  test('prints its park for an import', async () => {
    const printed = simulate(['--print-park']);
    expect(await inTime(printed.exited, 'the end')).toEqual([0, null]);
    const park = JSON.parse(printed.lines.join('\n')) as { spaces: unknown[]; devices: unknown[] };
    expect(park.devices.length).toBeGreaterThan(300);
    expect(park.spaces.length).toBeGreaterThan(50);
  });
  test('ends quietly when who reads its output leaves early', async () => {
    const child = spawn(process.execPath, [launcher, 'simulate', '--print-park'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    using _ = endOf(child);
    const complaints: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await inTime(once(child, 'close'), 'the end')).toEqual([0, null]);
    expect(complaints).toEqual([]);
  });
});
