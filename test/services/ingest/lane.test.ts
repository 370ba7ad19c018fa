import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { migrate } from '#infra/migrate.ts';
import { StoreUnavailable, type Packet } from '#schemas/reading.ts';
import { addTally, emptyTally, isBalanced, waitingValues } from '#services/ingest/ledger.ts';
import { readLedger } from '#services/ingest/store-lists.ts';
import { foldSequences } from '#services/ingest/store-sequences.ts';
import { inTime, until } from '#test/kit/events.ts';
import { eventPacket, refusedPacket, telemetry } from '#test/kit/packets.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { startPostgresProxy, type PostgresProxy } from '#test/kit/postgres-proxy.ts';
import { startHarness, type WriterHarness } from './harness.ts';

const now = Math.floor(Date.now() / 1000) * 1000;
const devices = 20;

/** A device's n-th packet: two values of its own, and the last one of the packet before once more. */
function packet(device: number, n: number): Packet {
  const at = (index: number) => ({ metric: 'power', timeMs: now - 600_000 + index * 100, value: index });
  const samples = [at(2 * n), at(2 * n + 1), ...(n > 0 ? [at(2 * n - 1)] : [])];
  return telemetry(`device-${device}`, samples, { seq: n });
}

function addDevices(harness: WriterHarness): void {
  for (let device = 0; device < devices; device++) harness.directory.add(`device-${device}`, 'power');
}

/** Nothing lost, nothing doubled, the ledger right: `rounds` packets of every device were acknowledged. */
async function expectWhole(harness: WriterHarness, rounds: number): Promise<void> {
  const { rows } = await harness.db.query(
    'select count(*)::int as rows, count(distinct (point_id, time))::int as keys from reading',
  );
  const readings = devices * rounds * 2;
  expect(rows).toEqual([{ rows: readings, keys: readings }]);
  const tally = (await readLedger(harness.db)).of('test');
  expect(tally).toMatchObject({
    packetsReceived: devices * rounds,
    valuesCommitted: readings,
    valuesDuplicate: devices * (rounds - 1),
    valuesCorrected: 0,
  });
  expect(isBalanced(tally, 0)).toBe(true);
  await foldSequences(harness.db);
  const sequences = await harness.db.query(
    `select count(*)::int as devices, sum(repeats)::int as repeats, sum(jsonb_array_length(runs->0->'ranges'))::int as ranges
     from sequence_state`,
  );
  expect(sequences.rows).toEqual([{ devices, repeats: 0, ranges: devices }]);
}

async function writeRound(harness: WriterHarness, round: number): Promise<void> {
  await Promise.all(
    Array.from({ length: devices }, (_, device) => harness.writer.write(packet(device, round))),
  );
}

const retries = (harness: WriterHarness) =>
  harness.writer.status().lanes.reduce((sum, lane) => sum + lane.retries, 0);

