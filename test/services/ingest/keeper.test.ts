import { describe, expect, inject, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { limits } from '#schemas/limits.ts';
import { startPartitionKeeper, tidyBooks } from '#services/ingest/keeper.ts';
import { isBalanced } from '#services/ingest/ledger.ts';
import { evictRejections } from '#services/ingest/store-books.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { refusedPacket, telemetry } from '#test/kit/packets.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { startHarness, storedLedger } from './harness.ts';

const now = Date.now();

describe('tidyBooks()', () => {
  test('tidyBooks() lets go of discoveries after a day and counts their values', async () => {
    await using database = await createTestDatabase();
    await using harness = await startHarness(database.url);
    await harness.writer.write(telemetry('a', [{ metric: 'x', timeMs: now, value: 1 }]));
    await tidyBooks({ db: harness.db, clock: fakeClock(now + limits.discoveryKeepMs) });
    expect((await storedLedger(harness.db)).of('test').valuesUndiscovered).toBe(1);
    await tidyBooks({ db: harness.db, clock: fakeClock(now + limits.discoveryKeepMs + 1) });
    const tally = (await storedLedger(harness.db)).of('test');
    expect(tally.valuesUndiscovered).toBe(0);
    expect(tally.rejected.get('discovery-full')).toBe(1);
    expect(isBalanced(tally, 0)).toBe(true);
  });

  test('the discovery book keeps 1,000 packets a device and 64 MiB together, the newest', async () => {
    await using database = await createTestDatabase();
    await using harness = await startHarness(database.url);
    const samples = [{ metric: 'x', timeMs: now, value: 1 }];
    await Promise.all(
      Array.from({ length: 1_005 }, (_, seq) => harness.writer.write(telemetry('a', samples, { seq }))),
    );
    const { rows } = await harness.db.query(
      `select count(*)::int as count, min((content->'sequence'->0->>'seq')::int) as oldest from discovery_packet`,
    );
    expect(rows).toEqual([{ count: 1_000, oldest: 5 }]);
    await harness.db.query('update discovery_packet set size_bytes = 100000');
    await tidyBooks({ db: harness.db, clock: fakeClock(now) });
    const kept = await harness.db.query<{ bytes: number }>(
      'select sum(size_bytes)::int as bytes from discovery_packet',
    );
    expect(kept.rows[0]?.bytes).toBeLessThanOrEqual(limits.discoveryBytes);
    expect(kept.rows[0]?.bytes).toBeGreaterThan(limits.discoveryBytes / 2);
    const tally = (await storedLedger(harness.db)).of('test');
    expect(tally.valuesUndiscovered + (tally.rejected.get('discovery-full') ?? 0)).toBe(1_005);
  });

  test('the rejection book keeps the newest rows', async () => {
    await using database = await createTestDatabase();
    await using harness = await startHarness(database.url);
    for (let index = 0; index < 5; index++) await harness.writer.write(refusedPacket('a', now + index));
    await evictRejections(harness.db, 2);
    const { rows } = await harness.db.query<{ at: Date }>('select at from rejection order by id');
    expect(rows.map(({ at }) => at.getTime())).toEqual([now + 3, now + 4]);
    expect((await storedLedger(harness.db)).of('test').packetsRefused).toBe(5);
  });
});

describe('startPartitionKeeper()', () => {
  test.skipIf(inject('dialect') !== 'plain')(
    'startPartitionKeeper() makes what is missing within the hour',
    async () => {
      await using database = await createTestDatabase();
      const clock = fakeClock(now);
      await using _keeper = startPartitionKeeper({ db: database.pool, clock, log: silentLog() });
      const count = async () =>
        (await database.pool.query(`select from pg_inherits where inhparent = 'reading'::regclass`)).rowCount;
      const before = await count();
      const name = `reading_${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')}`;
      await database.pool.query(`drop table ${name}`);
      await clock.advance(3_600_000);
      await until(async () => (await count()) === before, 'the partition of tomorrow');
    },
  );
});
