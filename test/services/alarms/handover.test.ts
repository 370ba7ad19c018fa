import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmContext } from '#schemas/api/alarms.ts';
import type { Handover, HandoverState } from '#schemas/api/handover.ts';
import { shelveAlarm } from '#services/alarms/handling.ts';
import { openRunningPark, type RunningPark } from './alarm-park.ts';

describe('what one shift tells the next', () => {
  let park: RunningPark;
  beforeEach(async () => {
    park = await openRunningPark();
    await park.send(...['em-1', 'em-2'].map((id) => ({ point: `${id}.voltage_l1`, atS: 1, value: 250 })));
    await park.engine.idle();
  });
  afterEach(() => park[Symbol.asyncDispose]());
  const audit = async () =>
    (
      await park.database.pool.query<{ action: string }>(
        `select body::jsonb ->> 'action' as action from journal where journal = 'audit' order by id`,
      )
    ).rows.map((row) => row.action);

  it('signHandover() keeps notes and how the alarms stand; takeHandover() is another person’s, once', async () => {
    await shelveAlarm(park.deps, { id: 1, actor: 'li', reason: 'parts ordered' }, { oneShot: false });
    const notes = [{ topic: 'watch', text: 'Chiller 2 is noisy' }];
    const signed = (await park.api.ask('operator', 'POST', '/handovers', { notes })).body as Handover;
    expect(signed).toMatchObject({
      signedBy: 'operator',
      notes,
      acceptedBy: null,
      state: {
        open: { count: 1, items: [{ id: '2', deviceName: 'Meter 2', active: true, acknowledged: false }] },
        shelved: { count: 1, items: [{ id: '1', reason: 'parts ordered' }] },
        outOfService: { count: 0 },
      },
    });
    const accept = (role: 'operator' | 'engineer' | 'admin') =>
      park.api.ask(role, 'POST', `/handovers/${signed.id}/accept`, { comment: 'understood' });
    expect((await accept('operator')).status).toBe(409);
    expect((await accept('engineer')).body).toMatchObject({
      acceptedBy: 'engineer',
      acceptComment: 'understood',
    });
    expect((await accept('admin')).status).toBe(409);
    // What was signed stays as it was.
    await park.send({ point: 'em-2.voltage_l1', atS: 2, value: 230 });
    await park.engine.idle();
    const { items } = (await park.api.ask('viewer', 'GET', '/handovers')).body as { items: Handover[] };
    expect(items[0]?.state).toEqual(signed.state);
    expect((await audit()).slice(-2)).toEqual(['handover.sign', 'handover.accept']);
    const state = (await park.api.ask('viewer', 'GET', '/handovers/state')).body as HandoverState;
    expect(state.open.items[0]?.active).toBe(false);
  });

  it('the context of an alarm tells the same one before, and the cameras of the place', async () => {
    await park.database.pool.query(
      `insert into space (id, valid_from, kind, name, parent_id) values ('b1-f1', now(), 'floor', 'Floor 1', 'b1')`,
    );
    await park.database.pool.query(
      `insert into device (id, valid_from, class, name, space_id)
       values ('cam-1', now(), 'camera', 'Camera 1', 'b1'), ('cam-2', now(), 'camera', 'Camera 2', 'b1-f1'),
              ('cam-3', now(), 'camera', 'Camera 3', null)`,
    );
    await park.send({ point: 'em-1.voltage_l1', atS: 2, value: 230 });
    await park.send({ point: 'em-1.voltage_l1', atS: 3, value: 252 });
    await park.engine.idle();
    const { body } = await park.api.ask('viewer', 'GET', '/alarms/3/context');
    expect(body as AlarmContext).toMatchObject({
      similar: { count: 1, items: [{ id: '1', value: 250, acknowledgedBy: null }] },
      cameras: [
        { id: 'cam-1', samePlace: true },
        { id: 'cam-2', samePlace: false },
      ],
    });
    expect((await park.api.ask('viewer', 'GET', '/alarms/99/context')).status).toBe(404);
  });

  it('a mute ends by itself, sooner where it covers critical alarms, and is audited', async () => {
    const mute = (upTo: string, minutes: number) =>
      park.api.ask('operator', 'POST', '/alarm-mutes', { upTo, minutes, reason: 'telephone' });
    expect((await mute('critical', 6)).status).toBe(422);
    expect((await mute('high', 30)).body).toEqual({
      until: new Date(park.clock.nowMs() + 30 * 60_000).toISOString(),
    });
    expect((await audit()).at(-1)).toBe('alarm.mute');
  });
});
