import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { sayText } from '#schemas/phrases.ts';
import { StoreUnavailable } from '#schemas/reading.ts';
import { fieldFilter } from '#schemas/topics.ts';
import { openSpoolFolder } from '#services/spool/files.ts';
import { startMqttPublisher } from '#services/spool/mqtt-publisher.ts';
import { levelOf, startSpool, type Spool } from '#services/spool/spool.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { root } from '#test/kit/tree.ts';
import { createTestPublisher, numbered, numbersOf, packetOf, sampleOf, type TestPublisher } from './kit.ts';

const clock = systemClock();
let cleanup = new AsyncDisposableStack();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parkwatch-spool-'));
});
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  publisher: TestPublisher,
  more: { limitBytes?: number; clock?: typeof clock } = {},
): Promise<Spool> {
  const files = await openSpoolFolder(folder);
  return startSpool({ files, publisher, parkId: 'demo', clock, log: silentLog(), ...more });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

async function writeAll(spool: Spool, from: number, to: number): Promise<void> {
  await Promise.all(range(from, to).map((number) => spool.write(numbered(number))));
}

function segmentFiles(): string[] {
  return readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name));
}

describe('startSpool()', () => {
  it('publishes what was written, in order, and gives the disk back', async () => {
    const publisher = createTestPublisher();
    const spool = await start(publisher);
    await writeAll(spool, 1, 2_000);
    await publisher.until(() => publisher.published.length === 2_000);
    expect(numbersOf(publisher.published)).toEqual(range(1, 2_000));
    await spool[Symbol.asyncDispose]();
    expect(segmentFiles()).toEqual([]);
  });

  it('keeps what the broker has not acknowledged, and publishes it after the next start', async () => {
    const publisher = createTestPublisher('hold');
    const spool = await start(publisher);
    await writeAll(spool, 1, 50);
    await publisher.until(() => publisher.published.length === 50);
    await spool[Symbol.asyncDispose]();
    expect(segmentFiles()).toHaveLength(1);
    const next = createTestPublisher();
    cleanup.use(await start(next));
    await next.until(() => next.published.length === 50);
    expect(numbersOf(next.published)).toEqual(range(1, 50));
    await expect.poll(segmentFiles).toEqual([]);
  });

  it('has no more under way than the broker wants, and begins again at the oldest it refused', async () => {
    const publisher = createTestPublisher('hold');
    publisher.window = 10;
    const spool = cleanup.use(await start(publisher));
    await writeAll(spool, 1, 100);
    await publisher.until(() => publisher.published.length >= 10);
    await clock.sleep(20);
    expect(publisher.published).toHaveLength(10);
    publisher.mode = 'refuse';
    publisher.published.length = 0;
    const refusing = cleanup.use(await startSpoolElsewhere(publisher));
    await writeAll(refusing, 1, 100);
    await expect.poll(() => refusing.status().trouble).toBe('not authorized');
    publisher.published.length = 0;
    publisher.mode = 'ack';
    await publisher.until(() => publisher.published.length === 100);
    expect(numbersOf(publisher.published)).toEqual(range(1, 100));
    expect(refusing.status().trouble).toBeNull();
  });

  it('gives back a segment in use once it is shipped and nothing follows', async () => {
    const publisher = createTestPublisher();
    const still = fakeClock();
    const spool = cleanup.use(await start(publisher, { clock: still }));
    await writeAll(spool, 1, 10);
    await publisher.until(() => publisher.published.length === 10);
    await still.advance(20_000);
    await expect.poll(segmentFiles).toEqual([]);
    // The file is gone a moment before it is accounted for.
    await expect.poll(() => spool.status().usedBytes).toBe(0);
    await writeAll(spool, 11, 12);
    await publisher.until(() => publisher.published.length === 12);
  });

  it('raises the alarm before it is full, then holds the gateway back, and takes more when there is room', async () => {
    const publisher = createTestPublisher('hold');
    const spool = cleanup.use(await start(publisher, { limitBytes: 64 * 1024 }));
    const levels = new Set<string>();
    const body = (number: number) =>
      packetOf('em-1', [sampleOf('number', number, number), sampleOf('text', number, 'x'.repeat(400))]);
    const refusals: unknown[] = [];
    let taken = 0;
    while (refusals.length === 0) {
      await spool.write(body(taken)).then(
        () => taken++,
        (error: unknown) => refusals.push(error),
      );
      levels.add(spool.status().level);
    }
    expect(refusals[0]).toBeInstanceOf(StoreUnavailable);
    expect([...levels]).toEqual(['ok', 'filling', 'full']);
    publisher.settle();
    await expect.poll(() => spool.status().usedBytes).toBeLessThan(8 * 1024);
    await spool.write(body(taken));
    expect(spool.status().level).toBe('ok');
    await publisher.until(() => publisher.published.length === taken + 1);
  });

  it('skips damaged bytes with an alarm, publishes the rest, and cuts off what a crash left unfinished', async () => {
    const held = createTestPublisher('hold');
    const first = await start(held, { limitBytes: 64 * 1024 });
    await writeAll(first, 1, 60);
    await writeAll(first, 61, 100);
    await first[Symbol.asyncDispose]();
    const [oldest = '', ...others] = segmentFiles();
    expect(others.length).toBeGreaterThan(0);
    const bytes = readFileSync(oldest);
    const recordBytes = bytes.readUInt32BE(0) + 12;
    bytes.fill(0xff, recordBytes + 20, recordBytes + 25);
    writeFileSync(oldest, bytes);
    const newest = others.at(-1) ?? '';
    truncateSync(newest, statSync(newest).size - 5);

    const publisher = createTestPublisher();
    const spool = cleanup.use(await start(publisher));
    await publisher.until(() => publisher.published.length === 98);
    expect(numbersOf(publisher.published)).toEqual(range(1, 99).filter((number) => number !== 2));
    expect(spool.status().corrupt).toBe(1);
    await expect.poll(segmentFiles).toEqual([]);
  });

  it('ignores files that are none of its own, and a segment of nothing but noise', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, '000000000003.v1.spool'), Buffer.alloc(100_000, 0x55));
    writeFileSync(join(folder, '000000000007.v1.spool'), '');
    const publisher = createTestPublisher();
    const spool = cleanup.use(await start(publisher));
    await writeAll(spool, 1, 3);
    await publisher.until(() => publisher.published.length === 3);
    await expect.poll(() => spool.status().corrupt).toBe(1);
    await expect.poll(() => existsSync(join(folder, '000000000003.v1.spool'))).toBe(false);
    expect(existsSync(join(folder, 'notes.txt'))).toBe(true);
  });

  it('never refuses a packet for what it holds', async () => {
    const publisher = createTestPublisher();
    const spool = cleanup.use(await start(publisher));
    await spool.write({ ...numbered(1), content: { kind: 'refused', reason: 'empty', detail: sayText('') } });
    await spool.write(packetOf('em-1', [sampleOf('text', 1, 'x'.repeat(400_000))]));
    await spool.write(numbered(2));
    await publisher.until(() => publisher.published.length === 1);
    expect(spool.status().refused).toBe(2);
  });

  it('loses nothing it answered for when it is killed, again and again', async () => {
    const answered = new Set<number>();
    for (let round = 0; round < 4; round++) {
      for (const number of await writeUntilKilled(round * 1_000_000, 40 + round * 60)) answered.add(number);
    }
    expect(answered.size).toBeGreaterThan(100);
    const publisher = createTestPublisher();
    cleanup.use(await start(publisher));
    await expect.poll(segmentFiles).toEqual([]);
    const published = new Set(numbersOf(publisher.published));
    expect([...answered].filter((number) => !published.has(number))).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'holds back on a full disk and goes on when there is room',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
      cleanup.defer(() => void execFileSync('umount', ['-l', folder]));
      const publisher = createTestPublisher('hold');
      const spool = cleanup.use(await start(publisher));
      const body = (number: number) =>
        packetOf('em-1', [sampleOf('number', number, number), sampleOf('text', number, 'x'.repeat(1_000))]);
      const taken: number[] = [];
      let refused = 0;
      for (let number = 1; number <= 400; number++) {
        await spool.write(body(number)).then(
          () => taken.push(number),
          () => refused++,
        );
      }
      expect(refused).toBeGreaterThan(100);
      expect(spool.status().trouble).toContain('ENOSPC');
      publisher.settle();
      await expect.poll(() => spool.status().usedBytes).toBe(0);
      await spool.write(body(401));
      await publisher.until(() => publisher.published.length === taken.length + 1);
      expect(spool.status()).toMatchObject({ trouble: null, corrupt: 0 });
    },
  );
});

