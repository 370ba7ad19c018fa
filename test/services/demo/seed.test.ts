import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulatedPark } from '#gateways/simulator/park.ts';
import { silentLog } from '#infra/log.ts';
import type { Assessment } from '#schemas/api/assessment.ts';
import { recordKinds } from '#schemas/registers/index.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { claimRoutes } from '#services/claims/routes.ts';
import { demoApprover, demoAuthor } from '#services/demo/people.ts';
import { removeDemo } from '#services/demo/remove.ts';
import { seedDemo } from '#services/demo/seed.ts';
import { runImport } from '#services/registry/run-import.ts';
import { assessmentDeps } from '#test/kit/assessed-park.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const timeZone = 'Asia/Shanghai';
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: TestApi;
let admin: TestPerson;
let folder: string;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-demo-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const db = database.pool;
  const commissionedAt = new Date(clock.nowMs() - 14 * 86_400_000).toISOString();
  const park = simulatedPark({ seed: 1, commissionedAt });
  const file = { format: 'yaml' as const, bytes: Buffer.from(JSON.stringify(park)) };
  const editor = { actor: 'system' };
  await runImport({ db, clock }, { file, dryRun: false, role: 'admin', editor });
  api = stack.use(await openTestApi({ db, clock }));
  const signer = await loadSigner(join(folder, 'key.pem'));
  await api.register((v1) => assessmentRoutes(v1, assessmentDeps({ db, clock, signer })));
  await api.register((v1) => claimRoutes(v1, { db, clock, timeZone }));
  await api.root.ready();
  admin = await addPerson({ db, clock }, 'admin');
});
afterAll(() => stack.disposeAsync());

const seed = (signal = new AbortController().signal) => {
  const files = openAttachmentFiles(folder);
  return seedDemo({ db: database.pool, clock, log: silentLog(), timeZone, files, signal });
};
async function ask<T>(method: 'GET' | 'POST', path: string, payload?: object): Promise<T> {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: admin.headers,
    ...(payload === undefined ? {} : { payload }),
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<T>();
}
const outcomes = async () => {
  const { items } = await ask<Assessment>('GET', '/assessments/chengdu-2021');
  return new Map(
    items.map(({ item, maximum, points, verdict }) => [
      item,
      points === null ? verdict : points.max === maximum ? 'full' : points.max === 0 ? 'none' : 'partial',
    ]),
  );
};

test('seedDemo() is stopped between two records, goes on at the next start, and writes nothing twice', async () => {
  const stopped = new AbortController();
  stopped.abort(new Error('the park stops'));
  await expect(seed(stopped.signal)).rejects.toThrow('the park stops');
  const first = await seed();
  expect(first.records).toBeGreaterThan(80);
  expect(first.claims).toBe(7);
  expect(await seed()).toEqual({ records: 0, claims: 0 });
});

test('seedDemo() writes into every register but those it leaves empty on purpose, all marked simulated', async () => {
  const { rows } = await database.pool.query<{ kind: string; provenance: string; recorded_by: string }>(
    'select distinct kind, provenance, recorded_by from park_record order by kind',
  );
  expect(rows.map(({ kind }) => kind)).toEqual(
    [...recordKinds.keys()].filter((kind) => kind !== 'fibre-pilot').toSorted(),
  );
  for (const { provenance, recorded_by: by } of rows)
    expect([provenance, by]).toEqual(['simulated', demoAuthor]);
  const kept = await readdir(join(folder, 'attachments'), { recursive: true, withFileTypes: true });
  expect(kept.filter((entry) => entry.isFile())).toHaveLength(9);
});

test('seedDemo() leaves full, partial, none and insufficient items', async () => {
  const found = await outcomes();
  expect(
    Object.fromEntries(
      ['org.rules', 'infra.telecom-room', 'service.government'].map((id) => [id, found.get(id)]),
    ),
  ).toEqual({
    'org.rules': 'full',
    'infra.telecom-room': 'full',
    'service.government': 'full',
  });
  for (const id of [
    'infra.network.duct-main-roads',
    'org.body',
    'org.training',
    'operation.charging',
    'service.public.legal',
  ]) {
    expect(found.get(id), id).toBe('partial');
  }
  for (const id of ['org.infosec', 'org.funds', 'infra.network.5g-coverage', 'infra.network.fibre-to-desk']) {
    expect(found.get(id), id).toBe('insufficient');
  }
});

test('what rests on a claim or record of the demo is marked as a demo', async () => {
  for (const item of ['org.rules', 'infra.telecom-room']) {
    const { demo } = await ask<{ demo: boolean }>('GET', `/assessments/chengdu-2021/items/${item}`);
    expect(demo, item).toBe(true);
  }
});

test('the people of the demo cannot log in, and their waiting claim is decided by whoever tries the product', async () => {
  const db = database.pool;
  for (const username of [demoAuthor, demoApprover]) {
    const { rows } = await db.query('select disabled from park_user where username = $1', [username]);
    expect(rows).toEqual([{ disabled: true }]);
  }
  const { items } = await ask<{ items: { id: string; item: string; mayDecide: boolean }[] }>(
    'GET',
    '/claims?state=pending',
  );
  expect(items).toMatchObject([{ item: 'org.funds', mayDecide: true }]);
  await ask('POST', `/claims/${items[0]?.id}/approve`, {});
  expect((await outcomes()).get('org.funds')).toBe('partial');
});

test('removeDemo() takes every record and claim away, and they do not come again', async () => {
  const db = database.pool;
  const { records, claims, left } = await removeDemo({ db, clock }, 'command line');
  expect({ left, claims }).toEqual({ left: 0, claims: 6 });
  expect(records).toBeGreaterThan(80);
  expect(await seed()).toEqual({ records: 0, claims: 0 });
  expect((await outcomes()).get('infra.telecom-room')).toBe('insufficient');
});

test('seedDemo() puts nothing into a park in which somebody keeps registers', async () => {
  await using other = await createTestDatabase();
  await other.pool.query(
    `insert into park_record (kind, code, version, valid_from, title, fields, sha256, recorded_at, recorded_by)
     values ('road', 'ours', 1, '2020-01-01', 'ours', '{}', repeat('a', 64), now(), 'eva')`,
  );
  const files = openAttachmentFiles(folder);
  const { signal } = new AbortController();
  const deps = { db: other.pool, clock, log: silentLog(), timeZone, files, signal };
  expect(await seedDemo(deps)).toEqual({ records: 0, claims: 0 });
});
