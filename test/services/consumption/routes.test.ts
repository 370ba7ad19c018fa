import type { QueryConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsumptionAnswer, MeterNode, Review } from '#schemas/api/consumption.ts';
import { openReviews } from '#services/consumption/review-store.ts';
import { consumptionRoutes } from '#services/consumption/routes.ts';
import { createBus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { coverReadings, insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

/** Midnight in Shanghai. */
const dayMs = Date.parse('2026-01-09T16:00:00Z');
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
let nowMs = dayMs + 24 * hourMs;
const clock = { ...fakeClock(), nowMs: () => nowMs };
const energy = 'active_energy_import';
let database: TestDatabase;
let directory: RunningPointDirectory;
let api: RouteApi;
/** Statements that were not part of a transaction. */
let statements = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.pool;
  await coverReadings(db, { from: '2026-01-09', to: '2026-01-11' });
  const meters = ['main', 'east', 'west', 'hall', 'bad', 'idle', 'changed'];
  await insertDevices(
    db,
    meters.map((id) => ({ id, class: 'energy-meter', from: '2026-01-01T00:00:00Z' })),
  );
  await attributes('east', { parentMeterId: 'main' });
  await attributes('west', { parentMeterId: 'main' });
  await attributes('hall', { parentMeterId: 'west' });
  await attributes('bad', { ratedPowerKw: '100' });
  await rises('main', 0, 600);
  await rises('east', 1_000, 240);
  await rises('west', 0, 300);
  await rises('hall', 5, 60);
  const bus = createBus((error) => {
    throw error;
  });
  directory = await startPointDirectory({ db, bus, log: silentLog() });
  const query = (statement: QueryConfig, values?: unknown[]) => {
    statements += 1;
    return db.query(statement, values);
  };
  const counted: typeof db = Object.assign(Object.create(db), { query });
  const deps = { db: counted, directory, clock, timeZone: 'Asia/Shanghai' };
  api = await openRouteApi((scope) => consumptionRoutes(scope, deps));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function attributes(id: string, values: object) {
  await database.pool.query('update device set attributes = $2 where id = $1', [id, JSON.stringify(values)]);
}

/** One sample a minute over the first two hours, from `first`, `perHour` an hour. */
async function rises(device: string, first: number, perHour: number) {
  const rows = Array.from({ length: 121 }, (_, at) => [at, first + (perHour * at) / 60] as const);
  await store(device, rows);
}

/** Rows of (minutes after midnight, value). */
async function store(device: string, rows: readonly (readonly [number, number])[], metric = energy) {
  await database.pool.query(
    `insert into reading (point_id, time, value, quality)
     select point_id, to_timestamp(t), v, 0 from point, unnest($2::float8[], $3::float8[]) u(t, v)
     where device_id = $1 and metric = $4`,
    [device, rows.map(([at]) => (dayMs + at * minuteMs) / 1_000), rows.map(([, value]) => value), metric],
  );
}

const iso = (minutes: number) => new Date(dayMs + minutes * minuteMs).toISOString();
interface Problem {
  readonly code: string;
  readonly errors?: { path: string; message: string }[];
}

async function ask<T>(path: string, query: Record<string, string>) {
  const { status, body } = await api.ask('viewer', 'GET', `${path}?${new URLSearchParams(query).toString()}`);
  return { status, body: body as T & Problem };
}
const consumption = (query: Record<string, string>) =>
  ask<ConsumptionAnswer>('/consumption', { from: iso(0), to: iso(120), interval: '1h', ...query });
const values = (answer: ConsumptionAnswer) =>
  answer.items.map((item) => item.buckets.map((one) => one.value));

describe('GET /consumption', () => {
  test('answers buckets and the total of one unit', async () => {
    const { status, body } = await consumption({ points: `east.${energy},west.${energy}` });
    expect(status).toBe(200);
    expect(values(body)).toEqual([
      [240, 240],
      [300, 300],
    ]);
    expect(body.items[0]).toMatchObject({ point: `east.${energy}`, unit: 'kWh', provenance: 'field' });
    expect(body.items[0]?.buckets[0]).toEqual({
      from: iso(0),
      to: iso(60),
      value: 240,
      coverage: 1,
      flags: [],
    });
    expect(body.totals).toMatchObject([
      { unit: 'kWh', points: 2, buckets: [{ value: 540 }, { value: 540 }] },
    ]);
  });

  test('says what is not known: null, and an incomplete total', async () => {
    const { body } = await consumption({ points: `east.${energy},idle.${energy}`, to: iso(180) });
    expect(values(body)).toEqual([
      [240, 240, null],
      [null, null, null],
    ]);
    expect(body.items.map(({ buckets }) => buckets.map(({ flags }) => flags.join()))).toEqual([
      ['', '', 'incomplete'],
      ['incomplete', 'incomplete', 'incomplete'],
    ]);
    expect(body.totals[0]?.buckets.map(({ value, coverage, flags }) => ({ value, coverage, flags }))).toEqual(
      [
        { value: 240, coverage: 0.5, flags: ['incomplete'] },
        { value: 240, coverage: 0.5, flags: ['incomplete'] },
        { value: null, coverage: 0, flags: ['incomplete'] },
      ],
    );
  });

  test('asks the database as often for five counters as for one, while nothing of them is kept', async () => {
    const asked = async (meters: readonly string[]) => {
      const before = statements;
      const points = meters.map((meter) => `${meter}.${energy}`).join(',');
      expect((await consumption({ points })).status).toBe(200);
      return statements - before;
    };
    const one = await asked(['main']);
    expect(one).toBeGreaterThan(0);
    expect(await asked(['main', 'east', 'west', 'hall', 'idle'])).toBe(one);
  });

  test('asks for every such counter below a space', async () => {
    await database.pool.query(
      `insert into space (id, valid_from, parent_id, kind, name) values
         ('house', '2026-01-01', null, 'building', 'House'), ('room', '2026-01-01', 'house', 'room', 'Room')`,
    );
    await database.pool.query(
      `update device set space_id = case id when 'east' then 'house' else 'room' end where id in ('east', 'west')`,
    );
    await directory.reload();
    const { body } = await consumption({ space: 'house', metric: energy });
    expect(body.items.map((item) => item.point).toSorted()).toEqual([`east.${energy}`, `west.${energy}`]);
    expect(body.totals).toMatchObject([{ points: 2, buckets: [{ value: 540 }, { value: 540 }] }]);
    const nothing = await consumption({ space: 'house', metric: 'volume' });
    expect(nothing).toMatchObject({ status: 200, body: { items: [], totals: [] } });
  });

  test('aligns days with the zone and clips the first and the last', async () => {
    const query = { points: `east.${energy}`, from: iso(-60), to: iso(30), interval: '1d' };
    const spans = (body: ConsumptionAnswer) => body.items[0]?.buckets.map(({ from, to }) => [from, to]);
    expect(spans((await consumption(query)).body)).toEqual([
      [iso(-60), iso(0)],
      [iso(0), iso(30)],
    ]);
    expect(spans((await consumption({ ...query, tz: 'UTC' })).body)).toEqual([[iso(-60), iso(30)]]);
  });

  test('a part of a quarter of an hour, a range backwards, a zone of no land and a gauge are 422', async () => {
    const points = `east.${energy}`;
    const wrong: [Record<string, string>, string][] = [
      [{ points, from: iso(1) }, 'from'],
      [{ points, to: iso(7) }, 'to'],
      [{ points, from: iso(120) }, 'from'],
      [{ points, tz: 'Mars/Olympus' }, 'tz'],
      [{ points: 'east.active_power' }, 'points'],
      [{ points, interval: '2h' }, 'interval'],
      [{ points, asOf: iso(0) }, ''],
      [{ points, space: 'x', metric: energy }, ''],
      [{ space: 'x' }, ''],
    ];
    for (const [query, parameter] of wrong) {
      const { status, body } = await consumption(query);
      expect(status, JSON.stringify(query)).toBe(422);
      expect(body.errors?.[0]?.path, JSON.stringify(query)).toContain(parameter);
    }
  });

  test('an unknown point is 404, more values than an answer may hold 413', async () => {
    expect((await consumption({ points: 'nobody.x' })).status).toBe(404);
    const wide = { points: `east.${energy}`, from: '2019-01-01T00:00:00Z', interval: '15m' };
    expect(await consumption(wide)).toMatchObject({ status: 413, body: { code: 'too-many-values' } });
  });
});

describe('GET /consumption/tree', () => {
  const tree = (query: Record<string, string>) =>
    ask<{ root: MeterNode; metric: string; unit: string }>('/consumption/tree', {
      root: 'main',
      from: iso(0),
      to: iso(60),
      ...query,
    });

  test('tells the share of each sub-meter and the loss between them', async () => {
    const { status, body } = await tree({});
    expect(status).toBe(200);
    expect(body).toMatchObject({ metric: energy, unit: 'kWh' });
    expect(body.root).toMatchObject({ deviceId: 'main', value: 600, share: null, loss: 60, lossShare: 0.1 });
    const [east, west] = body.root.children;
    expect(east).toMatchObject({ deviceId: 'east', value: 240, share: 0.4, loss: null, children: [] });
    expect(west).toMatchObject({ deviceId: 'west', value: 300, share: 0.5, loss: 240, lossShare: 0.8 });
    expect(west?.children).toMatchObject([{ deviceId: 'hall', value: 60, share: 0.2 }]);
  });

  test('takes a charger for what it counts, and claims no loss over a device that cannot be compared', async () => {
    await insertDevices(database.pool, [
      { id: 'charger', class: 'charger', from: '2026-01-01T00:00:00Z' },
      { id: 'roof', class: 'pv-inverter', from: '2026-01-01T00:00:00Z' },
    ]);
    await attributes('charger', { parentMeterId: 'hall' });
    await directory.reload();
    await store(
      'charger',
      [0, 30, 60].map((at) => [at, at] as const),
      'energy',
    );
    const hallOf = (root: MeterNode) => root.children[1]?.children[0];
    const charged = hallOf((await tree({})).body.root);
    expect(charged).toMatchObject({ loss: 0, children: [{ deviceId: 'charger', value: 60, share: 1 }] });
    await attributes('roof', { parentMeterId: 'hall' });
    await store(
      'roof',
      [0, 30, 60].map((at) => [at, at] as const),
      'energy',
    );
    const withRoof = hallOf((await tree({})).body.root);
    expect(withRoof).toMatchObject({ loss: null, children: [{}, { deviceId: 'roof', value: null }] });
    await attributes('roof', {});
    await attributes('charger', {});
  });

  test('claims no loss while a sub-meter is silent, and survives a ring of meters', async () => {
    await attributes('idle', { parentMeterId: 'hall' });
    await attributes('main', { parentMeterId: 'idle' });
    const { body } = await tree({});
    const hall = body.root.children[1]?.children[0];
    expect(hall).toMatchObject({ deviceId: 'hall', loss: null });
    expect(hall?.children).toMatchObject([{ deviceId: 'idle', value: null, share: null, children: [] }]);
    await attributes('idle', {});
    await attributes('main', {});
  });

  test('ends before the running quarter of an hour', async () => {
    nowMs = dayMs + 64 * minuteMs;
    const { body } = await tree({ to: iso(240) });
    expect(body).toMatchObject({ from: iso(0), to: iso(45), root: { value: 450 } });
    nowMs = dayMs + 24 * hourMs;
  });

  test('is 404 for a device without a counter and for one that is unknown', async () => {
    expect((await tree({ root: 'nobody' })).status).toBe(404);
    expect((await tree({ metric: 'volume' })).status).toBe(404);
  });
});

async function audit(action: string): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query<{ body: string }>(
    `select body from journal where journal = 'audit' and body::jsonb ->> 'action' = $1 order by id`,
    [action],
  );
  return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

describe('POST /devices/{id}/replacements', () => {
  const changed = `changed.${energy}`;
  const entry = { metric: energy, at: iso(30), closing: 510, opening: 2, reason: 'worn out' };
  const record = (body: object) => api.ask('engineer', 'POST', '/devices/changed/replacements', body);

  test('counts both meters, is listed and journalled, and can be taken back with a reason', async () => {
    await store('changed', [
      [0, 500],
      [60, 7],
      [61, 8],
    ]);
    expect(values((await consumption({ points: changed })).body)).toEqual([[7, 1]]);
    const made = await record(entry);
    expect(made).toMatchObject({ status: 201, body: { point: changed, at: iso(30), author: 'engineer' } });
    const { body } = await consumption({ points: changed });
    expect(body.items[0]?.buckets[0]).toMatchObject({ value: 15, flags: ['replacement'] });
    expect((await record(entry)).status).toBe(409);
    const listed = await ask<{ items: { id: string }[] }>('/devices/changed/replacements', {});
    expect(listed.body.items).toEqual([made.body]);
    expect(await audit('replacement.create')).toMatchObject([
      { actor: 'engineer', object: changed, reason: 'worn out', after: { closing: 510, opening: 2 } },
    ]);

    const path = `/devices/changed/replacements/${listed.body.items[0]?.id}/withdraw`;
    const elsewhere = path.replace('changed', 'east');
    expect((await api.ask('engineer', 'POST', elsewhere, { reason: 'a mistake' })).status).toBe(404);
    expect((await api.ask('engineer', 'POST', path, {})).status).toBe(422);
    expect((await api.ask('engineer', 'POST', path, { reason: 'a mistake' })).status).toBe(200);
    expect(values((await consumption({ points: changed })).body)).toEqual([[7, 1]]);
    expect(await audit('replacement.withdraw')).toMatchObject([{ reason: 'a mistake' }]);
  });

  test('refuses the future, a gauge, a negative register and a missing reason', async () => {
    expect((await record({ ...entry, at: iso(3 * 24 * 60) })).status).toBe(422);
    expect((await record({ ...entry, metric: 'active_power' })).status).toBe(404);
    expect((await record({ ...entry, closing: -1 })).status).toBe(422);
    expect((await record({ ...entry, reason: '' })).status).toBe(422);
    expect((await api.ask('operator', 'POST', '/devices/changed/replacements', entry)).status).toBe(403);
  });
});

describe('the review list', () => {
  const bad = `bad.${energy}`;
  const reviews = async (query: Record<string, string> = {}) =>
    (await ask<{ items: Review[]; nextCursor: string | null }>('/consumption/reviews', query)).body;
  const decide = (id: string, body: object, role: 'engineer' | 'viewer' = 'engineer') =>
    api.ask(role, 'POST', `/consumption/reviews/${id}`, body);
  const bucket = async () => (await consumption({ points: bad })).body.items[0]?.buckets[0];

  test('an implausible step counts 0 and waits for a person, who may decide and decide otherwise', async () => {
    await store('bad', [
      [0, 1_000],
      [1, 1_001],
      [2, 9_001],
      [3, 9_002],
      [4, 9_003],
    ]);
    expect(await bucket()).toMatchObject({ value: 3, flags: ['implausible', 'incomplete'] });
    expect((await consumption({ points: bad })).status).toBe(200);
    const { items } = await reviews({ state: 'open' });
    expect(items).toMatchObject([
      {
        point: bad,
        earlier: { time: iso(1), value: 1_001, origin: 'sample' },
        later: { time: iso(2), value: 9_001, origin: 'sample' },
        claimed: 8_000,
        decidedBy: null,
      },
    ]);
    const id = items[0]?.id ?? '';
    const accepted = await decide(id, { decision: 'accept', reason: 'the meter was read by hand' });
    expect(accepted).toMatchObject({ status: 200, body: { state: 'accepted', decidedBy: 'engineer' } });
    expect(await bucket()).toMatchObject({ value: 8_003, flags: ['accepted', 'incomplete'] });
    // Whoever found the step before the decision opens nothing any more.
    const late = { timeUs: 0, quality: 0, register: 0, origin: 'sample' } as const;
    const suspect = {
      from: { ...late, timeUs: Date.parse(iso(1)) * 1_000, value: 1_001 },
      to: { ...late, timeUs: Date.parse(iso(2)) * 1_000, value: 9_001 },
      claimed: 8_000,
    };
    await openReviews(database.pool, directory.find('bad', energy)?.pointId ?? 0, [suspect]);
    expect((await reviews({ state: 'open' })).items).toEqual([]);

    const change = { decision: 'replacement', closing: 1_002, opening: 9_000, reason: 'new meter' };
    expect((await decide(id, { ...change, at: iso(5) })).status).toBe(422);
    expect(await decide(id, { ...change, at: iso(1.5) })).toMatchObject({ body: { state: 'replacement' } });
    expect(await bucket()).toMatchObject({ value: 5, flags: ['replacement', 'incomplete'] });

    expect(await decide(id, { decision: 'reopen', reason: 'not so sure' })).toMatchObject({
      status: 200,
      body: { state: 'open', decidedBy: null },
    });
    expect(await bucket()).toMatchObject({ value: 3, flags: ['implausible', 'incomplete'] });
    expect(await audit('consumption.review')).toMatchObject([
      { reason: 'the meter was read by hand', before: { state: 'open' }, after: { state: 'accepted' } },
      { before: { state: 'accepted' }, after: { state: 'replacement' } },
      { before: { state: 'replacement' }, after: { state: 'open' } },
    ]);
  });

  test('a sample that is left out no longer counts', async () => {
    const id = (await reviews({ state: 'open', device: 'bad' })).items[0]?.id ?? '';
    const leaveOut = { decision: 'leave-out', sample: 'later', reason: 'the box was rebooting' };
    expect(await decide(id, leaveOut)).toMatchObject({
      status: 200,
      body: { state: 'left-out', leftOut: 'later' },
    });
    // Without it the step to the next sample is the implausible one.
    expect(await bucket()).toMatchObject({ value: 2, flags: ['implausible', 'left-out', 'incomplete'] });
    expect((await reviews({ state: 'open' })).items).toMatchObject([{ later: { value: 9_002 } }]);
    await decide(id, { decision: 'reopen', reason: 'only a test' });
  });

  test('a case that later data explains is superseded, and there is nothing to decide any more', async () => {
    expect(await bucket()).toMatchObject({ flags: ['implausible', 'incomplete'] });
    // The step to 9,002 came with the sample that was left out, and went with it.
    const superseded = (await reviews({ state: 'superseded' })).items;
    expect(superseded).toMatchObject([{ later: { value: 9_002 }, decidedBy: null }]);
    const again = await decide(superseded[0]?.id ?? '', { decision: 'accept', reason: 'too late' });
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await decide('999', { decision: 'accept', reason: 'nothing' })).status).toBe(404);
    expect((await decide('1', { decision: 'accept', reason: 'nothing' }, 'viewer')).status).toBe(403);
  });

  test('is read page by page, newest first', async () => {
    const first = await reviews({ limit: '1' });
    expect(first.items).toHaveLength(1);
    const second = await reviews({ limit: '1', cursor: first.nextCursor ?? '' });
    expect(Number(second.items[0]?.id)).toBeLessThan(Number(first.items[0]?.id));
    expect(second.nextCursor).toBeNull();
  });
});

