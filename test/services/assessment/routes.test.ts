import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessedItemSchema, assessmentSchema, evidenceSchema } from '#schemas/api/assessment.ts';
import { memberDaysSchema } from '#schemas/api/member-days.ts';
import type { BusMessages } from '#infra/bus.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { hasMeasure } from '#services/assessment/assess.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { sealingRoutes } from '#services/sealing/routes.ts';
import { sha256Hex } from '#services/sealing/chain.ts';
import type { ApiServer } from '#services/api/server.ts';
import { addPerson, openTestApi, type TestPerson } from '#test/kit/api.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark, sealAll } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { verdictOf } from '#test/kit/pack.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { createTestSigner } from '#test/kit/signer.ts';

const clock = fakeClock();
const people: Record<string, TestPerson> = {};
const frames: BusMessages['assessment'][] = [];
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: ApiServer;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  await insertAssessedPark(db);
  const signer = await createTestSigner();
  const deps = assessmentDeps({ db, clock, signer });
  deps.bus.subscribe('assessment', (frame) => frames.push(frame));
  api = stack.use(await openTestApi({ db, clock }));
  await api.register((v1) => assessmentRoutes(v1, deps));
  await api.register((v1) => sealingRoutes(v1, { db, clock, signer }));
  await api.root.ready();
  for (const role of ['viewer', 'operator', 'engineer', 'assessor', 'admin'] as const) {
    people[role] = await addPerson({ db, clock }, role);
  }
});
afterAll(() => stack.disposeAsync());

async function ask(role: string, method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: people[role]?.headers ?? {},
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: answer.statusCode,
    text: answer.body,
    bytes: answer.rawPayload,
    headers: answer.headers,
  };
}

/** All stored evidence, oldest first. */
async function evidenceIds(): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    'select id::text from evidence order by evidence.id',
  );
  return rows.map(({ id }) => id);
}

const measuredItems = (rubrics.get('chengdu-2021')?.items ?? []).filter(hasMeasure);
const periodText = new URLSearchParams(assessedPeriod).toString();
const path = `/assessments/chengdu-2021?${periodText}`;
const read = async (role = 'viewer') =>
  assessmentSchema.parse(JSON.parse((await ask(role, 'GET', path)).text));

describe('GET /assessments/{rubricId}', () => {
  test('measures three items of this park and leaves what it lacks undetermined, storing nothing', async () => {
    const answer = await read();
    const items = Object.fromEntries(answer.items.map((item) => [item.item, item]));
    // Three of four meters: 75 %, 1 + (75 - 60) / 30 = 1.5.
    expect(items['operation.property.remote-metering']).toMatchObject({
      points: { min: 1, max: 2 },
      conventionPoints: 1.5,
      value: 75,
      basis: 'measured',
      verdict: 'sufficient',
      completeness: 0.75,
      evidenceId: null,
    });
    expect(items['operation.security.video-retention']).toMatchObject({
      points: { min: 2, max: 2 },
      value: 33,
    });
    // Air, noise and publication of four functions: 2 + 2 x 3/4.
    expect(items['operation.environment']).toMatchObject({
      points: { min: 2, max: 4 },
      conventionPoints: 3.5,
    });
    expect(items['operation.environment']?.convention?.en).toContain('95 %');
    expect(answer).toMatchObject({ maximum: 500, demo: true });
    const open = answer.items.filter(({ points }) => points === null);
    expect(answer.undetermined).toBe(open.reduce((sum, { maximum }) => sum + maximum, 0));
    expect(open.every(({ basis }) => basis === 'missing')).toBe(true);
    expect((await ask('viewer', 'GET', '/evidence')).text).toBe('{"items":[],"nextCursor":null}');
  });

  test('a period before anything of the park was known is undetermined in every item: no pass, no zero', async () => {
    const early = 'from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z';
    for (const id of ['chengdu-2021', 'shenzhen-self-2025', 'shenzhen-dbxx']) {
      const answer = assessmentSchema.parse(
        JSON.parse((await ask('viewer', 'GET', `/assessments/${id}?${early}`)).text),
      );
      expect(answer.items.filter(({ points }) => points !== null)).toEqual([]);
      expect(answer.determined, id).toEqual({ min: 0, max: 0 });
      expect(answer.undetermined, id).toBe(answer.maximum);
      expect(answer.items.every(({ reason }) => reason.zh !== '' && reason.en !== '')).toBe(true);
    }
  });

  test('refuses an unknown rubric, a wrong period and an unknown parameter', async () => {
    expect((await ask('viewer', 'GET', '/assessments/nowhere')).status).toBe(404);
    for (const query of [
      'from=2026-01-04T00:00:00Z&to=2026-01-03T00:00:00Z',
      'to=2030-01-01T00:00:00Z',
      'frm=x',
    ]) {
      expect((await ask('viewer', 'GET', `/assessments/chengdu-2021?${query}`)).status, query).toBe(422);
    }
  });
});

