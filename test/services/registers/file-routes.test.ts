import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerImportAnswer, recordDetailSchema } from '#schemas/api/registers.ts';
import { recordFileRoutes } from '#services/registers/file-routes.ts';
import { recordRoutes } from '#services/registers/routes.ts';
import { xlsxType } from '#services/registry/export.ts';
import { readXlsx, writeXlsx } from '#services/registry/xlsx.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const people: Record<string, TestPerson> = {};
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  api = stack.use(await openTestApi({ db, clock }));
  const deps = { db, clock, timeZone: 'Asia/Shanghai' };
  await api.register((v1) => recordRoutes(v1, deps));
  await api.register((v1) => recordFileRoutes(v1, deps));
  await api.root.ready();
  for (const role of ['viewer', 'engineer'] as const) people[role] = await addPerson({ db, clock }, role);
});
afterAll(() => stack.disposeAsync());

async function send(kind: string, payload: string | Buffer, query = '') {
  const answer = await api.root.inject({
    method: 'POST',
    url: `/api/v1/imports/registers/${kind}${query}`,
    headers: {
      ...people['engineer']?.headers,
      'content-type': typeof payload === 'string' ? 'text/csv' : xlsxType,
    },
    payload,
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}
const bring = async (kind: string, payload: string | Buffer, query = '') => {
  const answer = await send(kind, payload, query);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return registerImportAnswer.parse(answer.body);
};
const take = (role: string, path: string) =>
  api.root.inject({ method: 'GET', url: `/api/v1/${path}`, headers: { ...people[role]?.headers } });
const rows = async () => (await database.pool.query('select 1 from park_record')).rowCount;

const companies = `编号,起始日期,企业名称,所属行业,产业标签,规上企业,员工人数,联系电话
e-1,2024/1/5,=cmd|calc,软件和信息技术,芯片；AI,是,120,138
e-2,2024-01-05,乙公司,manufacturing,,否,,
`;

describe('POST /imports/registers/{kind}', () => {
  test('a dry run tells what would be made and writes nothing; the import does it; again it changes nothing', async () => {
    const before = await rows();
    const dry = await bring('enterprise', companies, '?dryRun=true');
    expect(dry).toMatchObject({ dryRun: true, created: 2, changed: 0, unchanged: 0 });
    expect(await rows()).toBe(before);
    expect(await bring('enterprise', companies)).toMatchObject({ created: 2 });
    const made = recordDetailSchema.parse((await take('engineer', 'registers/enterprise/e-1')).json());
    expect(made).toMatchObject({
      from: '2024-01-05',
      until: null,
      fields: { industry: 'software', tags: ['AI', '芯片'], aboveScale: true, employees: 120, phone: '138' },
    });
    expect(await bring('enterprise', companies)).toMatchObject({ created: 0, changed: 0, unchanged: 2 });
  });

  test('a row corrects what has its first day, changes from a later one, and leaves alone what it does not name', async () => {
    const answer = await bring(
      'enterprise',
      '编号,起始日期,员工人数\ne-1,2024-01-05,130\ne-2,2025-07-01,40\n',
    );
    expect(answer.changes).toEqual([
      { code: 'e-1', change: 'correct', fields: [{ field: 'employees', before: 120, after: 130 }] },
      {
        code: 'e-2',
        change: 'change',
        fields: [
          { field: 'from', before: '2024-01-05', after: '2025-07-01' },
          { field: 'employees', before: null, after: 40 },
        ],
      },
    ]);
    const changed = recordDetailSchema.parse((await take('engineer', 'registers/enterprise/e-2')).json());
    expect(changed.pieces.map(({ from, until, fields }) => [from, until, fields['employees']])).toEqual([
      ['2025-07-01', null, 40],
      ['2024-01-05', '2025-06-30', undefined],
    ]);
    // The word null takes a value away.
    await bring('enterprise', '编号,员工人数\ne-1,null\n');
    expect((await take('engineer', 'registers/enterprise/e-1')).json()).not.toHaveProperty(
      'fields.employees',
    );
  });

  test('finds every fault with its line and column, and writes nothing', async () => {
    const before = await rows();
    const bad = `编号,起始日期,类型,级别,发证机构,企业
r-1,2024-13-01,三星上云企业,市级,市局,e-1
r-2,2024-01-01,六星,市级,市局,e-1
r-3,2024-01-01,cloud-3,city,市局,nobody
_x,2024-01-01,cloud-3,city,市局,e-1
r-5,,cloud-3,city,市局,e-1
`;
    const answer = await send('recognition', bad);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-import' } });
    expect(await rows()).toBe(before);
    const places = (answer.body['errors'] as { line: number; column: number }[]).map(({ line, column }) => [
      line,
      column,
    ]);
    // All at once, of whatever kind: nobody mends a file line by line.
    expect(places).toEqual([
      [2, 2],
      [3, 3],
      [4, 6],
      [5, 1],
      [6, 1],
    ]);
  });

  test('a cell that is wrong hides no fault of other rows, and makes none of those of the same record', async () => {
    const bad = `编号,起始日期,企业名称,所属行业
e-9,2026-13-05,甲公司,software
e-9,,甲公司,software
e-10,2026-01-05,乙公司,
`;
    const { body } = await send('enterprise', bad);
    expect(body['errors']).toEqual([
      { path: '/from', message: 'is no day', line: 2, column: 2 },
      { path: '/industry', message: 'is needed', line: 4, column: 1 },
    ]);
  });

  test.each([
    ['a column that is not known', '编号,颜色\nx,红\n', '"颜色" is no column'],
    ['no rows', '编号,企业名称\n', 'has no records'],
    ['no workbook', Buffer.from('PK not a zip'), 'is no workbook'],
    ['more than is taken', `code\n${'x\n'.repeat(5_001)}`, 'has more than 5000 records'],
  ])('refuses %s', async (_, payload, message) => {
    const answer = await send('enterprise', payload);
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toContain(JSON.stringify(message).slice(1, -1));
  });

  test('rows without a code are new records', async () => {
    const events = '起始日期,主题,类型,人数\n2025-03-01,上云培训,培训,30\n2025-04-01,开放日,宣传,200\n';
    expect(await bring('training', events)).toMatchObject({ created: 2 });
    const list = (await take('engineer', 'registers/training')).json<{
      items: { from: string; until: string }[];
    }>();
    expect(list.items.map(({ from, until }) => [from, until])).toEqual([
      ['2025-03-01', '2025-03-01'],
      ['2025-04-01', '2025-04-01'],
    ]);
  });
});

describe('GET /exports/registers/{kind}', () => {
  test.each(['zh', 'en'])('what comes out in %s goes in again and changes nothing', async (lang) => {
    const csv = (await take('engineer', `exports/registers/enterprise?format=csv&lang=${lang}`)).body;
    expect(await bring('enterprise', csv)).toMatchObject({ created: 0, changed: 0, unchanged: 3 });
    const workbook = (await take('engineer', `exports/registers/enterprise?lang=${lang}`)).rawPayload;
    expect(await bring('enterprise', workbook)).toMatchObject({ created: 0, changed: 0, unchanged: 3 });
  });

  test('marks what a spreadsheet would run, and holds no personal field for those who may not read it', async () => {
    const csv = (await take('viewer', 'exports/registers/enterprise?format=csv')).body;
    expect(csv).toContain("'=cmd|calc");
    expect(csv).not.toContain('联系电话');
    expect(csv).not.toContain('138');
  });

  test('days of a workbook are days, whatever the sheet makes of them', async () => {
    const sheet = {
      name: '项目',
      rows: [
        ['编号', '起始日期', '项目名称', '阶段'],
        ['p-1', new Date('2025-05-06T00:00:00Z'), '综合平台', '实施'],
      ],
    };
    const workbook = await writeXlsx([sheet]);
    expect((await readXlsx(workbook))[0]?.rows).toHaveLength(2);
    await bring('project', workbook);
    expect((await take('engineer', 'registers/project/p-1')).json()).toMatchObject({ from: '2025-05-06' });
  });
});
