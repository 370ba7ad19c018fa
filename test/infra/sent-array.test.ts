import { expect, it } from 'vitest';
import { sentDouble, sentInt, sentLength, sentSmallInt, sentTimeUs } from '#infra/sent-array.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

it('sentTimeUs() and the others read each element as the server means it', async () => {
  await using database = await createTestDatabase();
  const sent = async (array: string) => {
    const { rows } = await database.pool.query<{ sent: Buffer | null }>(
      `select array_send(${array}) as sent`,
    );
    return rows[0]?.sent ?? Buffer.alloc(0);
  };
  const all = (array: Buffer, at: (array: Buffer, index: number) => number) =>
    Array.from({ length: sentLength(array) }, (_, index) => at(array, index));
  const times = [
    '1970-01-01 00:00:00.000001+00',
    '1999-12-31 23:59:59.999999+00',
    '2026-11-21 10:00:00.123456+00',
  ];
  expect(all(await sent(`array['${times.join("','")}']::timestamptz[]`), sentTimeUs)).toEqual([
    1, 946_684_799_999_999, 1_795_255_200_123_456,
  ]);
  const doubles = await sent(`array[0.1, -1e300, 'infinity', '-0']::float8[]`);
  expect(all(doubles, sentDouble)).toEqual([0.1, -1e300, Infinity, -0]);
  expect(all(await sent('array[1, -2147483648]::int[]'), sentInt)).toEqual([1, -2_147_483_648]);
  expect(all(await sent('array[2, -1]::smallint[]'), sentSmallInt)).toEqual([2, -1]);
});

it('sentLength() is 0 where nothing was gathered', () => {
  expect(sentLength(null)).toBe(0);
});