test('GET /assessments/{rubricId}/items/{item} answers one item with its members, those that do not count first', async () => {
  const one = async (item: string) => {
    const query = `/assessments/chengdu-2021/items/${item}?${periodText}`;
    return ask('viewer', 'GET', query);
  };
  const answer = assessedItemSchema.parse(JSON.parse((await one('operation.property.remote-metering')).text));
  expect(answer).toMatchObject({ demo: true, counted: 3, of: 4, item: { value: 75, conventionPoints: 1.5 } });
  expect(answer.population.map(({ deviceId }) => deviceId)).toEqual(['w-2', 'e-1', 'g-1', 'w-1']);
  expect(answer.functions.map(({ id, state }) => [id, state])).toEqual([
    ['water', 'proven'],
    ['electricity', 'proven'],
    ['gas', 'proven'],
  ]);
  expect((await one('nowhere')).status).toBe(404);
});

test('GET /assessments/{rubricId}/items/{item}/members/{member} tells day by day what counted', async () => {
  const daysOf = async (member: string) =>
    ask(
      'viewer',
      'GET',
      `/assessments/chengdu-2021/items/operation.property.remote-metering/members/${member}?${periodText}`,
    );
  const daysRead = async (member: string) => memberDaysSchema.parse(JSON.parse((await daysOf(member)).text));
  const row = async (member: string) => (await daysRead(member)).devices[0]?.rows[0];
  expect((await daysRead('w-1')).days).toEqual(['2026-01-03', '2026-01-04']);
  expect(await row('w-1')).toMatchObject({ states: ['good', 'good'], decides: true, good: 2, lacks: [] });
  expect(await row('w-2')).toMatchObject({ states: ['missing', 'missing'], served: 2, good: 0 });
  expect((await daysOf('c-1')).status).toBe(404);
});

test('what a source leaves open is told of each rubric and of each item', async () => {
  const { items: listed } = JSON.parse((await ask('viewer', 'GET', '/rubrics')).text) as {
    items: { id: string; openQuestions: unknown[] }[];
  };
  expect(listed.filter(({ openQuestions }) => openQuestions.length === 0)).toEqual([]);
  const { items } = await read();
  const told = new Map(items.map(({ item, openQuestions }) => [item, openQuestions]));
  // Printed above the head of the section that its points belong to.
  expect(told.get('service.party')).toHaveLength(1);
  // Two bands of one rule overlap, and it has a misprint.
  expect(told.get('operation.property.remote-metering')).toHaveLength(2);
  for (const item of ['org.training', 'org.team', 'service.innovation', 'operation.fire', 'org.data-link']) {
    expect(told.get(item), item).not.toEqual([]);
  }
});

test('GET /rubrics tells how many items have a measure', async () => {
  expect(JSON.parse((await ask('viewer', 'GET', '/rubrics')).text)).toMatchObject({
    items: [
      { id: 'chengdu-2021', maximum: 500, items: 70, measured: measuredItems.length },
      // Whatever nothing else tells is attested.
      { id: 'shenzhen-self-2025', form: 'points', maximum: 100, items: 57, measured: 57 },
      { id: 'shenzhen-dbxx', form: 'points', maximum: 100, items: 62, measured: 62 },
      { id: 'micro-park-stars', form: 'levels', maximum: 5, items: 8, measured: 8 },
      { id: 'tech-park-ops', form: 'requirements', maximum: 152, items: 152, measured: 152 },
    ],
    nextCursor: null,
  });
});

