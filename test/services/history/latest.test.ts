import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBus, type Bus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import { startLatest, type RunningLatest } from '#services/history/latest.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const nowMs = Date.now();
const clock = fakeClock(nowMs);
const directory = fakeDirectory();
const [first, second, third] = ['a', 'b', 'c'].map((metric) => directory.add('em-1', metric).pointId);
let database: TestDatabase;
let bus: Bus;
let latest: RunningLatest;

beforeAll(async () => {
  database = await createTestDatabase();
  bus = createBus((error) => {
    throw error;
  });
  await commit(first, 0, 1);
  latest = startLatest({ db: database.pool, bus, directory, clock, log: silentLog() });
  await latest.settled();
});
afterAll(async () => {
  await latest[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** A committed reading, so many ms before now, that nobody is told of. */
async function commit(pointId: number | undefined, agoMs: number, value: number) {
  await database.pool.query(
    `insert into reading (point_id, time, value, quality) values ($1, to_timestamp($2), $3, 0)
     on conflict (point_id, time) do update set value = excluded.value`,
    [pointId, (nowMs - agoMs) / 1_000, value],
  );
}

function tell(pointId: number | undefined, agoMs: number, value: number) {
  bus.publish('readings', {
    pointIds: [pointId ?? 0],
    timesMs: [nowMs - agoMs],
    values: [value],
    qualities: [0],
  });
}

const valueOf = (pointId: number | undefined) => latest.of(pointId ?? 0)?.value;

describe('startLatest()', () => {
  test('startLatest() holds what the rows hold at the start, and nothing of what has none', () => {
    expect([valueOf(first), latest.of(second ?? 0)]).toEqual([1, null]);
  });

  test('a correction that is told after one that stands is decided by the rows', async () => {
    await commit(second, 0, 5);
    tell(second, 0, 5);
    tell(second, 0, 4);
    await latest.settled();
    expect(valueOf(second)).toBe(5);
    tell(second, 10, 99);
    expect(valueOf(second)).toBe(5);
  });

  test('a hole of the bus is healed from the rows', async () => {
    await commit(first, -1_000, 2);
    bus.publish('hole', { sender: 'other' });
    await latest.settled();
    expect(valueOf(first)).toBe(2);
  });

  test('what a process committed and did not live to tell is found in turn', async () => {
    await commit(third, 0, 3);
    expect(latest.of(third ?? 0)).toBeNull();
    await clock.advance(2_000);
    await until(() => valueOf(third) === 3, 'the sweep to read the point');
  });

  test('a point that is added later is read', async () => {
    const added = directory.add('em-2', 'a').pointId;
    await commit(added, 0, 8);
    expect(latest.of(added)).toBeUndefined();
    directory.changed();
    await latest.settled();
    expect(valueOf(added)).toBe(8);
  });
});
