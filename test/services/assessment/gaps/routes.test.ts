import { afterAll, beforeAll, expect, test } from 'vitest';
import { conditionOf, gapsSchema, whatIfSchema, type Gap } from '#schemas/api/gaps.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';
import { createTestSigner } from '#test/kit/signer.ts';

const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  await insertAssessedPark(db);
  await db.query(
    `insert into space (id, valid_from, parent_id, kind, name) values
       ('p', '2025-01-01', null, 'park', 'Park'), ('c', '2025-01-01', 'p', 'building', '3 号楼'),
       ('c-1f', '2025-01-01', 'c', 'floor', '一层')`,
  );
  await db.query(`update device set space_id = 'c-1f' where id = 'w-2'`);
  const signer = await createTestSigner();
  api = stack.use(await openRouteApi((v1) => assessmentRoutes(v1, assessmentDeps({ db, clock, signer }))));
});
afterAll(() => stack.disposeAsync());

const metering = 'operation.property.remote-metering';
const query = new URLSearchParams(assessedPeriod).toString();

test('GET /assessments/{rubricId}/gaps names what is missing in which building and what it would bring', async () => {
  const { items } = gapsSchema.parse(
    (await api.ask('viewer', 'GET', `/assessments/chengdu-2021/gaps?${query}`)).body,
  );
  // Three of four meters are 1.5 points by the convention; four of four are 3 points, so one meter brings 1.5.
  expect(items.find(({ item }) => item === metering)).toMatchObject({
    kind: 'never',
    class: 'water-meter',
    space: 'c',
    spaceName: '3 号楼',
    members: ['w-2'],
    // Nothing was ever heard of it: it has to be connected first.
    effort: 2,
    before: { min: 1, max: 2 },
    gain: 1.5,
  });
  // Nobody watches water: the fourth function is worth the step from 3.5 to all 5 points.
  const water = items.find((gap) => gap.item === 'operation.environment' && gap.function === 'water-quality');
  expect(water).toMatchObject({
    item: 'operation.environment',
    kind: 'function',
    before: { min: 2, max: 4 },
  });
  expect(water).toMatchObject({ after: { min: 5, max: 5 }, gain: 5 - 3.5 });
  const rates = items.map(({ gain, effort }) => gain / effort);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(items.every(({ gain }) => gain > 0)).toBe(true);
});

const anyCondition = { class: null, space: null, since: null, function: null };

async function suppose(body: object) {
  const path = `/assessments/chengdu-2021/what-if?${query}`;
  const { status, body: answer } = await api.ask('engineer', 'POST', path, body);
  expect(status, JSON.stringify(answer)).toBe(200);
  return whatIfSchema.parse(answer);
}

async function gaps(): Promise<Gap[]> {
  const { body } = await api.ask('viewer', 'GET', `/assessments/chengdu-2021/gaps?${query}`);
  return gapsSchema.parse(body).items;
}

test('POST /assessments/{rubricId}/what-if derives anew with these members counted, and stores nothing', async () => {
  const ask = (members: string[]) => suppose({ members });
  const answer = await ask(['w-2', 'nobody']);
  expect(answer.unknown).toEqual(['nobody']);
  expect(answer.items.map(({ item, before, after }) => ({ item, before, after }))).toContainEqual({
    item: metering,
    before: { min: 1, max: 2 },
    after: { min: 3, max: 3 },
  });
  expect(answer.after.determined.min).toBe(answer.before.determined.min + 2);
  expect((await ask(['w-1'])).items).toEqual([]);
  // Together by the condition of the gap, whatever devices it means.
  const condition = { ...anyCondition, kind: 'never', item: metering, class: 'water-meter', space: 'c' };
  const grouped = await suppose({ gaps: [condition] });
  expect(grouped).toMatchObject({ after: answer.after, members: 1, mended: 0 });
  expect(await suppose({ gaps: [{ ...condition, space: 'c-1f' }] })).toMatchObject({ members: 0, mended: 1 });
  // Nothing of it stays.
  expect((await ask(['w-2'])).before).toEqual(answer.before);
  const { rows } = await database.pool.query('select 1 from evidence');
  expect(rows).toEqual([]);
});

/** A record as the register would have written it. */
async function record(
  kind: string,
  code: string,
  { from, until = null, fields = {} }: RecordRow,
): Promise<void> {
  await database.pool.query(
    `insert into park_record (kind, code, version, valid_from, valid_until, title, fields, sha256, recorded_at, recorded_by)
     values ($1, $2, 1, $3, coalesce($4::date, 'infinity'), $2, $5, repeat('a', 64), '2025-01-01', 'test')`,
    [kind, code, from, until, JSON.stringify(fields)],
  );
}
interface RecordRow {
  readonly from: string;
  readonly until?: string | null;
  readonly fields?: object;
}