describe('POST /assessments/{rubricId}', () => {
  test('serves engineers and administrators only', async () => {
    for (const role of ['viewer', 'operator', 'assessor']) {
      expect((await ask(role, 'POST', path, {})).status, role).toBe(403);
    }
    expect((await ask('nobody', 'POST', path, {})).status).toBe(401);
  });

  test('stores evidence of every measured item, sealed soon after, which the verifier computes anew', async () => {
    const stored = await ask('engineer', 'POST', path, {});
    expect(stored.status).toBe(201);
    const answer = assessmentSchema.parse(JSON.parse(stored.text));
    const ids = answer.items.flatMap(({ evidenceId }) => evidenceId ?? []);
    expect(ids).toHaveLength(measuredItems.length);
    expect(frames.at(-1)).toEqual({ rubricId: 'chengdu-2021', evidenceIds: ids });
    expect((await read()).items.flatMap(({ evidenceId }) => evidenceId ?? [])).toEqual(ids);

    await sealAll(database.pool, clock);
    const pack = await ask('assessor', 'GET', `/evidence/pack?rubric=chengdu-2021&${periodText}`);
    expect(pack.headers['content-disposition']).toContain('evidence-chengdu-2021-2026-01-05.zip');
    const heads = await ask('nobody', 'GET', '/evidence/heads');
    const verdict = await verdictOf(pack.bytes, { witness: heads.text });
    expect(verdict.findings).toEqual([]);
    expect(verdict.records.map(({ body, findings, notes }) => [body?.item, findings, notes])).toEqual(
      measuredItems.map(({ id }) => [id, [], []]),
    );
    expect(verdict.witness?.confirmed?.seq).toBe(measuredItems.length);
    expect(verdict.holds).toBe(true);
  });

  test('a later run over other data leaves what was stored as it was', async () => {
    const [first = ''] = await evidenceIds();
    const before = await ask('viewer', 'GET', `/evidence/${first}`);
    await database.pool.query(`update device set provenance = 'replayed' where id = 'w-1'`);
    await ask('admin', 'POST', path, {});
    await sealAll(database.pool, clock);
    expect((await ask('viewer', 'GET', `/evidence/${first}`)).text).toBe(before.text);
    const newest = JSON.parse((await ask('viewer', 'GET', '/evidence?limit=1')).text) as {
      items: { id: string; storedBy: string; seq: number }[];
    };
    expect(newest.items[0]).toMatchObject({ storedBy: 'admin', seq: 2 * measuredItems.length });
  });
});

test('GET /assessments/{rubricId} measures for a few at a time, whatever periods are asked for', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      const from = new Date(Date.parse(assessedPeriod.from) + i * 1_000).toISOString();
      return (await ask('viewer', 'GET', `/assessments/chengdu-2021?from=${from}&to=${assessedPeriod.to}`))
        .status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(10);
});

test('GET /evidence/pack makes one pack after the other, and refuses a crowd', async () => {
  const packs = await Promise.all(
    Array.from({ length: 5 }, () => ask('assessor', 'GET', '/evidence/pack?rubric=chengdu-2021')),
  );
  expect(packs.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 503, 503]);
  expect((await ask('assessor', 'GET', '/evidence/pack?rubric=chengdu-2021&period=2026')).status).toBe(200);
  expect((await ask('assessor', 'GET', '/evidence/pack?rubric=chengdu-2021&period=1999')).status).toBe(404);
  expect((await ask('assessor', 'GET', '/evidence/pack?rubric=chengdu-2021&period=soon')).status).toBe(422);
});

describe('GET /evidence/{id}', () => {
  test('answers body, seal, inputs and every member of the population with its reason', async () => {
    const list = JSON.parse(
      (await ask('viewer', 'GET', '/evidence?item=operation.property.remote-metering')).text,
    ) as { items: { id: string }[] };
    const { text } = await ask('viewer', 'GET', `/evidence/${list.items.at(-1)?.id}`);
    const evidence = evidenceSchema.parse(JSON.parse(text));
    expect(evidence).toMatchObject({
      rubricId: 'chengdu-2021',
      body: {
        v: 'parkwatch-evidence-v1',
        park: 'demo',
        clause: '(二)10 远程抄表',
        demo: true,
        provenance: { field: 3, simulated: 1 },
        period: { ...assessedPeriod, timeZone: 'Asia/Shanghai' },
        storedBy: 'engineer',
      },
    });
    expect(evidence.sealedAt).not.toBeNull();
    expect(
      evidence.population.map(({ deviceId, counted, provenance, point }) => [
        deviceId,
        counted,
        provenance,
        point,
      ]),
    ).toEqual([
      ['e-1', true, 'simulated', 'e-1.active_energy_import'],
      ['g-1', true, 'field', 'g-1.volume'],
      ['w-1', true, 'field', 'w-1.volume'],
      ['w-2', false, 'field', 'w-2.volume'],
    ]);
    expect(evidence.population[3]?.reason).toEqual({
      zh: '2 个本地日中 0 日有良好计度读数（0 %）',
      en: 'Good register readings on 0 of 2 local days (0 %)',
    });
    for (const input of evidence.inputs) {
      const file = await ask('viewer', 'GET', `/evidence/${evidence.id}/inputs/${input.sha256}`);
      expect(sha256Hex(file.text)).toBe(input.sha256);
      expect(Buffer.byteLength(file.text)).toBe(input.bytes);
    }
  });

  test('answers 404 for what is not there, 422 for what is no id', async () => {
    expect((await ask('viewer', 'GET', '/evidence/999')).status).toBe(404);
    expect(
      (await ask('viewer', 'GET', `/evidence/${(await evidenceIds())[0]}/inputs/${'0'.repeat(64)}`)).status,
    ).toBe(404);
    expect((await ask('viewer', 'GET', '/evidence/1;drop')).status).toBe(422);
  });
});