describe('GET /consumption/changes', () => {
  test('answers what changed of a device, newest first, page by page', async () => {
    const { rows } = await database.pool.query<{ id: number }>(
      `select point_id as id from point where device_id = 'hall' and metric = $1`,
      [energy],
    );
    await database.pool.query(
      `insert into consumption_change (point_id, from_time, to_time, old_value, new_value, old_coverage, new_coverage,
         old_bits, new_bits, cause)
       select $1, timestamptz '2026-01-09T16:00:00Z' + n * interval '1 hour',
         timestamptz '2026-01-09T17:00:00Z' + n * interval '1 hour', null, n, 0, 1, 0, 2, 'late'
       from generate_series(1, 3) n`,
      [rows[0]?.id],
    );
    const changes = async (query: string) => {
      const { status, body } = await api.ask('viewer', 'GET', `/consumption/changes?${query}`);
      return { status, body: body as { items: unknown[]; nextCursor: string | null } };
    };
    const first = await changes('device=hall&limit=2');
    expect(first.body).toMatchObject({
      items: [{ after: { value: 3 } }, { after: { value: 2, flags: ['uncertain'] } }],
    });
    const second = await changes(`device=hall&limit=2&cursor=${String(first.body.nextCursor)}`);
    expect(second.body).toMatchObject({
      items: [{ point: `hall.${energy}`, cause: 'late', before: { value: null, coverage: 0, flags: [] } }],
      nextCursor: null,
    });
    const inRange = await changes('device=hall&from=2026-01-09T18:00:00Z&to=2026-01-09T18:30:00Z');
    expect(inRange.body).toMatchObject({ items: [{ after: { value: 2 } }] });
    expect((await changes('device=nobody')).status).toBe(404);
    expect((await changes('from=2026-01-09T18:00:00Z')).status).toBe(422);
  });
});
