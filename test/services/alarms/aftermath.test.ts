import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maintenanceBody, type MaintenanceWindow } from '#schemas/api/maintenance.ts';
import { listAlarms, loadAlarm, type AlarmFilter } from '#services/alarms/alarm-store.ts';
import { confirmAlarm, shelveAlarm } from '#services/alarms/handling.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import { openRunningPark, type RunningPark } from './alarm-park.ts';

const minuteMs = 60_000;

describe('followTransitions() and dueReviews()', () => {
  let park: RunningPark;
  beforeEach(async () => {
    park = await openRunningPark();
  });
  afterEach(() => park[Symbol.asyncDispose]());
  const iso = (atS: number) => new Date(Date.parse(park.startedAt) + atS * 1_000).toISOString();
  const listed = async (state: AlarmFilter['state']) =>
    (await listAlarms(park.database.pool, { state, limit: 10 })).map(({ alarm }) => alarm.id);
  const kinds = () => park.published.map((each) => `${each.alarmId} ${each.kind}`);
  const plan = async (
    target: object,
    { fromS, toS, ...rest }: { fromS: number; toS: number; withCritical?: boolean },
  ) =>
    (await park.api.ask('engineer', 'POST', '/maintenance-windows', {
      name: 'Transformer',
      target,
      schedule: { kind: 'once', from: iso(fromS), to: iso(toS) },
      reason: 'yearly inspection',
      ...rest,
    })) as { status: number; body: MaintenanceWindow };
  const held = async () =>
    (
      await park.database.pool.query<{ told: string }>(
        `select kind || ' ' || extract(epoch from until - since)::float8 || ' ' || reason as told
         from alarm_held order by id`,
      )
    ).rows.map((row) => row.told);

  it('planned work suppresses what is active when it begins and what is raised inside, and gives back what stays', async () => {
    await park.measure('em-1', 0, 250);
    const { status, body } = await plan({ space: 'b1' }, { fromS: 60, toS: 600 });
    expect([status, body.devices, body.inForce, body.suppressing]).toEqual([201, 1, false, 0]);
    await park.measure('em-2', 1, 250);
    await park.pass(62_000);
    // em-2 stands in no space.
    expect([await listed('open'), await listed('suppressed')]).toEqual([['2'], ['1']]);
    await park.measure('em-1', 70, 230);
    await park.measure('em-1', 80, 250);
    expect(await listed('suppressed')).toEqual(['3', '1']);
    expect(await listed('active')).toEqual(['3', '2']);
    const alarm = await loadAlarm(park.database.pool, 3);
    expect(alarm?.alarm.suppressed).toMatchObject({
      by: 'maintenance',
      reason: 'Transformer: yearly inspection',
      facts: { code: 'maintenance', window: '1', name: 'Transformer', why: 'yearly inspection' },
    });
    await park.pass(600_000);
    expect([await listed('open'), await listed('suppressed')]).toEqual([['3', '2'], ['1']]);
    expect(kinds()).toEqual([
      '1 raised',
      '2 raised',
      '1 suppressed',
      '1 cleared',
      '3 raised',
      '3 suppressed',
      '3 unsuppressed',
    ]);
    expect(park.published.at(-1)?.facts).toEqual({
      code: 'maintenance-over',
      name: 'Transformer',
      why: 'yearly inspection',
    });
    expect(await held()).toEqual([
      expect.stringMatching(/^suppressed 8 Transformer/),
      expect.stringMatching(/^suppressed 582 Transformer/),
    ]);
  });

  it('planned work counts by when an alarm was raised, not by when that was committed', async () => {
    await plan({ device: 'em-1' }, { fromS: 10, toS: 60 });
    await park.pass(600_000);
    await park.measure('em-1', 20, 250);
    await park.measure('em-1', 30, 230);
    expect(await listed('suppressed')).toEqual(['1']);
    await park.measure('em-1', 70, 250);
    expect(await listed('open')).toEqual(['2']);
  });

  it('planned work leaves critical alarms alone unless it says otherwise, and finds devices by tag and class', async () => {
    await park.changeRule('voltage-high', { severity: 'critical' }, 'test');
    await park.engine.idle();
    await park.database.pool.query(
      `update device set attributes = '{"tags": "roof, hvac"}' where id = 'em-1'`,
    );
    await plan({ tag: 'hvac', deviceClass: 'energy-meter' }, { fromS: 0, toS: 600 });
    await park.measure('em-1', 1, 250);
    expect(await listed('open')).toEqual(['1']);
    const { body } = await plan({ tag: 'hvac' }, { fromS: 0, toS: 600, withCritical: true });
    await park.pass(2_000);
    expect([await listed('open'), await listed('suppressed')]).toEqual([[], ['1']]);
    const ended = await park.api.ask('engineer', 'POST', `/maintenance-windows/${body.id}/end`, {
      reason: 'done early',
    });
    expect(ended.body).toMatchObject({ inForce: false, endedBy: 'engineer', endReason: 'done early' });
    await park.pass(2_000);
    expect(await listed('open')).toEqual(['1']);
  });

  it('planned work is refused for what there is not, in the past, and to operators', async () => {
    expect((await plan({ device: 'nobody' }, { fromS: 0, toS: 600 })).status).toBe(422);
    expect((await plan({ deviceClass: 'nothing' }, { fromS: 0, toS: 600 })).status).toBe(422);
    expect((await plan({ device: 'em-1' }, { fromS: -600, toS: -1 })).status).toBe(422);
    expect((await plan({}, { fromS: 0, toS: 600 })).status).toBe(422);
    const body = maintenanceBody.parse({
      name: 'x',
      reason: 'x',
      target: { device: 'em-1' },
      schedule: { kind: 'once', from: iso(0), to: iso(1) },
    });
    expect((await park.api.ask('operator', 'POST', '/maintenance-windows', body)).status).toBe(403);
    const { body: list } = await park.api.ask('viewer', 'GET', '/maintenance-windows?state=all');
    expect(list).toEqual({ items: [], nextCursor: null });
  });

  it('what chatters asks for somebody once, until it stands or somebody took it up', async () => {
    for (let i = 0; i < 4; i++) {
      await park.measure('em-1', 10 * i, 250);
      await park.measure('em-1', 10 * i + 5, 230);
    }
    expect([await listed('open'), await listed('suppressed')]).toEqual([
      ['2', '1'],
      ['4', '3'],
    ]);
    const third = await loadAlarm(park.database.pool, 3);
    expect(third?.alarm.suppressed).toMatchObject({
      by: 'repeat',
      reason: 'repeats alarm 1: 3 within 60 s',
      facts: { code: 'repeats', alarm: '1', count: 3, windowMs: 60_000 },
    });
    await park.measure('em-1', 45, 250);
    expect(await listed('open')).toEqual(['2', '1']);
    await park.pass(90_000);
    await park.pass(20_000);
    // Active for longer than chatter is: an alarm of its own.
    expect(await listed('open')).toEqual(['5', '2', '1']);
  });

  it('what chatters is told again when the alarm that stood for it was acknowledged', async () => {
    for (let i = 0; i < 3; i++) {
      await park.measure('em-1', 10 * i, 250);
      if (i < 2) await park.measure('em-1', 10 * i + 5, 230);
    }
    expect([await listed('open'), await listed('suppressed')]).toEqual([['2', '1'], ['3']]);
    await acknowledgeAlarm(park.deps, { id: 1, actor: 'li', comment: 'I see' });
    await park.pass(2_000);
    expect([await listed('open'), await listed('suppressed')]).toEqual([['3', '2'], []]);
    expect(park.published.at(-1)).toMatchObject({
      kind: 'unsuppressed',
      reason: 'no longer a repeat of alarm 1',
      facts: { code: 'repeat-over', alarm: '1' },
    });
  });

  it('shelving that runs out announces again what is active, acknowledged or not', async () => {
    await park.measure('em-1', 1, 250);
    await acknowledgeAlarm(park.deps, { id: 1, actor: 'li', comment: 'first' });
    await shelveAlarm(
      park.deps,
      { id: 1, actor: 'li', reason: 'waiting for parts' },
      { oneShot: false, forMs: minuteMs },
    );
    await park.pass(minuteMs + 2_000);
    expect(await listed('unacknowledged')).toEqual(['1']);
    expect(park.published.at(-1)).toMatchObject({ kind: 'unshelved', acknowledged: false, active: true });
    await acknowledgeAlarm(park.deps, { id: 1, actor: 'zhao', comment: 'second' });
    await acknowledgeAlarm(park.deps, { id: 1, actor: 'zhao', comment: 'second' });
    const told = park.published.filter(({ kind }) => kind === 'acknowledged');
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    expect(await held()).toEqual(['shelved 60 waiting for parts']);
  });

  it('a rule that asks for confirmation keeps its alarm open until somebody says that it was done', async () => {
    await park.changeRule('voltage-high', { requiresConfirm: true }, 'test');
    await park.engine.idle();
    await park.measure('em-1', 1, 250);
    const confirm = () =>
      confirmAlarm(park.deps, { id: 1, actor: 'li', reason: 'fuse replaced' }).then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    expect(await confirm()).toBe('conflict');
    await acknowledgeAlarm(park.deps, { id: 1, actor: 'li', comment: 'going' });
    await park.measure('em-1', 2, 230);
    expect(await listed('open')).toEqual(['1']);
    expect(await confirm()).toBe('done');
    expect(await listed('open')).toEqual([]);
    expect(await confirm()).toBe('conflict');
    expect(park.published.at(-1)).toMatchObject({ kind: 'confirmed', reason: 'fuse replaced' });
  });
});