test('GET /evidence pages by cursor, newest first', async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { text } = await ask(
      'viewer',
      'GET',
      `/evidence?limit=30${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    const page = JSON.parse(text) as { items: { id: string }[]; nextCursor: string | null };
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toHaveLength(2 * measuredItems.length);
  expect(seen).toEqual((await evidenceIds()).toReversed());
  const foreign = Buffer.from('1 or 1').toString('base64url');
  expect((await ask('viewer', 'GET', `/evidence?cursor=${foreign}`)).status).toBe(422);
});

test('GET /evidence/pack serves assessors, and says when there is nothing for the period', async () => {
  expect((await ask('operator', 'GET', '/evidence/pack?rubric=chengdu-2021')).status).toBe(403);
  const other = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
  expect((await ask('assessor', 'GET', `/evidence/pack?rubric=chengdu-2021&${other}`)).status).toBe(404);
  expect(
    (await ask('assessor', 'GET', '/evidence/pack?rubric=chengdu-2021&from=2026-01-01T00:00:00Z')).status,
  ).toBe(422);
});

describe('the store', () => {
  test.each(['evidence', 'evidence_input', 'evidence_file'])(
    'keeps every row of %s as it is',
    async (table) => {
      await expect(database.pool.query(`delete from ${table}`)).rejects.toThrow('never changed or deleted');
      await expect(database.pool.query(`truncate ${table} cascade`)).rejects.toThrow(
        'never changed or deleted',
      );
    },
  );

  test('keeps sealed rows of the journals as they are', async () => {
    for (const statement of [
      `update journal set body = '{}' where journal = 'evidence' and seq = 1`,
      `delete from journal where journal = 'audit' and seq = 1`,
    ]) {
      await expect(database.pool.query(statement)).rejects.toThrow('never changed or deleted');
    }
  });
});

describe('exclusions', () => {
  test('an engineer leaves a device out with a reason; the score follows, and the audit tells', async () => {
    const body = {
      measure: 'remote-metering',
      deviceId: 'w-2',
      from: assessedPeriod.from,
      reason: { zh: '表房拆除', en: 'meter room dismantled' },
    };
    expect((await ask('assessor', 'POST', '/exclusions', body)).status).toBe(403);
    expect((await ask('engineer', 'POST', '/exclusions', { ...body, deviceId: 'nobody' })).status).toBe(404);
    expect((await ask('engineer', 'POST', '/exclusions', { ...body, measure: 'x' })).status).toBe(422);
    expect((await ask('engineer', 'POST', '/exclusions', body)).status).toBe(201);
    const item = (await read()).items.find(({ item: id }) => id === 'operation.property.remote-metering');
    expect(item).toMatchObject({ value: 100, points: { min: 3, max: 3 } });
    const { rows } = await database.pool.query(
      `select 1 from journal where journal = 'audit' and body::jsonb @> '{"action":"exclusion.create","actor":"engineer"}'`,
    );
    expect(rows).toHaveLength(1);
    expect((await ask('engineer', 'DELETE', '/exclusions/1')).status).toBe(200);
    expect((await ask('engineer', 'DELETE', '/exclusions/1')).status).toBe(404);
    const list = JSON.parse((await ask('viewer', 'GET', '/exclusions')).text) as { items: object[] };
    expect(list.items).toMatchObject([{ deviceId: 'w-2', actor: 'engineer', reason: body.reason }]);
  });
});
