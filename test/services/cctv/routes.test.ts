import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createSecretBox } from '#infra/secret-box.ts';
import type { CameraProbeAnswer, CctvGroup } from '#schemas/api/cctv.ts';
import type { CameraProbe } from '#schemas/cctv.ts';
import { startProbeKeeper } from '#services/cctv/probe-keeper.ts';
import { cctvRoutes } from '#services/cctv/routes.ts';
import { startSavedCctv } from '#services/cctv/saved.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const clock = fakeClock(Date.parse('2026-03-01T00:00:00Z'));
const box = createSecretBox(randomBytes(32));
let cleanup: AsyncDisposableStack;
let database: TestDatabase;
let api: RouteApi;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  database = cleanup.use(await createTestDatabase());
  const deps = { db: database.pool, clock, box, ofFile: () => ['file-group'], desk };
  api = cleanup.use(await openRouteApi((v1) => cctvRoutes(v1, deps)));
});
afterEach(() => cleanup.disposeAsync());

const tested: unknown[] = [];
const nothing = { durationMs: 1, cameras: [], camerasLeftOut: 0, platform: null };
const desk = { test: (definition: object) => (tested.push(definition), Promise.resolve(nothing)) };

const camera = { deviceId: 'cam-1', rtsp: 'rtsp://10.0.0.11/1' };
const group = { username: 'parkwatch', cameras: [camera] };
async function put(id: string, definition: object, base = 0) {
  const { status, body } = await api.ask('engineer', 'PUT', `/cctv/groups/${id}`, { definition, base });
  return { status, body: body as CctvGroup & { code?: string; errors?: { path: string }[] } };
}
async function groups() {
  return ((await api.ask('engineer', 'GET', '/cctv/groups')).body as { items: CctvGroup[] }).items;
}

describe('PUT /cctv/groups/{id}', () => {
  test('keeps a group, its secret encrypted and never told', async () => {
    const saved = await startSavedCctv({ db: database.pool, clock, log: silentLog(), box });
    await using _ = saved;
    const answer = await put('yard', { ...group, password: 'very secret' });
    expect(answer).toMatchObject({
      status: 200,
      body: { origin: 'saved', version: 1, secretsSet: ['password'] },
    });
    expect(JSON.stringify([answer, await groups()])).not.toContain('very secret');
    const { rows } = await database.pool.query<{ row: string }>(
      'select row_to_json(g)::text as row from cctv_group g union all select body from journal',
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain('very secret');
    await until(() => saved.value().length === 1, 'the saved group');
    expect(saved.value()[0]).toMatchObject({ id: 'yard', password: 'very secret', intervalS: 60 });
    expect((await groups()).map(({ id, origin }) => [id, origin])).toEqual([
      ['file-group', 'file'],
      ['yard', 'saved'],
    ]);
  });

  test('a secret that is not given stays, but goes to no other address', async () => {
    await put('yard', { ...group, password: 'very secret' });
    const slower = await put('yard', { ...group, intervalS: 120 }, 1);
    expect(slower).toMatchObject({ status: 200, body: { version: 2, secretsSet: ['password'] } });
    const elsewhere = { ...group, cameras: [{ deviceId: 'cam-1', rtsp: 'rtsp://198.51.100.1/1' }] };
    expect(await put('yard', elsewhere, 2)).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
  });

  test.each([
    ['a file of this machine', { ...group, passwordFile: '/etc/shadow' }, '/definition/passwordFile'],
    ['an unknown field', { ...group, password: 'x', intervall: 5 }, '/definition/intervall'],
    ['a camera without an address', { cameras: [{ deviceId: 'cam-1' }] }, '/definition/cameras/0'],
  ])('refuses %s by its path', async (_, definition, path) => {
    const { status, body } = await put('yard', definition);
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.path)).toContain(path);
  });

  test('refuses a group of the file, and one that somebody changed meanwhile', async () => {
    expect(await put('file-group', group)).toMatchObject({ status: 409 });
    await put('yard', { cameras: [camera] });
    expect(await put('yard', { cameras: [camera] })).toMatchObject({ status: 409 });
  });
});

describe('POST /cctv/groups/{id}/test', () => {
  const ask = (id: string, definition: object) =>
    api.ask('engineer', 'POST', `/cctv/groups/${id}/test`, { definition });

  test('asks with the secrets that are kept, but takes none to another address; names faults by their path', async () => {
    await put('yard', { ...group, password: 'very secret' });
    tested.length = 0;
    expect((await ask('yard', group)).status).toBe(200);
    expect(tested).toMatchObject([{ id: 'yard', password: 'very secret' }]);
    const moved = { ...group, cameras: [{ ...camera, rtsp: 'rtsp://10.9.9.9/1' }] };
    expect(await ask('yard', moved)).toMatchObject({ status: 422 });
    expect(JSON.stringify(tested)).not.toContain('10.9.9.9');
    const { status, body } = await ask('new', { cameras: [{ deviceId: 'x' }] });
    expect([status, (body as { errors: { path: string }[] }).errors[0]?.path]).toEqual([
      422,
      '/definition/cameras/0',
    ]);
  });
});

describe('GET /cctv/cameras', () => {
  const probe = (deviceId: string, rest: Partial<CameraProbe> = {}): CameraProbe => ({
    deviceId,
    group: 'yard',
    atMs: clock.nowMs(),
    answers: true,
    troubles: [],
    clockOffsetS: 0.4,
    reachS: 86_400,
    recording: true,
    recordedShare: 0.98,
    manufacturer: 'Maker',
    model: 'M1',
    firmware: '2.0',
    ...rest,
  });
  async function cameras(query = '') {
    const { body } = await api.ask('viewer', 'GET', `/cctv/cameras${query}`);
    return (body as { items: CameraProbeAnswer[] }).items;
  }

  test('tells the last round of each camera; maker and last answer stay while it is away', async () => {
    const known = [probe('cam-1'), probe('cam-2', { troubles: ['ONVIF answers 401'] })];
    const keeper = () =>
      startProbeKeeper({ db: database.pool, clock, log: silentLog(), cameras: () => known });
    await keeper()[Symbol.asyncDispose]();
    const first = new Date(clock.nowMs()).toISOString();
    await clock.advance(60_000);
    const none = { clockOffsetS: null, reachS: null, recording: null };
    const unknown = { manufacturer: null, model: null, firmware: null };
    known[0] = probe('cam-1', { answers: false, troubles: ['no answer in time'], ...none, ...unknown });
    await keeper()[Symbol.asyncDispose]();
    expect(await cameras()).toMatchObject([
      {
        deviceId: 'cam-1',
        answers: false,
        answeredAt: first,
        troubles: ['no answer in time'],
        manufacturer: 'Maker',
        reachS: null,
      },
      { deviceId: 'cam-2', clockOffsetS: 0.4 },
    ]);
    expect((await cameras('?trouble=true&device=cam-2')).map(({ deviceId }) => deviceId)).toEqual(['cam-2']);
    known[1] = probe('cam-2', { atMs: clock.nowMs() });
    await keeper()[Symbol.asyncDispose]();
    expect((await cameras('?trouble=true')).map(({ deviceId }) => deviceId)).toEqual(['cam-1']);
    // Nobody asks them any more.
    await clock.advance(3 * 86_400_000);
    expect(await cameras()).toEqual([]);
  });
});
