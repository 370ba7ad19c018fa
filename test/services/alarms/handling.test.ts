import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParkError } from '#schemas/errors.ts';
import { countOpen, listAlarms, type AlarmFilter } from '#services/alarms/alarm-store.ts';
import type { AlarmEngine } from '#services/alarms/engine.ts';
import {
  assignAlarm,
  commentAlarm,
  returnToService,
  shelveAlarm,
  takeOutOfService,
  unshelveAlarm,
} from '#services/alarms/handling.ts';
import type { AlarmDeps } from '#services/alarms/service.ts';
import { createAlarmPark, type AlarmPark } from './alarm-park.ts';

const minuteMs = 60_000;

describe('handling of alarms', () => {
  let park: AlarmPark;
  let engine: AlarmEngine;
  let deps: AlarmDeps;
  beforeEach(async () => {
    park = await createAlarmPark();
    await park.addRule({});
    engine = await park.startEngine();
    deps = { db: park.database.pool, bus: park.bus, clock: park.clock };
  });
  afterEach(async () => {
    await engine[Symbol.asyncDispose]();
    await park[Symbol.asyncDispose]();
  });
  const send = async (atS: number, value: number) => {
    await park.send({ point: 'em-1.voltage_l1', atS, value });
    await engine.idle();
  };
  const pass = async (ms: number) => {
    await park.clock.advance(ms);
    await engine.idle();
  };
  const by = (reason: string, id = 1) => ({ id, actor: 'li', reason });
  const listed = async (state: AlarmFilter['state']) =>
    (await listAlarms(park.database.pool, { state, limit: 10 })).map(({ alarm }) => alarm.id);
  const kinds = () => park.published.map((each) => `${each.alarmId} ${each.kind}`);
  const refusal = (done: Promise<unknown>) =>
    done.then(
      () => 'done',
      (error: ParkError) => error.code,
    );
  const sealedEqualsTable = async () => {
    const { rows } = await park.database.pool.query<{ journal: number; audit: number; told: number }>(
      `select count(*) filter (where journal = 'alarms')::int as journal,
              count(*) filter (where journal = 'audit' and body like '%"alarm.%')::int as audit,
              (select count(*)::int from alarm_transition) as told from journal`,
    );
    return rows[0];
  };

  it('commentAlarm() keeps every word, each a row of the journal and of the audit', async () => {
    await send(1, 250);
    await commentAlarm(deps, by('looking'));
    await commentAlarm(deps, { id: 1, actor: 'zhao', reason: 'me too' });
    expect(park.published.map(({ kind, actor, reason }) => [kind, actor, reason]).slice(1)).toEqual([
      ['commented', 'li', 'looking'],
      ['commented', 'zhao', 'me too'],
    ]);
    expect(await sealedEqualsTable()).toEqual({ journal: 3, told: 3, audit: 2 });
    expect(await refusal(commentAlarm(deps, by('nothing', 99)))).toBe('not-found');
  });

  it('assignAlarm() gives an alarm to somebody who handles alarms, or to nobody', async () => {
    await park.database.pool.query(
      `insert into park_user (username, display_name, role, password_hash, created_at)
       values ('zhao', 'Zhao', 'operator', 'x', now()), ('eve', 'Eve', 'viewer', 'x', now())`,
    );
    await send(1, 250);
    await assignAlarm(deps, by('nearest'), 'zhao');
    const assignee = async () =>
      (await listAlarms(park.database.pool, { state: 'all', limit: 1 }))[0]?.alarm.assignee;
    expect(await assignee()).toBe('zhao');
    expect(await refusal(assignAlarm(deps, by('wrong'), 'eve'))).toBe('invalid-request');
    expect(await refusal(assignAlarm(deps, by('wrong'), 'nobody'))).toBe('invalid-request');
    await assignAlarm(deps, by('shift ended'), null);
    expect(await assignee()).toBe(null);
    expect(park.published.map((each) => each.reason).slice(1)).toEqual([
      '→ zhao: nearest',
      '→ —: shift ended',
    ]);
  });

  it('shelveAlarm() moves an alarm and later ones of the same kind to a list of their own, for its time', async () => {
    await send(1, 250);
    await shelveAlarm(deps, by('meter is being tested'), { oneShot: false, forMs: 10 * minuteMs });
    expect([await listed('open'), await listed('shelved'), await listed('active')]).toEqual([
      [],
      ['1'],
      ['1'],
    ]);
    await send(2, 230);
    await send(3, 250);
    expect([await listed('open'), await listed('shelved')]).toEqual([[], ['2', '1']]);
    expect(await countOpen(park.database.pool)).toEqual([
      { severity: 'high', active: 0, unacknowledged: 0, held: 2 },
    ]);
    await pass(10 * minuteMs - 2_000);
    expect(await listed('open')).toEqual([]);
    await pass(2_000);
    expect([await listed('open'), await listed('shelved')]).toEqual([['2', '1'], []]);
    expect(kinds()).toEqual([
      '1 raised',
      '1 shelved',
      '1 cleared',
      '2 raised',
      '2 shelved',
      '1 unshelved',
      '2 unshelved',
    ]);
    expect(park.published.at(-1)).toMatchObject({ actor: 'system', reason: 'the time is up' });
    expect((await sealedEqualsTable())?.journal).toBe(7);
  });

  it('shelveAlarm() survives a restart, and ends while nobody judged as soon as somebody does', async () => {
    await send(1, 250);
    await shelveAlarm(deps, by('test'), { oneShot: false, forMs: minuteMs });
    await engine[Symbol.asyncDispose]();
    await park.clock.advance(30_000);
    engine = await park.startEngine();
    await pass(4_000);
    expect(await listed('shelved')).toEqual(['1']);
    await engine[Symbol.asyncDispose]();
    await park.clock.advance(minuteMs);
    engine = await park.startEngine();
    await pass(2_000);
    expect([await listed('shelved'), await listed('open')]).toEqual([[], ['1']]);
    // The journal tells when the time was up, not when somebody looked.
    const { time } = park.published.at(-1) ?? {};
    expect(Date.parse(time ?? '') - Date.parse(park.startedAt)).toBe(minuteMs);
  });

  it('shelveAlarm() once ends when the occurrence clears: the next one is seen', async () => {
    await send(1, 250);
    await shelveAlarm(deps, by('known'), { oneShot: true });
    await send(2, 230);
    await send(3, 250);
    expect(kinds()).toEqual(['1 raised', '1 shelved', '1 cleared', '1 unshelved', '2 raised']);
    expect(await listed('open')).toEqual(['2', '1']);
    expect(await refusal(shelveAlarm(deps, by('again', 1), { oneShot: true }))).toBe('conflict');
  });

  it('shelveAlarm() refuses more than the severity allows; unshelveAlarm() what is not shelved', async () => {
    await send(1, 250);
    const tooLong = shelveAlarm(deps, by('x'), { oneShot: false, forMs: 9 * 60 * minuteMs });
    expect(await refusal(tooLong)).toBe('invalid-request');
    expect(await refusal(unshelveAlarm(deps, by('x')))).toBe('conflict');
    await shelveAlarm(deps, by('test'), { oneShot: false });
    await unshelveAlarm(deps, by('test is over'));
    expect(await listed('open')).toEqual(['1']);
    expect(await sealedEqualsTable()).toEqual({ journal: 3, told: 3, audit: 2 });
  });

  it('takeOutOfService() lasts until returnToService(), for later occurrences too', async () => {
    await send(1, 250);
    await takeOutOfService(deps, by('meter is replaced'));
    await send(2, 230);
    await send(3, 250);
    await pass(60 * minuteMs);
    expect([await listed('open'), await listed('out-of-service')]).toEqual([[], ['2', '1']]);
    await returnToService(deps, by('new meter', 2));
    expect(await listed('open')).toEqual(['2', '1']);
    expect(await refusal(returnToService(deps, by('again', 2)))).toBe('conflict');
    expect(kinds()).toContain('2 out-of-service');
  });

  it('shelves and unshelves as often as asked, each time told once', async () => {
    await send(1, 250);
    for (let i = 0; i < 3; i++) {
      await shelveAlarm(deps, by(`test ${i}`), { oneShot: false });
      await park.clock.advance(1);
      await unshelveAlarm(deps, by('over'));
      await park.clock.advance(1);
    }
    expect(kinds().filter((kind) => kind !== '1 raised')).toHaveLength(6);
  });
});
