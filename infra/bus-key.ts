import type { Queryable } from './postgres.ts';

/** What the processes of a park sign the frames of their bus with: 32 bytes, made with the database. Never logged. */
export async function readBusKey(db: Queryable): Promise<Buffer> {
  const { rows } = await db.query<{ key: Buffer }>('select key from bus_key');
  const [row] = rows;
  if (row === undefined) throw new Error('the database has no bus key');
  return row.key;
}
