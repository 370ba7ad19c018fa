import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { createLog } from '#infra/log.ts';
import type { StoreDialect } from '#infra/migrate.ts';
import { makeTemplate } from './template.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's URL of the server of this run; the path is a database to connect to for CREATE DATABASE. */
    serverUrl: string;
    /** Name of the migrated database that test databases are cloned from. */
    templateName: string;
    /** How `reading` stands on this server; tests of day partitions need `plain`. */
    dialect: StoreDialect;
  }
}

/** Nothing of a test run must outlive it, so it need not reach the disk. */
const fastSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '128MB',
};

/** One server and one migrated template for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  const serverUrl = process.env['TEST_DATABASE_URL'] ?? (await startServer(started));
  const template = started.use(await makeTemplate(serverUrl));
  project.provide('serverUrl', serverUrl);
  project.provide('templateName', template.name);
  project.provide('dialect', template.dialect);
  const running = started.move();
  return () => running.disposeAsync();
}

async function startServer(started: AsyncDisposableStack): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-test-'));
  // As root the server runs under another account, which must get in.
  chmodSync(dataDir, 0o755);
  started.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const log = createLog({ level: 'error', pretty: false });
  const server = started.use(
    await startEmbeddedPostgres({ dataDir, log, clock: systemClock(), settings: fastSettings }),
  );
  return server.url;
}
