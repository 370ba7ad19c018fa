import { get, type IncomingMessage } from 'node:http';
import { RecordBatchReader, tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { createApi, type ApiServer } from '#services/api/server.ts';
import { blockRows } from '#services/history/export-blocks.ts';
import { exportRoutes } from '#services/history/export-routes.ts';
import { quarterOf } from '#services/rollup/buckets.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const dayMs = 86_400_000;
const noonMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2;
const rows = 400_000;
const directory = fakeDirectory();
const power = directory.add('em-1', 'active_power', { unit: 'kW', spaceId: 'hall' }).pointId;
const door = directory.add('lift-1', 'door', {
  kind: 'state',
  states: ['closed', 'open'],
  spaceId: 'hall',
}).pointId;
const many = directory.add('busy', 'x').pointId;
let database: TestDatabase;
let server: ApiServer;
let url: string;
/** Pages of raw readings that were asked for. */
let pages = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  const clock = fakeClock(noonMs + dayMs);
  server = await createApi({
    http: { host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined },
    log: silentLog(),
    authenticator: {
      authenticate: async (token: string) => ({
        principal: { userId: token, actor: token, role: 'viewer', scopes: null, sessionId: 's' },
        mustChangePassword: false,
      }),
    },
    readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
    metrics: createMetrics({ process: false }),
    consoleDir: null,
    version: '0',
  });
  const counting = new Proxy(pool, {
    get(target, key) {
      if (key !== 'query') return Reflect.get(target, key) as unknown;
      return (...query: Parameters<typeof pool.query>) => {
        const name: unknown = (query[0] as { name?: unknown }).name;
        if (typeof name === 'string' && name.startsWith('history-raw-')) pages++;
        return pool.query(...query);
      };
    },
  });
  const deps = { db: counting, directory, clock, horizonDays: 7, timeZone: 'Asia/Shanghai' };
  await server.register((api) => exportRoutes(api, deps));
  url = (await server.listen()).url;
  // Values of every size and times to the microsecond; more than one page.
  await pool.query(
    `insert into reading select $1::timestamptz + n * interval '1.000001 s', (random() - 0.5) * power(10, n % 300 - 150), $2, n % 3
     from generate_series(0, $3::int) n`,
    [new Date(noonMs), power, blockRows + 20],
  );
  await pool.query(
    `insert into reading select $1::timestamptz + n * interval '1 s', n % 2, $2, 0 from generate_series(0, 9) n`,
    [new Date(noonMs), door],
  );
  await pool.query(
    `insert into reading select $1::timestamptz + n * interval '100 ms', n, $2, 0 from generate_series(1, $3::int) n`,
    [new Date(noonMs), many, rows],
  );
  for (let quarter = 0; quarter < 12; quarter++) {
    await pool.query('insert into dirty_bucket (bucket, point_ids) values ($1, $2)', [
      new Date(quarterOf(noonMs) + quarter * 15 * 60_000),
      [power, door],
    ]);
  }
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const address = (query: Record<string, string>) => {
  const range = { from: new Date(noonMs).toISOString(), to: new Date(noonMs + dayMs).toISOString() };
  return `${url}/api/v1/readings/export?${new URLSearchParams({ ...range, ...query }).toString()}`;
};
const ask = (query: Record<string, string>, who = 'ann') =>
  fetch(address(query), { headers: { authorization: `Bearer ${who}` } });

/** An answer that is begun and then read no further. */
const begin = (who: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${who}` };
    get(address({ points: 'busy.x' }), { headers, agent: false }, resolve).once('error', reject);
  });

async function stored(pointId: number) {
  const { rows: found } = await database.pool.query<{ us: string; value: number; quality: number }>(
    `select (extract(epoch from time) * 1000000)::bigint::text as us, value, quality from reading
     where point_id = $1 order by time`,
    [pointId],
  );
  return found;
}

describe('GET /readings/export', () => {
  test('CSV reads back as what is stored, to the microsecond and the last bit', async () => {
    const answer = await ask({ points: 'em-1.active_power' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, ...lines] = (await answer.text()).trimEnd().split('\r\n');
    expect(head).toBe('point,time (UTC),local time,value,state,unit,quality');
    const expected = await stored(power);
    expect(lines).toHaveLength(expected.length);
    const read = lines.map((line) => {
      const [, time = '', , value = '', , , quality = ''] = line.split(',');
      const us = `${Date.parse(`${time.slice(0, 23)}Z`)}${time.slice(23, 26)}`;
      return { us, value: Number(value), quality: ['good', 'uncertain', 'bad'].indexOf(quality) };
    });
    expect(read).toEqual(expected);
    expect(lines[1]).toMatch(
      /^em-1\.active_power,\d{4}-\d\d-\d\dT12:00:01\.000001Z,\d{4}-\d\d-\d\d 20:00:01\.000,/,
    );
  });

  test('Arrow reads back as what is stored, point after point', async () => {
    const answer = await ask({ space: 'hall', format: 'arrow' });
    const table = tableFromIPC(new Uint8Array(await answer.arrayBuffer()));
    const expected = [
      ...(await stored(power)).map((row) => ({ ...row, point: 'em-1.active_power' })),
      ...(await stored(door)).map((row) => ({ ...row, point: 'lift-1.door' })),
    ];
    expect(table.numRows).toBe(expected.length);
    const us = table
      .getChild('time')
      ?.data.flatMap(({ values }) => [...(values as BigInt64Array)].map(String));
    expect(us).toEqual(expected.map((row) => row.us));
    expect([...(table.getChild('value') ?? [])]).toEqual(expected.map(({ value }) => value));
    expect([...(table.getChild('quality') ?? [])]).toEqual(expected.map(({ quality }) => quality));
    expect([...(table.getChild('point') ?? [])]).toEqual(expected.map(({ point }) => point));
    expect(JSON.parse(table.schema.metadata.get('parkwatch.points') ?? '')).toMatchObject({
      'lift-1.door': { states: ['closed', 'open'] },
    });
  });

  test('buckets are whole and once each, with null where only bad readings came', async () => {
    const query = { points: 'em-1.active_power', resolution: '15m' };
    const bytes = await (await ask({ ...query, language: 'zh', bom: 'true' })).arrayBuffer();
    const csv = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const [head, ...lines] = csv.trimEnd().split('\r\n');
    expect(head).toBe('\uFEFF测点,时段开始 (UTC),本地时间,平均值,最小值,最大值,读数个数,单位,质量');
    const counts = lines.map((line) => Number(line.split(',')[6]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(blockRows + 21);
    const arrow = new Uint8Array(await (await ask({ ...query, format: 'arrow' })).arrayBuffer());
    const batches = [...RecordBatchReader.from(arrow)];
    expect(batches.reduce((sum, batch) => sum + batch.numRows, 0)).toBe(lines.length);
    expect([...(batches[0]?.getChild('avg') ?? [])]).toEqual(lines.map((line) => Number(line.split(',')[3])));
  });

  test('an export that nobody reads holds few rows, and ends when its reader leaves', async () => {
    pages = 0;
    const answer = await begin('ben');
    answer.destroy();
    // Its place is free again.
    await until(async () => {
      const next = await Promise.all([begin('ben'), begin('ben')]);
      for (const each of next) each.destroy();
      return next.every(({ statusCode }) => statusCode === 200);
    }, 'the place of the export that was left');
    expect(pages).toBeLessThan(rows / blockRows);
  });

  test('a reader that waits holds back the store', async () => {
    pages = 0;
    const answer = await begin('cid');
    const all = rows / blockRows + 1;
    // What sockets and streams take in by themselves is a few MB of the 27 MB that the whole would be.
    let bytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > 1_000_000) break;
    }
    expect(pages).toBeLessThan(all);
    answer.destroy();
  });

  test('no more than so many of one person run at the same time', async () => {
    const [one, two] = await Promise.all([begin('dan'), begin('dan')]);
    const third = await begin('dan');
    expect([one?.statusCode, two?.statusCode, third.statusCode]).toEqual([200, 200, 429]);
    for (const each of [one, two, third]) each?.destroy();
  });

  test('an export is in the audit, by whom and of what', async () => {
    const { rows: found } = await database.pool.query<{ body: string }>(
      `select body from journal where journal = 'audit' order by id limit 1`,
    );
    expect(JSON.parse(found[0]?.body ?? '')).toMatchObject({
      actor: 'ann',
      action: 'readings.export',
      after: { points: ['em-1.active_power'], resolution: 'raw', format: 'csv' },
    });
  });

  test.each<[Record<string, string>, number, string]>([
    [{}, 422, 'invalid-request'],
    [{ points: 'em-1.active_power', device: 'em-1' }, 422, 'invalid-request'],
    [{ points: 'nobody.x' }, 404, 'not-found'],
    [{ device: 'nobody' }, 404, 'not-found'],
    [{ device: 'em-1', from: new Date(noonMs - 20 * dayMs).toISOString() }, 422, 'beyond-horizon'],
    [{ device: 'em-1', to: new Date(noonMs - dayMs).toISOString() }, 422, 'invalid-request'],
    [{ device: 'em-1', format: 'xls' }, 422, 'invalid-request'],
  ])('%j answers %i %s', async (query, status, code) => {
    const answer = await ask(query);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });
});
