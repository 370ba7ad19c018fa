import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessmentSchema, evidenceSchema, type Assessment } from '#schemas/api/assessment.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { recordKinds } from '#schemas/registers/index.ts';
import { recordsMeasure } from '#services/assessment/measures/records/derive.ts';
import { fieldsOf, registersOf, ruleOf } from '#services/assessment/measures/records/facts.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { recordRoutes } from '#services/registers/routes.ts';
import { addPerson, openTestApi, type TestApi } from '#test/kit/api.ts';
import { assessmentDeps } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { createTestSigner } from '#test/kit/signer.ts';
import { full, partial, type Example, type Written } from './worked-records.ts';

const timeZone = 'Asia/Shanghai';
const stack = new AsyncDisposableStack();
const items = (rubrics.get('chengdu-2021')?.items ?? []).filter(({ measure }) => measure === 'records');
const answers: Record<'none' | 'partial' | 'full', Assessment | undefined> = {
  none: undefined,
  partial: undefined,
  full: undefined,
};
let api: TestApi;
let headers: object;

async function ask(method: 'GET' | 'POST', path: string, payload?: object): Promise<unknown> {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  expect(answer.statusCode, `${path} ${JSON.stringify(payload)} ${answer.body}`).toBeLessThan(300);
  return answer.json();
}

/** Writes an example's records; those without days of their own hold in `month`, events on its second day. */
async function writeAll(examples: Readonly<Record<string, Example>>, month: string): Promise<void> {
  const write = ({ kind, fields, code, from, until }: Written) =>
    ask('POST', `/registers/${kind}`, {
      code,
      fields,
      from: from ?? (recordKinds.get(kind)?.time === 'event' ? `${month}-02` : `${month}-01`),
      until: recordKinds.get(kind)?.time === 'event' ? null : (until ?? `${month}-31`),
    });
  for (const record of Object.values(examples).flatMap(({ records }) => records)) await write(record);
}

/** The month in Shanghai. */
const monthOf = (year: number) =>
  `from=${year}-02-${year % 4 === 0 ? 29 : 28}T16:00:00Z&to=${year}-03-31T16:00:00Z`;
const assess = async (year: number) =>
  assessmentSchema.parse(await ask('GET', `/assessments/chengdu-2021?${monthOf(year)}`));

beforeAll(async () => {
  const database = stack.use(await createTestDatabase());
  const [db, clock] = [database.pool, fakeClock()];
  api = stack.use(await openTestApi({ db, clock }));
  const signer = await createTestSigner();
  await api.register((v1) => recordRoutes(v1, { db, clock, timeZone }));
  await api.register((v1) => assessmentRoutes(v1, assessmentDeps({ db, clock, signer })));
  await api.root.ready();
  headers = (await addPerson({ db, clock }, 'engineer')).headers;
  for (let i = 1; i <= 12; i++) {
    const code = `c${String(i).padStart(2, '0')}`;
    const fields = { name: `企业 ${code}`, industry: 'software' };
    await ask('POST', '/registers/enterprise', {
      code,
      fields,
      from: '2021-01-01',
      ...(code === 'c12' ? { until: '2022-03-15' } : {}),
    });
  }
  await writeAll(partial, '2022-03');
  await writeAll(full, '2024-03');
  answers.none = await assess(2020);
  answers.partial = await assess(2022);
  answers.full = await assess(2024);
});
afterAll(() => stack.disposeAsync());

const found = (answer: Assessment | undefined, id: string) => answer?.items.find(({ item }) => item === id);

test('every item that registers prove has its three examples', () => {
  const ids = items.map(({ id }) => id).toSorted();
  expect(Object.keys(partial).toSorted()).toEqual(ids);
  expect(Object.keys(full).toSorted()).toEqual(ids);
});

describe('worked examples, written and read through the API', () => {
  test.each(items.map((item) => [item.id, item] as const))('%s', (id, item) => {
    expect(found(answers.partial, id), 'partial').toMatchObject({
      verdict: 'sufficient',
      basis: item.basis,
      ...partial[id]?.expected,
    });
    expect(found(answers.full, id), 'full').toMatchObject({ verdict: 'sufficient', ...full[id]?.expected });
    // Before anybody kept the register: no zero.
    const none = found(answers.none, id);
    expect(none, 'none').toMatchObject({
      verdict: 'insufficient',
      points: null,
      basis: 'missing',
      value: null,
    });
    expect(none?.reason.zh).toContain('没有记录');
  });
});

test('a register that is kept and has nothing of the kind is a zero, and not a missing answer', async () => {
  // In March 2025 every register has records, all of them ended.
  const answer = await assess(2025);
  expect(found(answer, 'industry.enterprise.cloud')).toMatchObject({
    verdict: 'sufficient',
    points: { min: 0, max: 0 },
  });
  expect(found(answer, 'org.training')).toMatchObject({
    verdict: 'sufficient',
    points: { min: 0, max: 0 },
    value: 0,
  });
  // A register of rooms that has none of the kind does not say that there is none.
  expect(found(answer, 'infra.telecom-room')).toMatchObject({ verdict: 'insufficient' });
  // A share of nothing is no share.
  expect(found(answer, 'infra.network.duct-main-roads')).toMatchObject({
    verdict: 'insufficient',
    points: null,
  });
});

test('evidence names every record with its hash, and why it counts or does not', async () => {
  const stored = assessmentSchema.parse(await ask('POST', `/assessments/chengdu-2021?${monthOf(2022)}`, {}));
  const id = found(stored, 'industry.enterprise.cloud')?.evidenceId;
  const evidence = evidenceSchema.parse(await ask('GET', `/evidence/${id}`));
  const standings = Object.groupBy(evidence.population, ({ standing }) => standing);
  expect([standings.counted?.length, standings.excluded?.length]).toEqual([3, 2]);
  expect(standings.excluded?.map(({ reason }) => reason.zh).toSorted()).toEqual([
    '企业 c12 在 2022-03-31 未入驻园区',
    '已于 2022-03-30 到期',
  ]);
  const facts = evidence.inputs.find(({ name }) => name === 'facts');
  const answer = await api.root.inject({
    method: 'GET',
    url: `/api/v1/evidence/${id}/inputs/${facts?.sha256}`,
    headers: { ...headers },
  });
  const { records } = answer.json<{ records: { code: string; sha256: string }[] }>();
  for (const { code, sha256 } of records) {
    const known = (await ask('GET', `/registers/recognition/${code}`)) as { sha256: string };
    expect(sha256, code).toBe(known.sha256);
  }
});

test('every rule reads registers and fields that there are, and looks at no personal field', () => {
  for (const item of items) {
    const rule = ruleOf(item);
    const kinds = registersOf(rule).map((id) => recordKinds.get(id));
    const known = new Map(kinds.flatMap((kind) => Object.entries(kind?.fields ?? {})));
    for (const field of fieldsOf(rule)) {
      if (rule.kind === 'services' && !known.has(field)) continue;
      expect(known.has(field), `${item.id}: ${field}`).toBe(true);
      expect(known.get(field)?.personal, `${item.id}: ${field}`).toBeUndefined();
    }
  }
});

test('derive() refuses facts of another item', () => {
  const [first, second] = items;
  if (first === undefined || second === undefined) throw new Error('no items');
  const facts = { measure: 'records', version: 1, item: first.id, registers: [], records: [], companies: [] };
  expect(() => recordsMeasure.derive(facts, second)).toThrow(`those of ${first.id}, not of ${second.id}`);
});
