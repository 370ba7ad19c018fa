import type { Queryable } from './postgres.ts';
import { limits } from '#schemas/limits.ts';

/**
 * The day partitions of `reading`, and the month partitions of `reading_kept`, on plain PostgreSQL: from the raw horizon to two days ahead (DESIGN §5).
 * Made by CREATE + ATTACH, which takes only a weak lock on the parent, and never on the ingest path.
 */
const daysAhead = 2;
const dayMs = 86_400_000;

/**
 * Makes what is missing; safe to repeat, from any number of processes. Uses the database's clock.
 * @param wantedMs instants whose days are wanted besides: the writer's clock may be another than the database's
 */
export async function makePartitions(client: Queryable, wantedMs: readonly number[] = []): Promise<string[]> {
  const { rows } = await client.query<{ today: string; existing: string[] }>(
    `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD') as today,
            coalesce((select array_agg(inhrelid::regclass::text) from pg_inherits where inhparent = 'reading'::regclass), '{}')
              as existing`,
  );
  const today = Date.parse(`${rows[0]?.today}T00:00:00Z`);
  const existing = new Set(rows[0]?.existing);
  const days = new Set(wantedMs.map((timeMs) => Math.floor(timeMs / dayMs) * dayMs));
  for (let day = -limits.rawHorizonDaysPlain - 1; day <= daysAhead; day++) days.add(today + day * dayMs);
  const made: string[] = [];
  for (const dayStartMs of days) {
    const name = partitionName(dayStartMs);
    if (existing.has(name)) continue;
    await makePartition(client, { table: 'reading', name, fromMs: dayStartMs, toMs: dayStartMs + dayMs });
    made.push(name);
  }
  return made;
}

/** `reading_20261121` for the UTC day that begins at `dayStartMs`. */
export function partitionName(dayStartMs: number): string {
  return `reading_${new Date(dayStartMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/**
 * Makes the partition of `reading_kept` that holds an instant: a UTC month. Safe to repeat.
 * @returns its name, `reading_kept_202611`
 */
export async function makeKeptPartition(client: Queryable, timeMs: number): Promise<string> {
  const [year, month] = [new Date(timeMs).getUTCFullYear(), new Date(timeMs).getUTCMonth()];
  const fromMs = Date.UTC(year, month);
  const name = `reading_kept_${new Date(fromMs).toISOString().slice(0, 7).replace('-', '')}`;
  const { rowCount } = await client.query(
    `select from pg_inherits where inhparent = 'reading_kept'::regclass and inhrelid = to_regclass($1)`,
    [name],
  );
  if (rowCount === 0)
    await makePartition(client, { table: 'reading_kept', name, fromMs, toMs: Date.UTC(year, month + 1) });
  return name;
}

interface Partition {
  readonly table: 'reading' | 'reading_kept';
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

async function makePartition(client: Queryable, { table, name, fromMs, toMs }: Partition): Promise<void> {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  // Identifiers and bounds cannot be parameters; both come from a date that we computed.
  await client.query(
    `create table if not exists ${name} (like ${table} including defaults including constraints including indexes)`,
  );
  await client.query(`do $$ begin
    alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}');
  exception when others then
    -- Another process attached it first.
    if not exists (select 1 from pg_inherits where inhrelid = '${name}'::regclass) then raise; end if;
  end $$`);
}
