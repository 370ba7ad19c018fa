import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { bucketMs } from '#schemas/alarm-figures.ts';
import type { AlarmFigures, AlarmFlood } from '#schemas/api/alarm-figures.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { foldFacts } from '#services/alarms/facts.ts';
import { reviewFloods } from '#services/alarms/flood-store.ts';
import { shelveAlarm, unshelveAlarm } from '#services/alarms/handling.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import { openRunningPark, type RunningPark } from './alarm-park.ts';

const calendar = localCalendar('UTC');
const hourS = 3_600;

describe('foldFacts()', () => {
  let park: RunningPark;
  beforeEach(async () => {
    park = await openRunningPark('UTC');
  });
  afterEach(() => park[Symbol.asyncDispose]());
  const pass = (s: number) => park.pass(s * 1_000);
  const fold = () => foldFacts({ ...park.deps, log: silentLog(), calendar });
  const dayOf = (atS: number) => calendar.dayOf(Date.parse(park.startedAt) + atS * 1_000);
  const figures = async (query = '') =>
    (
      await park.api.ask(
        'viewer',
        'GET',
        `/alarm-figures?from=${dayOf(-86_400)}&to=${dayOf(3 * 86_400)}${query}`,
      )
    ).body as AlarmFigures;

  it('counts what was announced, apart from what was only recorded, with the times it took', async () => {
    await park.measure('em-1', 0, 250);
    await pass(30);
    await acknowledgeAlarm(park.deps, { id: 1, actor: 'li', comment: 'seen' });
    await pass(30);
    await park.measure('em-1', 60, 230);
    await park.measure('em-1', 61, 250);
    await shelveAlarm(
      park.deps,
      { id: 2, actor: 'li', reason: 'test' },
      { oneShot: false, forMs: hourS * 1_000 },
    );
    await park.measure('em-1', 62, 230);
    await park.measure('em-1', 70, 250);
    await pass(100);
    await unshelveAlarm(park.deps, { id: 2, actor: 'li', reason: 'over' });
    await fold();
    const told = await figures();
    // The two announced ones were raised 61 s apart, at whatever time of day this runs.
    const bucketOf = (atS: number) => Math.floor((Date.parse(park.startedAt) + atS * 1_000) / bucketMs);
    expect(told).toMatchObject({
      announced: 2,
      recorded: 1,
      bySeverity: { critical: 0, high: 2, medium: 0, low: 0 },
      rate: { peak: bucketOf(0) === bucketOf(61) ? 2 : 1 },
      acknowledge: { count: 1, meanS: 30 },
      clear: { count: 2, meanS: 30.5 },
      held: { shelvedS: 100, suppressedS: 0 },
      chattering: { sources: 0, alarms: 0 },
      topShare: 1,
    });
    expect(told.top).toMatchObject([
      { object: 'em-1.voltage_l1', deviceName: 'Meter 1', raised: 3, share: 1 },
    ]);
    expect((await figures('&position=nobody')).announced).toBe(0);
  });

  it('is the same however often it runs, and takes in what came for days past', async () => {
    await park.measure('em-1', 0, 250);
    await fold();
    const before = await figures();
    await fold();
    expect(await figures()).toEqual(before);
    await pass(2 * 86_400);
    await fold();
    expect((await figures()).days.map((each) => each.announced).reduce((a, b) => a + b)).toBe(1);
    // A late reading clears the alarm on its own day.
    await park.measure('em-1', 60, 230);
    await fold();
    const { clear, days } = await figures();
    expect(clear).toMatchObject({ count: 1, meanS: 60 });
    expect(days.length).toBeGreaterThanOrEqual(3);
  });

  it('tells what chatters and what stands for more than a day', async () => {
    for (let i = 0; i < 4; i++) {
      await park.measure('em-1', 10 * i, 250);
      await park.measure('em-1', 10 * i + 5, 230);
    }
    await park.measure('em-2', 100, 250);
    await pass(25 * hourS);
    await fold();
    const { chattering, standing, top, days } = await figures();
    expect(chattering).toEqual({ sources: 1, alarms: 2 });
    expect(top[0]).toMatchObject({ raised: 4, chattered: 2 });
    expect(standing).toMatchObject({ count: 1, items: [{ deviceId: 'em-2' }] });
    expect(days.at(-1)?.standing).toBe(1);
  });

  it('counts per operator position: the first that fits takes an alarm, main the rest', async () => {
    const items = [
      {
        id: 'b1-desk',
        name: '一号楼',
        nameEn: 'Building 1',
        spaces: ['b1'],
        deviceClasses: [],
        people: ['li'],
      },
      { id: 'meters', name: '电表', nameEn: null, spaces: [], deviceClasses: ['water-meter'], people: [] },
    ];
    await park.database.pool.query(
      `insert into park_user (username, display_name, role, password_hash, created_at)
       values ('li', 'Li', 'operator', 'x', now())`,
    );
    const put = await park.api.ask('engineer', 'PUT', '/operator-positions', {
      items,
      reason: 'second desk',
    });
    expect(put).toEqual({ status: 200, body: { items } });
    await park.measure('em-1', 0, 250);
    await park.measure('em-2', 1, 250);
    await fold();
    expect((await figures('&position=b1-desk')).announced).toBe(1);
    expect((await figures('&position=main')).announced).toBe(1);
    expect((await figures()).announced).toBe(2);
    const main = { id: 'main', name: 'x', nameEn: null, spaces: [], deviceClasses: [] };
    const refused = await park.api.ask('engineer', 'PUT', '/operator-positions', {
      items: [main],
      reason: 'x',
    });
    expect(refused.status).toBe(422);
    const unknown = await park.api.ask('engineer', 'PUT', '/operator-positions', {
      items: [
        { ...main, id: 'x', spaces: ['nowhere'], deviceClasses: ['no-class'], people: ['li', 'nobody'] },
      ],
      reason: 'x',
    });
    const { errors } = unknown.body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual([
      '/items/0/spaces/0',
      '/items/0/deviceClasses/0',
      '/items/0/people/1',
    ]);
  });

  it('reviewFloods() opens a flood, tells its causes while it goes on, and ends it with a digest', async () => {
    const floods = async () =>
      ((await park.api.ask('viewer', 'GET', '/alarm-floods')).body as { items: AlarmFlood[] }).items;
    await park.database.pool.query(
      `insert into device (id, valid_from, class, name, space_id)
       select 'fl-' || n, now(), 'energy-meter', 'Flood ' || n, 'b1' from generate_series(1, 12) n`,
    );
    const keys = Array.from({ length: 12 }, (_, i) => `fl-${i + 1}.voltage_l1`);
    await park.addPoints(...keys);
    park.registryChanged();
    await park.engine.idle();
    await park.send(...keys.map((point, i) => ({ point, atS: i, value: 250 })));
    await park.engine.idle();
    await park.clock.advance(20_000);
    const review = () => reviewFloods(park.database.pool, { nowMs: park.clock.nowMs() });
    await review();
    await review();
    expect(await floods()).toMatchObject([
      {
        position: 'main',
        endedAt: null,
        announced: 12,
        peak: 12,
        causes: [{ kind: 'rule', id: 'voltage-high', count: 12, unacknowledged: 12, severity: 'high' }],
      },
    ]);
    await pass(700);
    await review();
    expect(await floods()).toMatchObject([{ endedAt: expect.any(String), announced: 12 }]);
    const { rows } = await park.database.pool.query(
      `select body::jsonb ->> 'action' as action from journal where journal = 'audit' and body like '%alarm-flood%'`,
    );
    expect(rows).toEqual([{ action: 'alarm-flood.end' }]);
  });
});