async function startSpoolElsewhere(publisher: TestPublisher): Promise<Spool> {
  const other = mkdtempSync(join(tmpdir(), 'parkwatch-spool-'));
  cleanup.defer(() => rmSync(other, { recursive: true, force: true }));
  const files = await openSpoolFolder(other);
  return startSpool({ files, publisher, parkId: 'demo', clock, log: silentLog() });
}

/** Runs a process that writes numbers from `from` on and kills it; which it said were durable. */
async function writeUntilKilled(from: number, afterLines: number): Promise<number[]> {
  const child = spawn(
    process.execPath,
    [join(root, 'test/services/spool/writing-child.ts'), folder, String(from)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split('\n').length > afterLines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return output.split('\n').slice(0, -1).map(Number);
}

describe('levelOf()', () => {
  it('raises the alarm at 80 % and lifts it below 60 %', () => {
    expect([0.5, 0.79, 0.8, 0.99].map((share) => levelOf(share, 'ok'))).toEqual([
      'ok',
      'ok',
      'filling',
      'full',
    ]);
    expect([0.7, 0.6, 0.59].map((share) => levelOf(share, 'filling'))).toEqual(['filling', 'filling', 'ok']);
    expect(levelOf(0.7, 'full')).toBe('filling');
  });
});

describe.skipIf(!hasMosquitto())('startMqttPublisher() at an external broker', () => {
  it('delivers everything in order, through a restart of the broker', async () => {
    const broker = cleanup.use(await startMosquitto(['max_inflight_messages 0', 'max_queued_messages 0']));
    const received: number[] = [];
    const park = await connectAsync(broker.url, { clientId: 'park', clean: false, reconnectPeriod: 50 });
    cleanup.defer(() => park.endAsync(true));
    park.on('message', (_, payload) => received.push(...numbersOf([{ topic: '', payload }])));
    await park.subscribeAsync(fieldFilter('demo', 'telemetry'), { qos: 1 });
    const publisher = cleanup.use(
      startMqttPublisher({
        config: mqttConfig({ url: broker.url }),
        url: broker.url,
        parkId: 'demo',
        clock,
        log: silentLog(),
      }),
    );
    const files = await openSpoolFolder(folder);
    const spool = cleanup.use(
      await startSpool({ files, publisher, parkId: 'demo', clock, log: silentLog() }),
    );
    await writeAll(spool, 1, 1_000);
    await broker.stop();
    await writeAll(spool, 1_001, 2_000);
    await broker.restart();
    await expect.poll(() => new Set(received).size).toBe(2_000);
    const firsts = [...new Set(received)];
    expect(firsts).toEqual(range(1, 2_000));
    expect(publisher.connected).toBe(true);
  });
});
