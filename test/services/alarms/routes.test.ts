import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import type { Alarm } from '#schemas/api/alarms.ts';
import { roles, type Role } from '#schemas/roles.ts';
import type { AlarmEngine } from '#services/alarms/engine.ts';
import { alarmRoutes } from '#services/alarms/routes.ts';
import { createApi, type ApiServer } from '#services/api/server.ts';
import { createAlarmPark, type AlarmPark } from './alarm-park.ts';

/** A token is `role_name`. */
const authenticator = {
  authenticate: async (token: string) => {
    const [role, actor = ''] = token.split('_');
    const principal = { userId: actor, actor, role: role as Role, scopes: null, sessionId: 's' };
    return { principal, mustChangePassword: false };
  },
};

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { items?: Alarm[]; journal?: { kind: string; actor: string }[] };
}

describe('alarmRoutes()', () => {
  let park: AlarmPark;
  let engine: AlarmEngine;
  let api: ApiServer;
  beforeEach(async () => {
    park = await createAlarmPark();
    await park.addRule({ deadband: 5 });
    engine = await park.startEngine();
    api = await createApi({
      http: { host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined },
      log: silentLog(),
      authenticator,
      readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
      metrics: createMetrics({ process: false }),
      consoleDir: null,
      version: '0',
    });
    await api.register((scope) =>
      alarmRoutes(scope, {
        db: park.database.pool,
        bus: park.bus,
        clock: park.clock,
        timeZone: 'Asia/Shanghai',
      }),
    );
    await api.root.ready();
  });
  afterEach(async () => {
    await api[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
    await park[Symbol.asyncDispose]();
  });

  async function call(as: string, method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) {
    const answer = await api.root.inject({
      method,
      url: `/api/v1${url}`,
      headers: { authorization: `Bearer ${as}` },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.json() } as Answer;
  }
  async function raise(...points: string[]): Promise<void> {
    await park.send(
      ...points.map((point, i) => ({ point: `${point}.voltage_l1`, atS: i + 1, value: 250 + i })),
    );
    await engine.idle();
  }

  it('lists what an operator needs of an active alarm', async () => {
    await raise('em-1');
    const { body } = await call('viewer_v', 'GET', '/alarms?state=active');
    expect(body).toMatchObject({
      items: [
        {
          ruleId: 'voltage-high',
          ruleName: 'Voltage high',
          point: 'em-1.voltage_l1',
          metricName: { zh: 'A相电压', en: 'Voltage L1' },
          state: null,
          deviceName: 'Meter 1',
          spaceName: 'Building 1',
          severity: 'high',
          active: true,
          acknowledged: false,
          clearedAt: null,
          value: 250,
          limit: 240,
          unit: 'V',
          provenance: 'simulated',
        },
      ],
      nextCursor: null,
    });
  });

  it('names the state of a state alarm; a count of states is a number', async () => {
    await park.database.pool.query(
      `insert into device (id, valid_from, class, name, space_id) values ('el-1', now(), 'elevator', 'Lift 1', 'b1')`,
    );
    await park.addPoints('el-1.mode');
    const target = { device: 'el-1', metric: 'mode' };
    const states = ['fault'];
    await park.addRule(
      { kind: 'state', test: 'equals', states, onDelayMs: 0, offDelayMs: 0 },
      { id: 'fault', target },
    );
    await park.addRule({ kind: 'count', states, count: 2, windowMs: 60_000 }, { id: 'faults', target });
    park.registryChanged();
    await engine.idle();
    await park.send(...[0, 3, 0, 3].map((value, atS) => ({ point: 'el-1.mode', atS, value })));
    await engine.idle();
    const { body } = await call('viewer_v', 'GET', '/alarms?state=active&device=el-1');
    expect(body.items?.toSorted((a, b) => a.ruleId.localeCompare(b.ruleId))).toMatchObject([
      { ruleId: 'fault', value: 3, state: { key: 'fault', name: { en: 'Fault' } } },
      { ruleId: 'faults', value: 2, state: null },
    ]);
  });

  it('never hides an active alarm by from and to, and hides a cleared one outside of them', async () => {
    await raise('em-1', 'em-2');
    await park.send({ point: 'em-1.voltage_l1', atS: 60, value: 200 });
    await engine.idle();
    const in1970 = 'from=1970-01-01T00:00:00Z&to=1970-01-02T00:00:00Z';
    const found = await call('viewer_v', 'GET', `/alarms?${in1970}`);
    expect(found.body.items?.map((alarm) => alarm.deviceId)).toEqual(['em-2']);
    const since = new Date(park.clock.nowMs()).toISOString();
    const all = await call('viewer_v', 'GET', `/alarms?from=${since}`);
    expect(all.body.items?.map((alarm) => alarm.deviceId)).toEqual(['em-2', 'em-1']);
  });

  it('goes through all alarms page by page, newest first, each once', async () => {
    for (let i = 0; i < 3; i++) {
      await park.send({ point: 'em-1.voltage_l1', atS: 10 * i, value: 250 });
      await park.send({ point: 'em-1.voltage_l1', atS: 10 * i + 5, value: 200 });
      await engine.idle();
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await call('viewer_v', 'GET', `/alarms?limit=2${cursor}`);
      seen.push(...(page.body.items ?? []).map((alarm) => alarm.raisedAt));
      cursor = typeof page.body['nextCursor'] === 'string' ? `&cursor=${page.body['nextCursor']}` : '';
    } while (cursor !== '');
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(seen.toSorted().toReversed());
    expect((await call('viewer_v', 'GET', '/alarms?cursor=nonsense')).status).toBe(422);
  });

  it('filters by state, severity and device; refuses what it does not know', async () => {
    await raise('em-1', 'em-2');
    const count = async (query: string) =>
      (await call('viewer_v', 'GET', `/alarms?${query}`)).body.items?.length;
    expect(await count('device=em-2')).toBe(1);
    expect(await count('severity=low')).toBe(0);
    expect(await count('state=unacknowledged&severity=high')).toBe(2);
    expect((await call('viewer_v', 'GET', '/alarms?colour=red')).status).toBe(422);
  });

  it('keeps both when two operators acknowledge at once: one acknowledgement, one comment', async () => {
    await raise('em-1');
    const [one, two] = await Promise.all(
      ['li', 'zhao'].map((name) =>
        call(`operator_${name}`, 'POST', '/alarms/1/acknowledge', { comment: `${name} is on the way` }),
      ),
    );
    expect([one?.status, two?.status]).toEqual([200, 200]);
    const { body } = await call('viewer_v', 'GET', '/alarms/1');
    expect(body.journal?.map((row) => row.kind)).toEqual(['raised', 'acknowledged', 'commented']);
    expect(body['acknowledgedBy']).toBe(body.journal?.[1]?.actor);
    expect(new Set(body.journal?.slice(1).map((row) => row.actor))).toEqual(new Set(['li', 'zhao']));
  });

  it('changes nothing when the same acknowledgement or comment comes again', async () => {
    await raise('em-1');
    const say = (name: string) =>
      call(`operator_${name}`, 'POST', '/alarms/1/acknowledge', { comment: 'on my way' });
    for (const name of ['li', 'li', 'zhao', 'zhao']) expect((await say(name)).status).toBe(200);
    const { body } = await call('viewer_v', 'GET', '/alarms/1');
    expect(body.journal?.map((row) => row.kind)).toEqual(['raised', 'acknowledged', 'commented']);
    const audit = await park.database.pool.query(
      `select from journal where journal = 'audit' and body like '%alarm.acknowledge%'`,
    );
    expect(audit.rowCount).toBe(1);
  });

  it('keeps an acknowledgement when the alarm clears at the same moment', async () => {
    await raise('em-1');
    const cleared = park.send({ point: 'em-1.voltage_l1', atS: 60, value: 200 });
    await Promise.all([cleared, call('operator_li', 'POST', '/alarms/1/acknowledge', { comment: 'seen' })]);
    await engine.idle();
    const { body } = await call('viewer_v', 'GET', '/alarms/1');
    expect(body).toMatchObject({ active: false, acknowledged: true, comment: 'seen' });
    // Whichever came second knew of the first; the bus may tell of them in the other order.
    expect(body.journal?.at(-1)).toMatchObject({ active: false, acknowledged: true });
  });

  it('wants a comment, and an alarm that exists', async () => {
    await raise('em-1');
    const acknowledge = (id: string, comment: string) =>
      call('operator_li', 'POST', `/alarms/${id}/acknowledge`, { comment });
    expect((await acknowledge('1', '')).status).toBe(422);
    expect((await acknowledge('1', '   ')).status).toBe(422);
    expect((await acknowledge('99', 'x')).status).toBe(404);
    expect((await acknowledge('abc', 'x')).status).toBe(422);
  });

  it('adds and changes rules as versions with author and reason, audited', async () => {
    const created = await call('engineer_wang', 'POST', '/alarm-rules', {
      id: 'power-high',
      name: 'Power high',
      target: { point: 'em-1.active_power' },
      condition: { kind: 'limit', side: 'high', limit: 100 },
      severity: 'low',
      recommendedAction: 'Shed load',
      reason: 'contract',
    });
    expect(created).toMatchObject({ status: 201, body: { version: 1, author: 'wang', enabled: true } });
    const changed = await call('engineer_hu', 'PATCH', '/alarm-rules/power-high', {
      severity: 'high',
      reason: 'more urgent',
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { version: 2, author: 'hu', severity: 'high', recommendedAction: 'Shed load' },
    });
    const listed = await call('viewer_v', 'GET', '/alarm-rules');
    expect(listed.body.items?.map((rule) => rule.id)).toEqual(['power-high', 'voltage-high']);
    const { rows } = await park.database.pool.query(
      `select body::json ->> 'action' as action, body::json ->> 'actor' as actor from journal
       where journal = 'audit' and body like '%power-high%' order by id`,
    );
    expect(rows).toEqual([
      { action: 'alarm-rule.create', actor: 'wang' },
      { action: 'alarm-rule.update', actor: 'hu' },
    ]);
  });

  it('refuses a rule that watches nothing, exists, or is unknown, and one without a reason', async () => {
    const rule = {
      id: 'r',
      name: 'R',
      condition: { kind: 'limit', side: 'high', limit: 1 },
      severity: 'low',
      reason: 'test',
    };
    const post = async (more: object) =>
      (await call('engineer_w', 'POST', '/alarm-rules', { ...rule, ...more })).status;
    expect(await post({ target: { point: 'em-9.voltage_l1' } })).toBe(422);
    expect(await post({ target: { deviceClass: 'energy-meter', metric: 'nope' } })).toBe(422);
    expect(await post({ target: { point: 'em-1.voltage_l1' }, reason: '' })).toBe(422);
    expect(await post({ target: { point: 'em-1.voltage_l1' }, id: 'voltage-high' })).toBe(409);
    const state = { kind: 'state', test: 'equals', states: ['fault'] };
    expect(await post({ target: { point: 'em-1.voltage_l1' }, condition: state })).toBe(422);
    expect(await post({ target: { deviceClass: 'elevator', metric: 'mode' }, condition: state })).toBe(201);
    const stale = { kind: 'stale', noDataMs: 60_000 };
    const ofMeters = { deviceClass: 'energy-meter', metric: 'voltage_l1' };
    expect(await post({ target: { space: 'b9', ...ofMeters }, condition: stale, id: 'q' })).toBe(422);
    expect(await post({ target: { space: 'b1', ...ofMeters }, condition: stale, id: 's' })).toBe(201);
    expect(await post({ target: { device: 'em-1', metric: 'none' }, condition: stale, id: 't' })).toBe(422);
    const patch = await call('engineer_w', 'PATCH', '/alarm-rules/none', { severity: 'low', reason: 'x' });
    expect(patch.status).toBe(404);
  });

  it('comments, shelves and takes out of service; each wants a reason and answers with the alarm as it is', async () => {
    await raise('em-1');
    const act = (as: string, what: string, body: object) => call(as, 'POST', `/alarms/1/${what}`, body);
    expect(await act('operator_li', 'comment', { comment: 'looking' })).toMatchObject({ status: 200 });
    expect(await act('operator_li', 'shelve', { minutes: 30, reason: 'tested' })).toMatchObject({
      status: 200,
      body: {
        active: true,
        shelved: {
          until: new Date(park.clock.nowMs() + 30 * 60_000).toISOString(),
          oneShot: false,
          actor: 'li',
          reason: 'tested',
        },
      },
    });
    const listed = await call('viewer_v', 'GET', '/alarms?state=shelved');
    expect(listed.body.items?.map((alarm) => alarm.id)).toEqual(['1']);
    expect((await act('operator_li', 'shelve', { reason: '  ' })).status).toBe(422);
    expect((await act('operator_li', 'shelve', { minutes: 24 * 60, reason: 'long' })).status).toBe(422);
    const unshelved = await act('operator_li', 'unshelve', { reason: 'over' });
    expect(unshelved.body['shelved']).toBeNull();
    expect((await act('operator_li', 'unshelve', { reason: 'over' })).status).toBe(409);
    expect((await act('operator_li', 'out-of-service', { reason: 'repair' })).status).toBe(403);
    const outOfService = await act('engineer_wang', 'out-of-service', { reason: 'repair' });
    expect(outOfService.body['outOfService']).toMatchObject({ actor: 'wang', reason: 'repair' });
    const returned = await act('engineer_wang', 'return-to-service', { reason: 'repaired' });
    expect(returned.body['outOfService']).toBeNull();
    expect(returned.body.journal?.map(({ kind }) => kind)).toEqual([
      'raised',
      'commented',
      'shelved',
      'unshelved',
      'out-of-service',
      'in-service',
    ]);
    expect((await act('operator_li', 'assign', { assignee: 'nobody', reason: 'x' })).status).toBe(422);
  });

  it('tries a rule on history, and refuses what it cannot judge', async () => {
    await raise('em-1');
    await park.clock.advance(60_000);
    const body = {
      target: { deviceClass: 'energy-meter', metric: 'voltage_l1' },
      condition: { kind: 'limit', side: 'high', limit: 245 },
      days: 1,
    };
    const tried = await call('engineer_wang', 'POST', '/alarm-rules/dry-run', body);
    expect(tried).toMatchObject({
      status: 200,
      body: {
        points: 2,
        pointsWithoutData: 1,
        readings: 1,
        count: 1,
        occurrences: [{ object: 'em-1.voltage_l1' }],
      },
    });
    const far = await call('engineer_wang', 'POST', '/alarm-rules/dry-run', { ...body, days: 400 });
    expect(far.status).toBe(422);
  });

  it('serves reading to everyone, acknowledging to alarm handlers, rules to engineers', async () => {
    await raise('em-1');
    const allowed = async (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => {
      const answers = await Promise.all(
        roles.map(async (role) => ({ role, ...(await call(`${role}_x`, method, url, payload)) })),
      );
      return answers.filter((answer) => answer.status !== 403).map((answer) => answer.role);
    };
    expect(await allowed('GET', '/alarms')).toEqual([...roles]);
    expect(await allowed('POST', '/alarms/1/acknowledge', { comment: 'x' })).toEqual([
      'operator',
      'engineer',
      'admin',
    ]);
    expect(await allowed('POST', '/alarm-rules', {})).toEqual(['engineer', 'admin']);
    expect(await allowed('PATCH', '/alarm-rules/voltage-high', {})).toEqual(['engineer', 'admin']);
  });
});
