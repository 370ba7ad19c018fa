import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessmentSchema, type Assessment } from '#schemas/api/assessment.ts';
import { recordKinds } from '#schemas/registers/index.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { hasPython, verifyIndependently } from '#test/kit/independent-verifier.ts';
import { repack, setText, textIn, unpack, verdictOf } from '#test/kit/pack.ts';
import { startServe, type ServedPark } from '#test/kit/serve.ts';
import { openWorkedField, workedPeriod, type WorkedField } from '#test/kit/worked-park.ts';
import { expectedParts, otherRecords, someRecords, type Line } from './worked-parts.ts';

/**
 * Three worked examples of items that are measured by their parts, over the rubrics that share their evidence: a park that was
 * only imported, the same with some of its data, the same with nearly all. Everything comes in as a park's would, over MQTT
 * and HTTP, and what the items come to is worked out by hand beside them (worked-parts.ts).
 */
type Step = ReadonlyMap<string, Assessment['items'][number]>;

const dayMs = 86_400_000;
const stack = new AsyncDisposableStack();
const rubricIds = [...scoredRubrics.keys()].filter((id) => id !== 'chengdu-2021');
const steps: Step[] = [];
let park: ServedPark;
let field: WorkedField;
/** The first local day of the period, and today. */
let days: { readonly first: string; readonly today: string };

const keyPlaces = ['gate-1', 'gate-2', 'lobby-1', 'hall-1'];
const sized = new Set(['b-1', 'b-2', ...keyPlaces]);

