/**
 * A process that owns an embedded PostgreSQL, without durability: `node own-postgres.ts DATA_DIR`. Prints one JSON
 * line, then serves until SIGTERM. A copy of the tree runs its own infra.
 */
import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';

const [dataDir = ''] = parseArgs({ allowPositionals: true }).positionals;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const server = await startEmbeddedPostgres({
    dataDir,
    log: silentLog(),
    clock: systemClock(),
    settings: { fsync: 'off' },
  });
  const { pid, url, takenOver, clusterDir } = server;
  const idle = setInterval(() => undefined, 60_000);
  process.on('SIGTERM', () => {
    clearInterval(idle);
    void server[Symbol.asyncDispose]();
  });
  say({ pid, url, takenOver, clusterDir });
} catch (error) {
  const { name, message } = error as Error;
  say({ error: { name, message } });
}
