import { describe, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { StoreUnavailable, type Packet } from '#schemas/reading.ts';
import { guessClass, startDiscoveries } from '#services/ingest/discoveries.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { until } from '#test/kit/events.ts';
import { telemetry } from '#test/kit/packets.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { startHarness } from './harness.ts';

const now = Date.now();

describe('startDiscoveries()', () => {
  test('startDiscoveries() waits for room in the sink, keeps what failed, and tries again', async () => {
    await using database = await createTestDatabase();
    await using harness = await startHarness(database.url);
    const packets = [1, 2].map((value) => telemetry('new', [{ metric: 'x', timeMs: now + value, value }]));
    for (const packet of packets) await harness.writer.write(packet);
    const kept = async () => (await harness.db.query('select from discovery_packet')).rowCount;
    const clock = fakeClock(now);
    const directory = fakeDirectory();
    const answers = [new StoreUnavailable('full'), new Error('broken'), new Error('broken')];
    const written: Packet[] = [];
    const sink = {
      write: async (packet: Packet) => {
        const answer = answers.pop();
        if (answer !== undefined) throw answer;
        written.push(packet);
      },
    };
    await using discoveries = startDiscoveries({ db: harness.db, sink, directory, log: silentLog(), clock });
    await discoveries.replay('new');
    expect(written).toEqual([]);
    directory.add('new', 'x');
    directory.changed();
    await until(() => answers.length === 1 && clock.waiting > 0, 'the first attempt to fail');
    expect(await kept()).toBe(2);
    await clock.advance(30_000);
    await until(async () => (await clock.advance(250)) ?? (await kept()) === 0, 'the book to be empty');
    expect(written.map((packet) => packet.receivedAtMs).toSorted()).toEqual(
      packets.map((p) => p.receivedAtMs),
    );
  });
});

describe('guessClass()', () => {
  test.each([
    [['volume', 'flow', 'pressure'], 'water-meter'],
    [['active_power', 'active_energy_import'], 'energy-meter'],
    [['temperature', 'humidity'], 'environment-station'],
    [['active_power', 'temperature'], 'energy-meter'],
    [['door'], 'access-door'],
    [['temperature'], null],
    [['colour', 'taste'], null],
    [[], null],
  ])('guessClass(%j) is %s', (metrics, expected) => {
    expect(guessClass(metrics)).toBe(expected);
  });
});
