import { beforeEach, describe, expect, inject, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { StoreUnavailable } from '#schemas/reading.ts';
import { isBalanced } from '#services/ingest/ledger.ts';
import { foldSequences } from '#services/ingest/store-sequences.ts';
import { until } from '#test/kit/events.ts';
import { eventPacket, packetOf, refusedPacket, telemetry } from '#test/kit/packets.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { allReadings, startHarness, storedLedger, storePoints, type WriterHarness } from './harness.ts';

let database: TestDatabase;
let harness: WriterHarness;
const dayMs = 86_400_000;
const now = Math.floor(Date.now() / 1000) * 1000;

beforeEach(async () => {
  database = await createTestDatabase();
  harness = await startHarness(database.url);
  return async () => {
    await harness[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
});

const power = (timeMs: number, value: number, more: { rev?: number; quality?: 'good' | 'bad' } = {}) =>
  telemetry('em-1', [{ metric: 'power', timeMs, value, ...more }], { receivedAtMs: now });

async function count(table: string): Promise<number> {
  const { rows } = await harness.db.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? -1;
}

async function balance() {
  const book = await storedLedger(harness.db);
  for (const tally of book.bySource.values()) expect(isBalanced(tally, 0)).toBe(true);
  return book.of('test');
}

describe('write()', () => {
  test('write() stores readings before it resolves and publishes them after', async () => {
    const { pointId } = harness.directory.add('em-1', 'power');
    await harness.writer.write(power(now, 1.5));
    expect(await allReadings(harness.db)).toEqual([`${pointId} ${now} 1.5 0`]);
    expect(harness.frames).toEqual([{ pointIds: [pointId], timesMs: [now], values: [1.5], qualities: [0] }]);
    expect(harness.writer.status().lanes.reduce((sum, lane) => sum + lane.directReadings, 0)).toBe(1);
  });

  test('write() keeps times down to a microsecond and negative, huge and tiny values to the bit', async () => {
    harness.directory.add('em-1', 'power');
    const values = [-1.7976931348623157e308, 5e-324, 0.1 + 0.2, -0, 123456789.12345679];
    for (const [index, value] of values.entries())
      await harness.writer.write(power(now + index / 1000, value));
    const { rows } = await harness.db.query<{ us: string; value: number }>(
      'select (extract(epoch from time) * 1000000)::int8::text as us, value from reading order by time',
    );
    expect(rows.map((row) => row.value)).toEqual(values.map((value) => value + 0));
    expect(rows.map((row) => row.us)).toEqual(values.map((_, index) => String(now * 1000 + index)));
  });

  test('write() of the same packet again counts duplicates and changes nothing', async () => {
    harness.directory.add('em-1', 'power');
    await harness.writer.write(power(now, 1));
    await Promise.all(
      [power(now, 1), power(now + 1000, 2), power(now + 1000, 2)].map((p) => harness.writer.write(p)),
    );
    expect(await allReadings(harness.db)).toEqual([`1 ${now} 1 0`, `1 ${now + 1000} 2 0`]);
    expect(await balance()).toMatchObject({ valuesReceived: 4, valuesCommitted: 2, valuesDuplicate: 2 });
  });

  test('write() of another value corrects, journals the old one, and knows it when it comes again', async () => {
    harness.directory.add('em-1', 'power');
    await harness.writer.write(power(now, 1));
    await harness.writer.write(power(now, 2, { quality: 'bad' }));
    await harness.writer.write(power(now, 1));
    expect(await allReadings(harness.db)).toEqual([`1 ${now} 2 2`]);
    const { rows } = await harness.db.query(
      'select old_value, old_quality, new_value, new_quality from reading_correction',
    );
    expect(rows).toEqual([{ old_value: 1, old_quality: 0, new_value: 2, new_quality: 2 }]);
    expect(await balance()).toMatchObject({ valuesCommitted: 2, valuesCorrected: 1, valuesDuplicate: 1 });
    expect(harness.frames.flatMap((frame) => frame.values)).toEqual([1, 2]);
  });

  test('write() lets the higher revision stand, whenever it comes', async () => {
    harness.directory.add('em-1', 'power');
    await harness.writer.write(power(now, 3, { rev: 3 }));
    await harness.writer.write(power(now, 2, { rev: 2 }));
    await harness.writer.write(power(now, 0));
    expect(await allReadings(harness.db)).toEqual([`1 ${now} 3 0`]);
    await harness.writer.write(power(now, 2, { rev: 4 }));
    await harness.writer.write(power(now, 3, { rev: 3 }));
    expect(await allReadings(harness.db)).toEqual([`1 ${now} 2 0`]);
    expect((await harness.db.query('select rev::int from reading_rev')).rows).toEqual([{ rev: 4 }]);
  });

  test('write() folds one flush in order of arrival', async () => {
    harness.directory.add('em-1', 'power');
    const packet = telemetry(
      'em-1',
      [1, 2, 1, 3].map((value) => ({ metric: 'power', timeMs: now, value })),
    );
    await harness.writer.write(packet);
    expect(await allReadings(harness.db)).toEqual([`1 ${now} 3 0`]);
    expect(await balance()).toMatchObject({ valuesCommitted: 3, valuesCorrected: 2, valuesDuplicate: 1 });
    expect(await count('reading_correction')).toBe(2);
  });

  test('write() stages after a copy that met a key of another process', async () => {
    harness.directory.add('em-1', 'power');
    await harness.db.query('insert into reading values ($1, 7, 1, 0)', [new Date(now)]);
    await harness.writer.write(power(now, 7));
    await harness.writer.write(power(now + 1, 8));
    expect(await allReadings(harness.db)).toEqual([`1 ${now} 7 0`, `1 ${now + 1} 8 0`]);
    expect(await balance()).toMatchObject({ valuesCommitted: 1, valuesDuplicate: 1 });
  });

  test('write() after a restart knows what is committed', async () => {
    harness.directory.add('em-1', 'power');
    await storePoints(harness.db, harness.directory);
    await harness.writer.write(power(now, 1));
    await using again = await startHarness(database.url, { directory: harness.directory });
    await again.writer.write(power(now, 1));
    await again.writer.write(power(now + 1000, 1));
    const lanes = again.writer.status().lanes;
    expect(lanes.reduce((sum, lane) => sum + lane.stagedReadings, 0)).toBe(1);
    expect(lanes.reduce((sum, lane) => sum + lane.retries, 0)).toBe(0);
  });

  test('write() books what is refused and rejected, and counts what is ignored', async () => {
    harness.directory.add('em-1', 'power', { min: 0, max: 100 });
    harness.directory.add('lift-1', 'door', { kind: 'state', states: ['closed', 'open'] });
    harness.directory.ignore('em-1', 'noise');
    await harness.writer.write(refusedPacket('em-1', now));
    await harness.writer.write(refusedPacket(null, now));
    await harness.writer.write(
      telemetry('em-1', [
        { metric: 'power', timeMs: now, value: 500 },
        { metric: 'power', timeMs: now, value: Number.NaN },
        { metric: 'noise', timeMs: now, value: 1 },
      ]),
    );
    await harness.writer.write(
      telemetry(
        'lift-1',
        ['ajar', 1.5, 2, -1, 'open'].map((value, at) => ({ metric: 'door', timeMs: now + at, value })),
      ),
    );
    const { rows } = await harness.db.query(
      'select reason, value_count, device_id from rejection order by id',
    );
    expect(rows.map((row) => `${row.device_id} ${row.reason} ${row.value_count}`).toSorted()).toEqual([
      'em-1 implausible 1',
      'em-1 not-a-number 1',
      'em-1 not-json 0',
      'lift-1 unknown-state 4',
      'null not-json 0',
    ]);
    const tally = await balance();
    expect(tally).toMatchObject({
      packetsReceived: 4,
      packetsRefused: 2,
      valuesReceived: 8,
      valuesCommitted: 1,
    });
    expect(tally.rejected.get('ignored')).toBe(1);
  });

  test('write() keeps what unknown devices and metrics send as discoveries', async () => {
    harness.directory.add('em-1', 'power');
    const values = [
      { metric: 'power', timeMs: now, value: 1 },
      { metric: 'colour', timeMs: now, value: 'red\0' },
    ];
    await harness.writer.write(telemetry('em-1', values, { seq: 5 }));
    await harness.writer.write(telemetry('nobody', values, { seq: 6 }));
    await harness.writer.write(eventPacket('nobody', [{ timeMs: now, type: 'trip' }]));
    const { rows } = await harness.db.query(
      `select device_id, metrics, value_count, content->>'kind' as kind, content->'sequence' as sequence
       from discovery_packet order by device_id, id`,
    );
    expect(rows).toEqual([
      { device_id: 'em-1', metrics: ['colour'], value_count: 1, kind: 'telemetry', sequence: [] },
      {
        device_id: 'nobody',
        metrics: ['power', 'colour'],
        value_count: 2,
        kind: 'telemetry',
        sequence: [{ seq: 6, timeMs: now }],
      },
      { device_id: 'nobody', metrics: [], value_count: 0, kind: 'event', sequence: null },
    ]);
    expect(await balance()).toMatchObject({ valuesReceived: 4, valuesUndiscovered: 3, valuesCommitted: 1 });
    await foldSequences(harness.db);
    expect((await harness.db.query('select device_id from sequence_state')).rows).toEqual([
      { device_id: 'em-1' },
    ]);
    expect((await harness.db.query('select device_id from device_status')).rows).toEqual([
      { device_id: 'em-1' },
    ]);
  });

  test('write() stores an event once, by its id or by its data', async () => {
    harness.directory.add('door-1', 'door');
    const denied = { timeMs: now, type: 'access.denied', data: { b: 1, a: 'x\0y' } };
    const packets = [
      eventPacket('door-1', [
        denied,
        { ...denied, data: { a: 'x\0y', b: 1 } },
        { ...denied, data: { a: 2 } },
      ]),
      eventPacket('door-1', [
        { ...denied, id: 'e1' },
        { ...denied, id: 'e1', data: {} },
      ]),
      eventPacket('door-1', [
        { ...denied, id: 'e2', untimed: true },
        { ...denied, id: 'e2', timeMs: now + 1, untimed: true },
      ]),
      eventPacket('door-1', [
        { ...denied, untimed: true },
        { ...denied, untimed: true },
      ]),
    ];
    for (const packet of packets) await harness.writer.write(packet);
    for (const packet of packets.slice(0, 3)) await harness.writer.write(packet);
    expect(await count('event')).toBe(2 + 1 + 1 + 2);
    expect(await balance()).toMatchObject({ eventsCommitted: 6, eventsDuplicate: 10 });
  });

  test('write() keeps the newest status and tells the bus', async () => {
    harness.directory.add('em-1', 'power');
    const told: string[] = [];
    harness.bus.subscribe('device', (message) => told.push(message.status));
    const status = (word: 'online' | 'offline', timeMs: number) =>
      packetOf('em-1', { kind: 'status', status: word, timeMs }, { receivedAtMs: now });
    await harness.writer.write(status('online', now));
    await harness.writer.write(status('offline', now - 1000));
    await harness.writer.write(power(now, 1));
    const { rows } = await harness.db.query('select status, status_at, last_seen from device_status');
    expect(rows).toEqual([{ status: 'online', status_at: new Date(now), last_seen: new Date(now) }]);
    expect(told).toEqual(['online', 'offline']);
  });

  test('write() lists readings that came after their local day, one row a flush and point', async () => {
    harness.directory.add('em-1', 'power');
    const at = (daysAgo: number, value: number) => ({
      metric: 'power',
      timeMs: now - daysAgo * dayMs,
      value,
    });
    await harness.writer.write(telemetry('em-1', [at(0, 1), at(3, 2), at(2, 3), at(2, 3)]));
    const { rows } = await harness.db.query('select point_id, from_time, to_time, count from late_arrival');
    expect(rows).toEqual([
      { point_id: 1, from_time: new Date(now - 3 * dayMs), to_time: new Date(now - 2 * dayMs), count: 2 },
    ]);
  });

  test('write() gives back what is too much at once and takes it again afterwards', async () => {
    await using small = await startHarness(database.url, { waiting: { values: 2, bytes: 1e6 } });
    small.directory.add('em-1', 'power');
    const first = small.writer.write(
      telemetry(
        'em-1',
        [0, 1].map((at) => ({ metric: 'power', timeMs: now + at, value: at })),
      ),
    );
    await expect(small.writer.write(power(now + 5, 5))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(small.writer.status().waitingValues).toBe(2);
    await first;
    await small.writer.write(power(now + 5, 5));
    expect(await count('reading')).toBe(3);
  });

  test('write() books a packet that the store cannot take and commits the others', async () => {
    harness.directory.add('em-1', 'power');
    const poison = eventPacket('em-1', [{ timeMs: Number.POSITIVE_INFINITY, type: 'trip' }]);
    await Promise.all(
      [power(now, 1), { ...poison, receivedAtMs: now }, power(now + 1, 2)].map((p) =>
        harness.writer.write(p),
      ),
    );
    expect(await count('reading')).toBe(2);
    expect((await harness.db.query('select reason from rejection')).rows).toEqual([
      { reason: 'wrong-shape' },
    ]);
    expect(await balance()).toMatchObject({ packetsReceived: 3, packetsRefused: 1 });
  });

  test.skipIf(inject('dialect') !== 'plain')(
    'write() makes the partition of a day that has none',
    async () => {
      harness.directory.add('em-1', 'power');
      const name = `reading_${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}`;
      await harness.db.query(`drop table ${name}`);
      await harness.writer.write(power(now, 1));
      expect(await count(name)).toBe(1);
    },
  );

  test('write() loses and doubles nothing when the clock of the host is set forward and back', async () => {
    let setMs = 0;
    const system = systemClock();
    const clock = { ...system, nowMs: () => system.nowMs() + setMs };
    await using set = await startHarness(database.url, { directory: harness.directory, clock });
    harness.directory.add('em-1', 'power');
    const write = (timeMs: number, value: number) =>
      set.writer.write(
        telemetry('em-1', [{ metric: 'power', timeMs, value }], { receivedAtMs: clock.nowMs() }),
      );
    await write(now, 1);
    // Farther than there are partitions ahead: the database's own clock knows nothing of it.
    setMs = 5 * dayMs;
    await write(now + setMs, 2);
    await write(now + 1, 3);
    setMs = -3 * 3_600_000;
    await write(now + setMs, 4);
    expect(await allReadings(set.db)).toEqual(
      [
        [now + setMs, 4],
        [now, 1],
        [now + 1, 3],
        [now + 5 * dayMs, 2],
      ].map(([timeMs, value]) => `1 ${timeMs} ${value} 0`),
    );
    // What the devices' clocks say is ahead of ours now; it is refused in the book, and counted.
    await write(now + 2, 5);
    expect(await balance()).toMatchObject({ valuesReceived: 5, valuesCommitted: 4, valuesDuplicate: 0 });
    expect((await set.db.query('select reason from rejection')).rows).toEqual([{ reason: 'future-time' }]);
  });

  test.skipIf(inject('dialect') !== 'plain')(
    'write() waits, and refuses nothing, while the partition cannot be made',
    async () => {
      harness.directory.add('em-1', 'power');
      const name = `reading_${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}`;
      await harness.db.query(`drop table ${name}; create table ${name} (something text)`);
      const write = harness.writer.write(power(now, 1));
      await until(() => harness.writer.status().lanes.some((lane) => lane.retries > 2), 'some attempts');
      await harness.db.query(`drop table ${name}`);
      await write;
      expect(await count(name)).toBe(1);
      expect(await count('rejection')).toBe(0);
    },
  );

  test('dispose commits what waits and then refuses', async () => {
    harness.directory.add('em-1', 'power');
    const writes = Array.from({ length: 50 }, (_, at) => harness.writer.write(power(now + at, at)));
    await harness.writer[Symbol.asyncDispose]();
    await Promise.all(writes);
    expect(await count('reading')).toBe(50);
    expect(await count('writer_flush')).toBe(0);
    await expect(harness.writer.write(power(now, 1))).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
