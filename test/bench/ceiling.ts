import type { Client } from 'pg';
import { startWorker } from './worker.ts';

export interface CeilingSettings {
  readonly databaseUrl: string;
  readonly table: string;
  readonly connections: number;
  readonly devices: number;
  /** Values a device sends at a time. */
  readonly values: number;
  /** As many as the writer puts into one flush. */
  readonly rowsPerCopy: number;
  readonly seconds: number;
  /** Time of the first row, epoch ms. */
  readonly fromMs: number;
  readonly firstPointId: number;
}

export interface CeilingFigures {
  readonly rows: number;
  readonly seconds: number;
}

const table = 'bench_ceiling';

/**
 * What the server takes at most, readings a second: raw binary COPY of the same rows, in the same order and portions,
 * into an identical, partitioned and keyed table, over as many connections. The table is made anew and dropped again.
 */
export async function measureCeiling(
  client: Client,
  options: Omit<CeilingSettings, 'table' | 'fromMs' | 'firstPointId'>,
): Promise<number> {
  await client.query(`drop table if exists ${table}`);
  await client.query(`create table ${table} (like reading including all) partition by range (time)`);
  await client.query(
    `create table ${table}_all partition of ${table} for values from (minvalue) to (maxvalue)`,
  );
  await using worker = startWorker<CeilingSettings, CeilingFigures>('test/bench/ceiling-process.ts');
  const { rows, seconds } = await worker.ask({ ...options, table, fromMs: Date.now(), firstPointId: 1 });
  await client.query(`drop table ${table}`);
  return rows / seconds;
}
