import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { migrate } from '#infra/migrate.ts';
import { createPool } from '#infra/postgres.ts';
import { dumpSchema } from '#infra/schema-dump.ts';

/** `npm run schema`: writes infra/sql/schema.sql from a freshly migrated plain database. */
await using parts = new AsyncDisposableStack();
const log = silentLog();
const dataDir = await mkdtemp(join(tmpdir(), 'parkwatch-schema-'));
parts.defer(() => rm(dataDir, { recursive: true, force: true }));
const server = parts.use(await startEmbeddedPostgres({ dataDir, log, clock: systemClock() }));
await migrate({ databaseUrl: server.url, log });
const pool = createPool({ url: server.url, max: 1, name: 'parkwatch-schema', log });
parts.defer(() => pool.end());
await writeFile(new URL('../../infra/sql/schema.sql', import.meta.url), await dumpSchema(pool));