function parkDocument(nowMs: number): object {
  const validFrom = new Date(nowMs - 40 * dayMs).toISOString();
  const space = (id: string, kind: string, tags: readonly string[] = []) => ({
    id,
    kind,
    name: id,
    validFrom,
    ...(id === 'park' ? {} : { parentId: 'park' }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(sized.has(id) ? { areaM2: 100 } : {}),
  });
  const device = (id: string, deviceClass: string, attributes: object = {}) => ({
    id,
    name: id,
    class: deviceClass,
    spaceId: id.startsWith('cam-') ? keyPlaces[Number(id.slice(4)) - 1] : id === 'door-1' ? 'b-2' : 'b-1',
    attributes,
    validFrom,
  });
  return {
    spaces: [
      space('park', 'park'),
      space('b-1', 'building'),
      space('b-2', 'building'),
      ...keyPlaces.map((id) => space(id, 'zone', ['key-location'])),
      space('room-1', 'room'),
      space('room-2', 'room'),
    ],
    devices: [
      device('em-1', 'energy-meter', { accuracyClass: '0.5S' }),
      device('em-2', 'energy-meter'),
      device('wm-1', 'water-meter'),
      device('lift-1', 'elevator'),
      device('chiller-1', 'building-equipment', { kind: 'chiller' }),
      device('fire-1', 'fire-panel'),
      device('door-1', 'access-door'),
      device('env-1', 'environment-station'),
      device('charger-1', 'charger'),
      device('pv-1', 'pv-inverter'),
      device('app-1', 'application'),
      device('vms-1', 'video-platform'),
      ...[1, 2, 3, 4].map((n) => device(`cam-${n}`, 'camera')),
    ],
  };
}

async function write([kind, fields]: Line): Promise<void> {
  const time = recordKinds.get(kind)?.time;
  const code = kind === 'enterprise' ? `c-${String(fields['name']).slice(3)}` : undefined;
  const { status, body } = await park.request('POST', `/registers/${kind}`, {
    code,
    fields,
    from: time === 'event' ? days.today : days.first,
    until: time === 'expiring' ? '2099-12-31' : null,
  });
  expect(status, `${kind} ${JSON.stringify(body)}`).toBeLessThan(300);
}

function periodUntilNow(): string {
  const nowMs = Date.now();
  return new URLSearchParams({
    from: new Date(workedPeriod(nowMs).fromMs).toISOString(),
    to: new Date(nowMs).toISOString(),
  }).toString();
}

async function assessAll(): Promise<Step> {
  const period = periodUntilNow();
  const found = new Map<string, Assessment['items'][number]>();
  for (const id of rubricIds) {
    const { status, body } = await park.request('GET', `/assessments/${id}?${period}`);
    expect(status, JSON.stringify(body)).toBe(200);
    for (const item of assessmentSchema.parse(body).items) found.set(`${id}/${item.item}`, item);
  }
  return found;
}

beforeAll(async () => {
  park = stack.use(await startServe());
  const nowMs = Date.now();
  const dayOf = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
  days = { first: dayOf(workedPeriod(nowMs).fromMs), today: dayOf(nowMs) };
  expect(await park.request('POST', '/imports', parkDocument(nowMs))).toMatchObject({ status: 200 });
  field = stack.use(await openWorkedField(park));
  steps.push(await assessAll());
  await bringSome();
  for (const line of someRecords) await write(line);
  steps.push(await assessAll());
  await bringRest();
  for (const line of otherRecords) await write(line);
  steps.push(await assessAll());
});
afterAll(() => stack.disposeAsync());

async function bringSome(): Promise<void> {
  await field.hourly(['em-1'], { active_energy_import: 100, active_power: 5 });
  await field.hourly(['cam-1', 'cam-2', 'cam-3'], { online: true });
  await field.event('app-1', ['portal.opened']);
}

async function bringRest(): Promise<void> {
  await field.hourly(['em-2'], { active_energy_import: 100, active_power: 5 });
  await field.hourly(['wm-1'], { volume: 10 });
  await field.hourly(['lift-1'], { mode: 'normal', floor: 1 });
  await field.hourly(['chiller-1'], { running: true });
  await field.hourly(['fire-1'], { alarm: false, fault: false });
  await field.hourly(['door-1'], { door: 'closed', online: true });
  await field.hourly(['env-1'], { pm25: 30, noise_leq: 50 });
  await field.hourly(['cam-4'], { online: true });
  await field.now('fire-1', { fault: false });
  for (const n of [1, 2, 3, 4]) {
    await field.now(`cam-${n}`, { width: 1_920, height: 1_080, oldest_recording_age: 35 * 86_400 });
  }
  await field.event('app-1', ['panel.shown', 'notice.news-read']);
  await field.event('vms-1', ['playback.started']);
  const patched = [
    await park.request('PATCH', '/devices/em-2', { attributes: { accuracyClass: '0.5S' } }),
    await park.request('PATCH', '/devices/fire-1', { attributes: { inspectionDue: '2099-01-01' } }),
    ...(await Promise.all(
      ['room-1', 'room-2'].map((id) => park.request('PATCH', `/spaces/${id}`, { areaM2: 20 })),
    )),
  ];
  expect(patched.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  await field.hourly(['pv-1'], { power: 12 });
}

describe.each(Object.entries(expectedParts))('%s', (key, expected) => {
  test.each(['empty', 'part', 'full'].map((name, index) => [name, index] as const))('%s', (_, index) => {
    const item = steps[index]?.get(key);
    const [, id = ''] = key.split('/');
    const rubric = [...scoredRubrics.values()].find((each) => key.startsWith(`${each.id}/`));
    const known = rubric?.items.find((each) => each.id === id);
    const band = known?.bands.find((each) => each.id === expected[index]);
    const told = `${item?.reason.en}`;
    expect(item?.points ?? null, told).toEqual(
      expected[index] === null ? null : (band?.points ?? 'no such band'),
    );
    expect(item?.basis, told).toBe(expected[index] === null ? 'missing' : known?.basis);
  });
});

describe.each(rubricIds)('the pack of %s', (id) => {
  let folder: string;
  let pack: Buffer;
  let stored: Assessment;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parkwatch-parts-'));
    const { body } = await park.request<Assessment>('POST', `/assessments/${id}?${periodUntilNow()}`, {});
    stored = body;
    pack = await park.download(`/evidence/pack?rubric=${id}`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is derived anew by the verifier, with the same total', async () => {
    const verdict = await verdictOf(pack);
    expect([verdict.findings, verdict.holds]).toEqual([[], true]);
    const { determined, undetermined, maximum } = stored;
    expect(verdict.total).toEqual({ determined, undetermined, maximum });
  });

  test.skipIf(!hasPython)('is derived anew by a verifier written from the document', async () => {
    const file = join(folder, 'pack.zip');
    await writeFile(file, pack);
    const { code, out } = await verifyIndependently(file);
    expect(out).toMatch(/^[^\n]*\nHOLDS\n$/);
    expect(code).toBe(0);
    // Every row of every measure is derived, and they come to the same total.
    const told = JSON.parse(out.split('\n')[0] ?? '') as {
      derived: Record<string, number>;
      total: Assessment;
    };
    const asked = Object.groupBy(scoredRubrics.get(id)?.items ?? [], ({ measure }) => String(measure));
    expect(told.derived).toEqual(
      Object.fromEntries(Object.entries(asked).map(([measure, items = []]) => [measure, items.length])),
    );
    const { determined, undetermined, maximum } = stored;
    expect(told.total).toEqual({ determined, undetermined, maximum });
  });

  test('does not hold with a record that says otherwise', async () => {
    const files = unpack(pack);
    const path = [...files.keys()].find(
      (name) => name.startsWith('inputs/') && textIn(files, name).includes('"kept":true'),
    );
    if (path === undefined) throw new Error('no register is kept');
    setText(files, path, textIn(files, path).replaceAll('"kept":true', '"kept":false'));
    expect((await verdictOf(await repack(files))).holds).toBe(false);
  });
});
