import { createBus, type Bus, type ReadingFrame } from '#infra/bus.ts';
import { systemClock, type Clock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { createPool, type Database } from '#infra/postgres.ts';
import { tallyFigures, TallyBook, type Tally } from '#services/ingest/ledger.ts';
import { startWriter, type Writer, type WriterOptions } from '#services/ingest/writer.ts';
import { fakeDirectory, type FakeDirectory } from '#test/kit/directory.ts';

export interface WriterHarness extends AsyncDisposable {
  readonly writer: Writer;
  readonly directory: FakeDirectory;
  readonly db: Database;
  readonly frames: ReadingFrame[];
  readonly bus: Bus;
  readonly clock: Clock;
}

/** A writer on a test database, with a directory to fill; the pool is the harness's own. */
export async function startHarness(
  url: string,
  more: Partial<WriterOptions> & { directory?: FakeDirectory } = {},
): Promise<WriterHarness> {
  const directory = more.directory ?? fakeDirectory();
  const log = more.log ?? silentLog();
  const bus = createBus((error) => {
    throw error;
  });
  const db = createPool({ url, max: 4, name: 'parkwatch-test', log });
  const frames: ReadingFrame[] = [];
  bus.subscribe('readings', (frame) => frames.push(frame));
  const clock = more.clock ?? systemClock();
  const options = { db, databaseUrl: url, bus, clock, log, horizonDays: 7, timeZone: 'Asia/Shanghai' };
  const writer = await startWriter({ ...options, ...more, directory });
  return {
    writer,
    directory,
    db,
    frames,
    bus,
    clock,
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await db.end();
    },
  };
}

/** Stores a point row for each point of the directory, so that a restart finds their newest readings. */
export async function storePoints(db: Database, directory: FakeDirectory): Promise<void> {
  for (let id = 1; id <= directory.size; id++) {
    const point = directory.byId(id);
    if (point === undefined) continue;
    await db.query(
      `insert into point (point_id, device_id, metric) overriding system value values ($1, $2, $3)
       on conflict do nothing`,
      [point.pointId, point.deviceId, point.metric],
    );
  }
}

/** Every reading, as `point time value quality` lines in key order. */
export async function allReadings(db: Database): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select concat_ws(' ', point_id, (extract(epoch from time) * 1000)::float8, value, quality) as line
     from reading order by point_id, time`,
  );
  return rows.map((row) => row.line);
}

/** The ledger as stored, summed over lanes. */
export async function storedLedger(db: Database): Promise<TallyBook> {
  const book = new TallyBook();
  const columns = tallyFigures.map((figure) => {
    const column = figure.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `sum(${column})::float8 as "${figure}"`;
  });
  const { rows } = await db.query<{ source: string } & Tally>(
    `select source, ${columns.join(', ')} from ledger group by source`,
  );
  for (const { source, ...figures } of rows) Object.assign(book.of(source), figures);
  const { rows: rejected } = await db.query<{ source: string; reason: string; count: number }>(
    'select source, reason, sum(count)::float8 as count from ledger_rejected group by source, reason',
  );
  for (const { source, reason, count } of rejected) book.of(source).rejected.set(reason, count);
  return book;
}
