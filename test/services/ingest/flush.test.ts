import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Quality } from '#schemas/reading.ts';
import { telemetry } from '#test/kit/packets.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { startHarness, type WriterHarness } from './harness.ts';

/** The laws of DESIGN §5, on the table itself, through every way a reading can take. */
let database: TestDatabase;
let harness: WriterHarness;
const now = Math.floor(Date.now() / 1000) * 1000;
let parks = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  harness = await startHarness(database.url);
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

interface Sent {
  readonly metric: 'a' | 'b';
  readonly at: number;
  readonly value: number;
  readonly quality: Quality;
  readonly rev: number;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  metric: fc.constantFrom('a', 'b'),
  at: fc.integer({ min: 0, max: 4 }),
  value: fc.integer({ min: 0, max: 2 }),
  quality: fc.constantFrom('good', 'bad'),
  rev: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 })),
});
const input = fc.array(sent, { minLength: 1, maxLength: 25 });

/** Sends the samples to a device of their own, in packets of the given sizes, and tells what stands then. */
async function stored(samples: readonly Sent[], options: { packet: number; wait: boolean }) {
  const deviceId = `device-${parks++}`;
  const points = [harness.directory.add(deviceId, 'a'), harness.directory.add(deviceId, 'b')];
  const written: Promise<void>[] = [];
  for (let index = 0; index < samples.length; index += options.packet) {
    const part = samples.slice(index, index + options.packet);
    const packet = telemetry(
      deviceId,
      part.map((sample) => ({ ...sample, timeMs: now - 10_000 + sample.at * 1_000 })),
    );
    written.push(harness.writer.write(packet));
    if (options.wait) await written.at(-1);
  }
  await Promise.all(written);
  const read = async (table: string, columns: string) => {
    const { rows } = await harness.db.query<{ line: string }>(
      `select concat_ws(' ', array_position($1::int[], point_id), extract(epoch from time), ${columns}) as line
       from ${table} where point_id = any($1) order by 1`,
      [points.map((point) => point.pointId)],
    );
    return rows.map((row) => row.line);
  };
  return {
    readings: await read('reading', 'value, quality'),
    revisions: await read('reading_rev', 'rev'),
    corrections: await read('reading_correction', 'old_value, old_quality, new_value, new_quality'),
  };
}

/** The same samples with those of different keys in another order, those of one key in the same. */
function permuted(samples: readonly Sent[], order: readonly number[]): Sent[] {
  const byKey = Map.groupBy(samples, ({ metric, at }) => `${metric}${at}`);
  const queues = [...byKey.values()].map((queue) => [...queue]);
  const result: Sent[] = [];
  for (let turn = 0; result.length < samples.length; turn++) {
    const waiting = queues.filter((queue) => queue.length > 0);
    const next = waiting[(order[turn % order.length] ?? 0) % waiting.length]?.shift();
    if (next !== undefined) result.push(next);
  }
  return result;
}

const ways = fc.record({ packet: fc.integer({ min: 1, max: 10 }), wait: fc.boolean() });
const runs = { numRuns: 40 };

describe('runFlush()', () => {
  test('permuting the arrival of samples with different keys changes nothing, however they are packed', async () => {
    const order = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(input, order, ways, ways, async (samples, turns, one, other) => {
        expect(await stored(permuted(samples, turns), one)).toEqual(await stored(samples, other));
      }),
      runs,
    );
  });

  test('replaying any prefix changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(input, fc.nat({ max: 25 }), ways, async (samples, cut, way) => {
        expect(await stored([...samples, ...samples.slice(0, cut)], way)).toEqual(await stored(samples, way));
      }),
      runs,
    );
  });

  test('sending every sample twice changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(input, ways, async (samples, way) => {
        const twice = samples.flatMap((sample) => [sample, sample]);
        expect(await stored(twice, way)).toEqual(await stored(samples, way));
      }),
      runs,
    );
  });
});