test('the list tells how many records reach the next band, when the last was written, and what soon ends', async () => {
  // Two of five trainings a year: 4-9 points; a year before 2026-01-20 the first of them is out.
  await record('training', 't-1', { from: '2025-01-20', until: '2025-01-20' });
  await record('training', 't-2', { from: '2025-12-10', until: '2025-12-10' });
  await record('enterprise', 'e-1', { from: '2025-01-01' });
  const company = { enterprise: 'e-1', type: 'two-fusion' };
  await record('recognition', 'r-1', { from: '2025-01-01', until: '2026-02-01', fields: company });
  await record('enterprise', 'e-2', { from: '2025-01-01' });
  const renewed = { enterprise: 'e-2', type: 'two-fusion' };
  await record('recognition', 'r-2', { from: '2025-01-01', until: '2026-01-15', fields: renewed });
  await record('recognition', 'r-2', { from: '2026-01-16', fields: renewed });

  await record('staff', 's-1', { from: '2025-01-01', fields: { team: 'it', employment: 'part-time' } });
  const items = await gaps();
  const of = (item: string, kind: string) => items.filter((gap) => gap.item === item && gap.kind === kind);
  expect(of('org.training', 'records')).toEqual([
    expect.objectContaining({
      register: { id: 'training', name: expect.anything() },
      count: 3,
      effort: 3,
      lastSeen: '2025-12-10',
      after: { min: 10, max: 10 },
    }),
  ]);
  expect(of('org.training', 'lapse')).toEqual([
    expect.objectContaining({
      ends: { name: 't-1', day: '2026-01-19', days: 14 },
      before: { min: 4, max: 9 },
      after: { min: 0, max: 0 },
      gain: 4,
    }),
  ]);
  // One company's ends within 60 days and costs its 3 points; the other's goes on.
  expect(of('industry.enterprise.two-fusion', 'lapse')).toEqual([
    expect.objectContaining({ count: 1, members: ['recognition/r-1'], gain: 3 }),
  ]);
  expect(of('industry.enterprise.two-fusion', 'records')).toEqual([
    expect.objectContaining({ count: 1, gain: 3 }),
  ]);
  // 3 to 6 points for people beside their work, and no number of ours between: 10 bring 4 to 7 more.
  expect(of('org.team', 'records')).toEqual([
    expect.objectContaining({ before: { min: 3, max: 6 }, gain: 7, isAtMost: true }),
  ]);
  // Nobody claimed it: people decide how much of it comes.
  expect(of('org.body', 'claim')).toEqual([
    expect.objectContaining({ isAtMost: true, gain: 20, effort: 3, isPending: false }),
  ]);
});

test('what would be supposes records, functions and claims, too', async () => {
  const items = await gaps();
  const training = items.find((gap) => gap.item === 'org.training' && gap.kind === 'records');
  const claim = items.find((gap) => gap.item === 'org.body' && gap.kind === 'claim');
  const water = items.find((gap) => gap.item === 'operation.environment' && gap.kind === 'function');
  const conditions = [training, claim, water].flatMap((gap) => (gap === undefined ? [] : [conditionOf(gap)]));
  const answer = await suppose({ gaps: conditions });
  expect(answer).toMatchObject({ members: 0, mended: 0, unknown: [] });
  expect(Object.fromEntries(answer.items.map(({ item, after }) => [item, after]))).toEqual({
    'org.training': { min: 10, max: 10 },
    'org.body': { min: 0, max: 20 },
    'operation.environment': { min: 5, max: 5 },
  });
  expect(answer.items.find(({ item }) => item === 'org.body')?.reason.en).toContain('at most 20');
  expect(answer.after.undetermined).toBe(answer.before.undetermined - 20);
  const gone = await suppose({ gaps: [{ ...anyCondition, kind: 'claim', item: 'org.training' }] });
  expect(gone).toMatchObject({ mended: 1, items: [] });
});

test('a function tells when it was seen last, and soon will have been seen too long ago', async () => {
  await insertDevices(database.pool, [{ id: 'app-1', class: 'application', from: '2024-01-01T00:00:00Z' }]);
  const event = (type: string, time: string) =>
    database.pool.query(
      `insert into event (device_id, time, untimed, type, event_key, data, source)
       values ('app-1', $2, false, $1, 'k', '{}', 'mqtt')`,
      [type, time],
    );
  const item = rubrics.get('chengdu-2021')?.items.find(({ id }) => id === 'operation.project');
  const wanted = item?.functions.flatMap(({ id, proofs = [] }) =>
    proofs.flatMap((proof) => (proof.kind === 'event' ? [{ id, ...proof }] : [])),
  );
  const [first, second] = wanted ?? [];
  if (first === undefined || second === undefined) throw new Error('the item has other proofs');
  await event(first.types[0] ?? '', '2024-06-01T04:00:00Z');
  const windowMs = (second.windowDays ?? 0) * 86_400_000;
  const soon = new Date(Date.parse('2026-01-20T04:00:00Z') - windowMs).toISOString();
  await event(second.types[0] ?? '', soon);
  const own = (await gaps()).filter((gap) => gap.item === 'operation.project');
  expect(own.find((gap) => gap.function === first.id)).toMatchObject({
    kind: 'function',
    lastSeen: '2024-06-01',
  });
  expect(own.find((gap) => gap.kind === 'lapse')).toMatchObject({
    function: second.id,
    ends: { day: '2026-01-19', days: 14 },
  });
});