describe('a connection that breaks', () => {
  let database: TestDatabase;
  let proxy: PostgresProxy;
  let harness: WriterHarness;
  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await startPostgresProxy(database.url);
    harness = await startHarness(database.url, { databaseUrl: proxy.url });
    addDevices(harness);
    return async () => {
      await harness[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    };
  });

  test.each([
    ['before COMMIT reaches the server', 'cut-before', 'commit'],
    ['before the reply to COMMIT reaches us', 'lose-answer', 'commit'],
    ['while the ledger is written', 'lose-answer', 'add-to-ledger'],
    ['while readings are copied', 'cut-before', 'PGCOPY'],
    ['while the copy is begun', 'lose-answer', 'copy reading'],
    ['while a flush is claimed', 'lose-answer', 'claim-flush'],
  ] as const)('a break %s loses and doubles nothing', async (_, fault, text) => {
    await writeRound(harness, 0);
    for (let round = 1; round < 6; round++) {
      proxy.arm(fault, text);
      await writeRound(harness, round);
    }
    expect(proxy.faults).toBeGreaterThanOrEqual(4);
    expect(retries(harness)).toBeGreaterThanOrEqual(4);
    await expectWhole(harness, 6);
    const frames = harness.frames.flatMap((frame) => frame.pointIds);
    expect(frames).toHaveLength(devices * 6 * 2);
  });

  test('a server that is no longer heard is given up, and what it did meanwhile is not done twice', async () => {
    const clock = systemClock();
    // A minute of silence, in a second.
    const quick = {
      ...clock,
      after: (ms: number, task: () => void) => clock.after(Math.min(ms, 1_000), task),
    };
    await using impatient = await startHarness(database.url, { databaseUrl: proxy.url, clock: quick });
    addDevices(impatient);
    await writeRound(impatient, 0);
    proxy.arm('swallow-answer', 'commit');
    proxy.arm('swallow-answer', 'add-to-ledger');
    await writeRound(impatient, 1);
    expect(proxy.faults).toBe(2);
    await expectWhole(impatient, 2);
  });

  test('sessions that are ended by the server at any moment lose and double nothing', async () => {
    let round = 0;
    const kills = (async () => {
      for (let kill = 0; kill < 15; kill++) {
        const seen = round;
        await harness.db.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name like 'parkwatch-writer-%'`,
        );
        await until(() => round > seen, 'another round');
      }
    })();
    const killing = new AbortController();
    void kills.finally(() => killing.abort());
    for (; !killing.signal.aborted; round++) await writeRound(harness, round);
    await kills;
    await expectWhole(harness, round);
  });

  test('two writers that meet in the same keys store each once and journal what one replaced of the other', async () => {
    await using other = await startHarness(database.url, { directory: harness.directory });
    const of = (value: number, device: number, n: number) =>
      telemetry(`device-${device}`, [{ metric: 'power', timeMs: now + n, value }], { seq: n });
    const writes: Promise<void>[] = [];
    for (let n = 0; n < 30; n++) {
      for (let device = 0; device < devices; device++) {
        writes.push(harness.writer.write(of(1, device, n)), other.writer.write(of(2, device, n)));
      }
    }
    await Promise.all(writes);
    const keys = devices * 30;
    await foldSequences(harness.db);
    const { rows } = await harness.db.query(
      `select (select count(*)::int from reading) as readings, (select count(*)::int from reading_correction) as corrections,
         (select count(*)::int from reading r join reading_correction c using (point_id, time)
          where r.value = c.new_value and c.old_value = 3 - r.value) as explained,
         (select sum(repeats)::int from sequence_state) as repeats`,
    );
    expect(rows).toEqual([{ readings: keys, corrections: keys, explained: keys, repeats: keys }]);
    const tally = (await readLedger(harness.db)).of('test');
    expect(tally).toMatchObject({ valuesCommitted: 2 * keys, valuesCorrected: keys, valuesDuplicate: 0 });
  });

  test('the equations of the ledger hold at every instant of any workload, breaks included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 300 }), async (steps) => {
        const working = new AbortController();
        const watching = watchLedger(harness, working.signal);
        const writes = steps.map(async (one, index) => {
          // Some at once, some later: flushes of every size.
          for (let turn = 0; turn < index / 25; turn++) await harness.clock.sleep(1);
          if (one.fault !== null) proxy.arm(one.fault, 'commit');
          await harness.writer.write(one.packet);
        });
        await Promise.all(writes);
        working.abort();
        expect(await watching).not.toContain(false);
        for (const [, tally] of harness.writer.status().pending) {
          expect([tally.packetsReceived, waitingValues(tally)]).toEqual([0, 0]);
        }
      }),
      { numRuns: 6 },
    );
    expect(proxy.faults).toBeGreaterThan(0);
    const { rows } = await harness.db.query(
      'select count(*) = count(distinct (point_id, time)) as once from reading',
    );
    expect(rows).toEqual([{ once: true }]);
  });
});

/** One packet of a random workload, and perhaps a break with it. */
const step = fc
  .record({
    kind: fc.constantFrom('telemetry', 'numbered', 'event', 'refused'),
    device: fc.integer({ min: 0, max: devices + 2 }),
    metric: fc.constantFrom('power', 'power', 'power', 'colour'),
    ago: fc.integer({ min: 0, max: 100 }),
    value: fc.constantFrom(0, 1, 2, Number.NaN),
    source: fc.constantFrom('a', 'b'),
    unacknowledged: fc.boolean(),
    fault: fc.oneof(
      { weight: 60, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom('lose-answer' as const, 'cut-before' as const) },
    ),
  })
  .map(({ kind, device, metric, ago, value, source, unacknowledged, fault }) => {
    const deviceId = `device-${device}`;
    const samples = [{ metric, timeMs: now - ago * 1_000, value }];
    const kinds = {
      telemetry: () => telemetry(deviceId, samples, { source, unacknowledged }),
      numbered: () => telemetry(deviceId, [...samples, ...samples], { source, seq: ago }),
      event: () => eventPacket(deviceId, [{ timeMs: now - ago, type: 'trip' }]),
      refused: () => refusedPacket(null, now),
    };
    return { packet: kinds[kind](), fault };
  });

/** Looks at the ledger again and again, stored and with what waits; tells whether it was right each time. */
async function watchLedger(harness: WriterHarness, stop: AbortSignal): Promise<boolean[]> {
  const seen: boolean[] = [];
  while (!stop.aborted) {
    const stored = await readLedger(harness.db);
    const { pending } = harness.writer.status();
    for (const source of new Set([...stored.bySource.keys(), ...pending.keys()])) {
      const waits = pending.get(source) ?? emptyTally();
      const total = emptyTally();
      addTally(total, stored.of(source));
      addTally(total, waits);
      seen.push(isBalanced(stored.of(source), 0) && isBalanced(total, waitingValues(waits)));
    }
  }
  return seen;
}

describe('a server that stops', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  let harness: WriterHarness;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-lane-'));
    server = await startEmbeddedPostgres({
      dataDir,
      log: silentLog(),
      clock: systemClock(),
      settings: { fsync: 'off', shared_buffers: '64MB' },
    });
    await migrate({ databaseUrl: server.url, log: silentLog() });
    harness = await startHarness(server.url, { waiting: { values: 3_000, bytes: 1e8 } });
    addDevices(harness);
  });
  afterAll(async () => {
    await harness[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Writes until it is accepted, as a gateway that holds back does. */
  async function insist(next: Packet): Promise<void> {
    for (;;) {
      try {
        await harness.writer.write(next);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await harness.clock.sleep(20);
      }
    }
  }

  /** Pids of the writer's server processes. */
  async function backends(): Promise<number[]> {
    const { rows } = await harness.db.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name like 'parkwatch-writer-%'`,
    );
    return rows.map((row) => row.pid);
  }

  test('packets wait in bounded memory while it stands still, and all are committed once when it goes on', async () => {
    const rounds = 100;
    await writeRound(harness, 0);
    const pids = await backends();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    let refused = 0;
    const writes: Promise<void>[] = [];
    for (let round = 1; round < rounds; round++) {
      for (let device = 0; device < devices; device++) {
        const first = harness.writer.write(packet(device, round));
        writes.push(
          first.catch((error: unknown) => {
            expect(error).toBeInstanceOf(StoreUnavailable);
            refused++;
            return insist(packet(device, round));
          }),
        );
      }
    }
    await harness.clock.sleep(100);
    expect(refused).toBeGreaterThan(0);
    expect(harness.writer.status().waitingValues).toBeLessThan(3_010);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await inTime(Promise.all(writes), 'everything to be committed');
    const { rows } = await harness.db.query('select count(*)::int as rows from reading');
    expect(rows).toEqual([{ rows: devices * rounds * 2 }]);
    // Packets that were held back came out of order here, so only the sums are compared.
    const tally = (await readLedger(harness.db)).of('test');
    expect(tally).toMatchObject({
      valuesCommitted: devices * rounds * 2,
      valuesDuplicate: devices * (rounds - 1),
    });
  });

  test('a stop while it stands still gives back what is not committed, and sending that again is harmless', async () => {
    const quick = {
      ...harness.clock,
      after: (ms: number, task: () => void) => harness.clock.after(Math.min(ms, 300), task),
    };
    const stopping = await startHarness(server.url, { directory: harness.directory, clock: quick });
    await stopping.writer.write(packet(0, 500));
    const pids = await backends();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const unsent = Promise.allSettled([1, 2, 3].map((device) => stopping.writer.write(packet(device, 500))));
    await inTime(Promise.resolve(stopping[Symbol.asyncDispose]()), 'the writer to stop');
    expect(await unsent).toEqual(
      [1, 2, 3].map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })),
    );
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await Promise.all([1, 2, 3].map((device) => insist(packet(device, 500))));
    const { rows } = await harness.db.query(
      'select count(*)::int as rows from reading where time >= $1 and time <= $2',
      [new Date(now - 600_000 + 999 * 100), new Date(now - 600_000 + 1_001 * 100)],
    );
    expect(rows).toEqual([{ rows: 4 * 3 }]);
  });

  test('a statement that stands behind a lock goes on when the lock is gone', async () => {
    const blocker = await harness.db.connect();
    await blocker.query('begin; lock table reading in access exclusive mode');
    const write = harness.writer.write(packet(4, 600));
    await until(
      async () =>
        (await blocker.query(`select from pg_locks where not granted and locktype = 'relation'`)).rowCount,
      'the writer to stand behind the lock',
    );
    expect(harness.writer.status().waitingValues).toBe(3);
    await blocker.query('rollback');
    blocker.release();
    await write;
    expect(harness.writer.status().waitingValues).toBe(0);
  });

  test('a crash of the server loses and doubles nothing', async () => {
    await harness.db.query('truncate reading, ledger, sequence_state, sequence_heard');
    const [pid] = await backends();
    const from = 1_000;
    const writes = Array.from({ length: 40 }, (_, round) =>
      Array.from({ length: devices }, (_unused, device) =>
        harness.writer.write(packet(device, from + round)),
      ),
    ).flat();
    // A server process that is killed makes the whole server drop every connection and recover.
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await inTime(Promise.all(writes), 'everything to be committed');
    const { rows } = await until(
      () => harness.db.query('select count(*)::int as rows from reading').catch(() => null),
      'the server to answer',
    );
    // Each packet repeats the last value of the one before it, the first one too.
    expect(rows).toEqual([{ rows: devices * (40 * 2 + 1) }]);
    expect(retries(harness)).toBeGreaterThan(0);
  });
});
