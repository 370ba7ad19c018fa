import { GenericContainer, Wait } from 'testcontainers';
import { expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { migrate } from '#infra/migrate.ts';
import { createPool } from '#infra/postgres.ts';
import { dumpSchema } from '#infra/schema-dump.ts';
import { hasDocker } from '#test/kit/containers.ts';
import { readText } from '#test/kit/tree.ts';

/** The image that docker-compose.yml names. */
const image = /image: (timescale\/timescaledb:\S+)/.exec(readText('docker-compose.yml'))?.[1] ?? '';

test.skipIf(!(await hasDocker('TimescaleDB')))(
  'migrate() makes a hypertable on TimescaleDB and the same schema beside it',
  async () => {
    await using started = new AsyncDisposableStack();
    const container = await new GenericContainer(image)
      .withEnvironment({ POSTGRES_PASSWORD: 'test', POSTGRES_USER: 'parkwatch', POSTGRES_DB: 'parkwatch' })
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start();
    started.defer(async () => {
      await container.stop();
    });
    const url = `postgres://parkwatch:test@${container.getHost()}:${container.getMappedPort(5432)}/parkwatch`;
    expect(await migrate({ databaseUrl: url, log: silentLog() })).toMatchObject({ dialect: 'timescale' });
    const pool = createPool({ url, max: 1, name: 'parkwatch-test', log: silentLog() });
    started.defer(() => pool.end());
    const { rows } = await pool.query(
      `select 1 from timescaledb_information.hypertables where hypertable_name = 'reading'`,
    );
    expect(rows).toHaveLength(1);
    expect(await dumpSchema(pool)).toBe(readText('infra/sql/schema.sql'));
  },
);
