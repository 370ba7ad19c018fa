import { expect, test } from 'vitest';
import { readBusKey } from '#infra/bus-key.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

test('readBusKey() is the same for every process of a database', async () => {
  await using database = await createTestDatabase();
  const key = await readBusKey(database.pool);
  expect(key).toHaveLength(32);
  expect(new Set(key).size).toBeGreaterThan(8);
  expect(await readBusKey(database.pool)).toEqual(key);
});
