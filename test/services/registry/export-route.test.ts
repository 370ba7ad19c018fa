import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImportAnswer } from '#schemas/api/registry.ts';
import { xlsxType } from '#services/registry/export.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const cleanup = new AsyncDisposableStack();
let api: TestApi;
let engineer: TestPerson;

beforeAll(async () => {
  const { pool: db } = cleanup.use(await createTestDatabase());
  api = cleanup.use(await openTestApi({ db, clock }));
  engineer = await addPerson({ db, clock }, 'engineer');
});
afterAll(() => cleanup.disposeAsync());

async function bring(type: string, payload: string | Buffer, dryRun = false) {
  const answer = await api.root.inject({
    method: 'POST',
    url: `/api/v1/imports?dryRun=${dryRun}`,
    headers: { ...engineer.headers, 'content-type': type },
    payload,
  });
  return { status: answer.statusCode, body: answer.json<ImportAnswer>() };
}

async function fetchExport(query: string) {
  const answer = await api.root.inject({
    url: `/api/v1/exports/registry?${query}`,
    headers: engineer.headers,
  });
  expect(answer.statusCode).toBe(200);
  return { type: String(answer.headers['content-type']), bytes: answer.rawPayload };
}

const park = `spaces:
  - { id: tower, name: 塔楼, kind: building, areaM2: 120.5, tags: [crowded-area, key-building] }
  - { id: plain, name: 平房, kind: building }
devices:
  - { id: em-1, name: "=HYPERLINK(1)", class: energy-meter, spaceId: tower, attributes: { ratedPowerKw: 40, serial: "007", code: "40" } }
  - { id: em-2, name: "a, \\"b\\"", class: energy-meter }
points:
  - { deviceId: em-1, metric: box_temperature, kind: gauge, unit: degC }
  - { deviceId: em-2, metric: frequency, ignored: true }
`;
const nothing = { spaces: 0, devices: 0, points: 0 };

it('exports what a park is in each form so that importing it again changes nothing', async () => {
  expect(await bring('text/yaml', park)).toMatchObject({
    status: 200,
    body: { created: { spaces: 2, devices: 2, points: 2 } },
  });
  const yaml = await fetchExport('format=yaml');
  const again = await bring('text/yaml', yaml.bytes);
  expect(again.body).toMatchObject({
    created: nothing,
    changed: nothing,
    unchanged: { spaces: 2, devices: 2, points: 2 },
    changes: [],
    undo: null,
  });
  const xlsx = await fetchExport('format=xlsx');
  expect(xlsx.type).toBe(xlsxType);
  expect((await bring(xlsxType, xlsx.bytes)).body).toMatchObject({
    changes: [],
    unchanged: { devices: 2, points: 2 },
  });
  for (const kind of ['spaces', 'devices', 'points']) {
    const csv = await fetchExport(`format=csv&kind=${kind}`);
    expect((await bring('text/csv', csv.bytes)).body, kind).toMatchObject({ created: nothing, changes: [] });
  }
  const devices = (await fetchExport('format=csv&kind=devices')).bytes.toString('utf8');
  expect(devices).toContain("'=HYPERLINK(1)");
});

it('shows the difference before it writes, and gives back a file that undoes it', async () => {
  const edited = 'id,name,class,spaceId\nem-1,Main meter,energy-meter,null\nem-3,New,energy-meter,tower\n';
  const shown = await bring('text/csv', edited, true);
  expect(shown.body).toMatchObject({
    dryRun: true,
    created: { devices: 1 },
    changed: { devices: 1 },
    changes: [
      { kind: 'devices', id: 'em-3', change: 'create' },
      {
        kind: 'devices',
        id: 'em-1',
        change: 'change',
        fields: [
          { field: 'name', before: '=HYPERLINK(1)', after: 'Main meter' },
          { field: 'spaceId', before: 'tower', after: null },
        ],
      },
    ],
  });
  const name = async () => {
    const answer = await api.root.inject({ url: '/api/v1/devices/em-1', headers: engineer.headers });
    return answer.json<{ name: string; attributes: object }>();
  };
  expect((await name()).name).toBe('=HYPERLINK(1)');
  const done = await bring('text/csv', edited);
  expect(await name()).toMatchObject({ name: 'Main meter', attributes: { ratedPowerKw: 40 } });
  await bring('text/yaml', done.body.undo ?? '');
  expect(await name()).toMatchObject({ name: '=HYPERLINK(1)', spaceId: 'tower' });
});

it('takes what a space is declared to be from one cell, in any order, and refuses an unknown declaration', async () => {
  const edited =
    'id,name,kind,tags\ntower,塔楼,building,key-building; crowded-area\nplain,平房,building,lobby\n';
  expect((await bring('text/csv', edited)).body.changes).toEqual([
    {
      kind: 'spaces',
      id: 'plain',
      change: 'change',
      fields: [{ field: 'tags', before: [], after: ['lobby'] }],
    },
  ]);
  const unknown = await bring('text/csv', 'id,name,kind,tags\ntower,塔楼,building,palace\n');
  expect(unknown.status).toBe(422);
});

it('tells every fault of a table with its line, and changes nothing', async () => {
  const answer = await bring('text/csv', 'id,name,class\nem-8,A,energy-meter\nem-9,B,toaster\n');
  expect(answer).toMatchObject({
    status: 422,
    body: { code: 'invalid-import', errors: [{ line: 3, column: 3 }] },
  });
  const found = await api.root.inject({ url: '/api/v1/devices/em-8', headers: engineer.headers });
  expect(found.statusCode).toBe(404);
});
