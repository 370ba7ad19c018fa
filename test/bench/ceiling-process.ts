import pg from 'pg';
import { emptyColumns } from '#services/ingest/copy-rows.ts';
import { copyReadings } from '#services/ingest/store.ts';
import type { CeilingFigures, CeilingSettings } from './ceiling.ts';

/** Raw binary COPY, a process of its own: readings and nothing else, as fast as the server takes them. */
async function run(settings: CeilingSettings): Promise<CeilingFigures> {
  const { databaseUrl, connections, devices, values, rowsPerCopy, seconds } = settings;
  const untilMs = performance.now() + seconds * 1_000;
  const perDevice = 100;
  let rows = 0;
  const copyOn = async (connection: number) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    let device = connection;
    let timeMs = settings.fromMs;
    while (performance.now() < untilMs) {
      const columns = emptyColumns();
      while (columns.pointIds.length < rowsPerCopy) {
        for (let value = 0; value < values; value++) {
          columns.pointIds.push(settings.firstPointId + device * perDevice + value);
          columns.timesUs.push(timeMs * 1_000);
          columns.values.push(timeMs / 7);
          columns.qualities.push(0);
        }
        device += connections;
        if (device >= devices) {
          device = connection;
          timeMs += 20;
        }
      }
      await copyReadings(client, columns, settings.table);
      rows += columns.pointIds.length;
    }
    await client.end();
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: connections }, (_, index) => copyOn(index)));
  return { rows, seconds: (performance.now() - startMs) / 1_000 };
}

process.on('message', (settings: CeilingSettings) => {
  void (async () => process.send?.(await run(settings)))();
});
process.on('disconnect', () => process.exit());
