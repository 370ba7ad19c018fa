import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BulkAnswer, BulkPreview } from '#schemas/api/alarms.ts';
import { severities } from '#schemas/device-class.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import { openRunningPark, type RunningPark } from './alarm-park.ts';

describe('actInBulk()', () => {
  let park: RunningPark;
  beforeEach(async () => {
    park = await openRunningPark();
    await park.addRule({ side: 'high-high', limit: 245 }, { id: 'voltage-very-high', severity: 'critical' });
    await park.send(...['em-1', 'em-2'].map((id) => ({ point: `${id}.voltage_l1`, atS: 1, value: 250 })));
    await park.engine.idle();
  });
  afterEach(() => park[Symbol.asyncDispose]());
  const preview = async (query: string) =>
    (await park.api.ask('operator', 'GET', `/alarms/bulk?${query}`)).body as BulkPreview;
  const act = async (ids: readonly string[], what: object) =>
    (await park.api.ask('operator', 'POST', '/alarms/bulk', { ids, what })).body as BulkAnswer;

  it('previews exactly what the filter finds and the act can be done with, most urgent first', async () => {
    const all = await preview('act=acknowledge&state=open');
    expect([all.count, all.items.map((alarm) => alarm.severity)]).toEqual([
      4,
      ['critical', 'critical', 'high', 'high'],
    ]);
    expect((await preview('act=acknowledge&state=open&device=em-1')).count).toBe(2);
    expect((await preview('act=acknowledge&state=open&point=em-1.voltage_l1')).count).toBe(2);
    expect((await preview('act=acknowledge&state=open&point=em-1.frequency')).count).toBe(0);
    expect((await preview('act=acknowledge&state=open&space=b1&severity=critical')).count).toBe(1);
    expect(
      (await preview('act=acknowledge&state=open&rule=voltage-high&deviceClass=energy-meter')).count,
    ).toBe(2);
    expect((await preview('act=unshelve&state=open')).count).toBe(0);
    expect((await preview('act=confirm&state=open')).count).toBe(0);
    const without = await park.api.ask('operator', 'GET', '/alarms/bulk?act=acknowledge&state=all');
    expect(without.status).toBe(422);
  });

  it('acts on the previewed ones only, and tells which were refused and why', async () => {
    const { items } = await preview('act=acknowledge&state=open');
    const ids = items.map((alarm) => alarm.id);
    await acknowledgeAlarm(park.deps, { id: Number(ids[0]), actor: 'zhao', comment: 'mine' });
    await park.send(
      { point: 'em-1.voltage_l1', atS: 2, value: 200 },
      { point: 'em-1.voltage_l1', atS: 3, value: 250 },
    );
    await park.engine.idle();
    const { done, failed } = await act([...ids, '999'], { act: 'acknowledge', comment: 'storm, known' });
    expect(done).toEqual(ids.slice(1));
    expect(failed).toEqual([
      { id: ids[0], code: 'conflict', reason: `Alarm ${ids[0]} was acknowledged by zhao` },
      { id: '999', code: 'not-found', reason: 'There is no alarm 999' },
    ]);
    // Those of a moment later were in no preview.
    expect((await preview('act=acknowledge&state=open')).count).toBe(2);
  });

  it('shelves, refuses what one severity allows and another does not, and unshelves', async () => {
    const ids = (await preview('act=shelve&state=open')).items.map((alarm) => alarm.id);
    const { done, failed } = await act(ids, { act: 'shelve', minutes: 120, reason: 'grid works' });
    expect([done.length, failed.map(({ code }) => code)]).toEqual([
      2,
      ['invalid-request', 'invalid-request'],
    ]);
    expect((await preview('act=shelve&state=active')).count).toBe(2);
    expect((await act(done, { act: 'unshelve', reason: 'over' })).done).toEqual(done);
  });

  it('lists the most urgent first, page by page, whatever is newer', async () => {
    const pageAfter = async (cursor: string | null) =>
      (
        await park.api.ask(
          'viewer',
          'GET',
          `/alarms?state=open&order=urgency&limit=1${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        )
      ).body as {
        items: { id: string; severity: string; acknowledged: boolean }[];
        nextCursor: string | null;
      };
    // Newer, and less urgent.
    await park.send({ point: 'em-2.voltage_l1', atS: 2, value: 200 });
    await park.send({ point: 'em-2.voltage_l1', atS: 3, value: 241 });
    await park.engine.idle();
    await acknowledgeAlarm(park.deps, { id: 3, actor: 'li', comment: 'seen' });
    const told: string[] = [];
    for (let cursor: string | null = null, more = true; more;) {
      const page: Awaited<ReturnType<typeof pageAfter>> = await pageAfter(cursor);
      told.push(...page.items.map(({ id, severity }) => `${id} ${severity}`));
      cursor = page.nextCursor;
      more = cursor !== null;
    }
    const { body } = await park.api.ask('viewer', 'GET', '/alarms?state=open&limit=100');
    expect(told).toHaveLength((body as { items: unknown[] }).items.length);
    expect(told.map((line) => line.split(' ')[1])).toEqual(
      told
        .map((line) => line.split(' ')[1])
        .toSorted((a, b) => severities.indexOf(a as 'high') - severities.indexOf(b as 'high')),
    );
    const refused = await park.api.ask('viewer', 'GET', '/alarms?state=all&order=urgency');
    expect(refused.status).toBe(422);
  });

  it('tells how many active unacknowledged critical alarms a filter hides', async () => {
    const hidden = async (query: string) =>
      ((await park.api.ask('viewer', 'GET', `/alarms?${query}`)).body as { hiddenCritical: number })
        .hiddenCritical;
    expect(await hidden('state=open')).toBe(0);
    expect(await hidden('state=open&severity=low')).toBe(2);
    expect(await hidden('state=shelved&device=em-1')).toBe(2);
    expect(await hidden('state=all&device=em-1')).toBe(1);
    await act(
      (await preview('act=acknowledge&state=open')).items.map((alarm) => alarm.id),
      { act: 'acknowledge', comment: 'seen' },
    );
    expect(await hidden('state=open&severity=low')).toBe(0);
  });
});
