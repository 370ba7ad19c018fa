import { describe, expect, it } from 'vitest';
import type { RuleOverride } from '#schemas/alarm.ts';
import { alarmConditionSchema } from '#schemas/alarm.ts';
import { overrideHistory } from '#services/alarms/override-store.ts';
import { overrideRule, rulesOfDevice } from '#services/alarms/override.ts';
import { createAlarmPark } from './alarm-park.ts';

const volts = (device: string, atS: number, value: number) => ({ point: `${device}.voltage_l1`, atS, value });
const limitOf = (limit: number) => alarmConditionSchema.parse({ kind: 'limit', side: 'high', limit });

describe('overrideRule()', () => {
  it('lets one device have its own limit, be left out, and inherit again, each told in its own words', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    const change = (definition: RuleOverride | null, reason: string) =>
      overrideRule(deps, { ruleId: 'voltage-high', deviceId: 'em-1', definition }, { actor: 'li', reason });
    await park.addRule({});
    await using engine = await park.startEngine();
    await park.send(volts('em-1', 1, 250), volts('em-2', 1, 250));
    await engine.idle();
    await park.clock.advance(5_000);
    await change({ mode: 'override', condition: limitOf(245), severity: 'low' }, 'long line');
    await engine.idle();
    await change({ mode: 'override', condition: limitOf(260) }, 'very long line');
    await engine.idle();
    await change({ mode: 'disable' }, 'in repair');
    await change(null, 'repaired');
    await engine.idle();
    expect(
      (await park.journal()).filter((line) => /ed em-1/.test(line) && !line.startsWith('suppressed')),
    ).toEqual([
      'raised em-1 1 250 ≥ 240 V',
      'cleared em-1 5 rule changed by li: long line',
      'raised em-1 1.001 250 ≥ 245 V',
      'cleared em-1 5 rule changed by li: very long line',
      'raised em-1 1.002 250 ≥ 240 V',
    ]);
    expect((await park.journal()).filter((line) => line.includes('em-2'))).toEqual([
      'raised em-2 1 250 ≥ 240 V',
    ]);
    const history = await overrideHistory(pool, { ruleId: 'voltage-high', deviceId: 'em-1' });
    expect(
      history.map(({ version, reason, definition }) => [version, reason, definition?.mode ?? 'inherit']),
    ).toEqual([
      [4, 'repaired', 'inherit'],
      [3, 'in repair', 'disable'],
      [2, 'very long line', 'override'],
      [1, 'long line', 'override'],
    ]);
  });

  it('goes on with an override after a restart', async () => {
    await using park = await createAlarmPark();
    const deps = { db: park.database.pool, bus: park.bus, clock: park.clock };
    await park.addRule({});
    const definition: RuleOverride = { mode: 'override', condition: limitOf(245) };
    await overrideRule(
      deps,
      { ruleId: 'voltage-high', deviceId: 'em-1', definition },
      { actor: 'li', reason: 'x' },
    );
    const engine = await park.startEngine();
    await park.send(volts('em-1', 1, 242), volts('em-1', 2, 250));
    await engine.idle();
    await engine[Symbol.asyncDispose]();
    await using successor = await park.startEngine();
    await park.send(volts('em-1', 3, 244));
    await successor.idle();
    expect(await park.journal()).toEqual(['raised em-1 2 250 ≥ 245 V', 'cleared em-1 3 244 < 245 V']);
  });

  it('refuses another kind, what the metric cannot be, and a device that the rule does not watch', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    await pool.query(
      `insert into device (id, valid_from, class, name) values ('wm-1', now(), 'water-meter', 'W')`,
    );
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    await park.addRule({});
    const change = (deviceId: string, definition: RuleOverride, ruleId = 'voltage-high') =>
      overrideRule(deps, { ruleId, deviceId, definition }, { actor: 'li', reason: 'x' });
    const silent = alarmConditionSchema.parse({ kind: 'stale', noDataMs: 60_000 });
    await expect(change('em-1', { mode: 'override', condition: silent })).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ path: '/condition/kind' }],
    });
    await expect(change('em-1', { mode: 'override', condition: limitOf(1e9) })).rejects.toMatchObject({
      message: 'no value reaches it: plausible are 0 … 150000',
    });
    await expect(change('wm-1', { mode: 'disable' })).rejects.toThrow('does not watch');
    await expect(change('em-9', { mode: 'disable' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(change('em-1', { mode: 'disable' }, 'no-rule')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('rulesOfDevice()', () => {
  it('tells what watches a device, by class, tag or name, with what it changes', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    await pool.query(`update device set attributes = '{"tags": "leased, critical"}' where id = 'em-1'`);
    await park.addRule({});
    await park.addRule({}, { id: 'tagged', target: { tag: 'critical', metric: 'active_power' } });
    await park.addRule({}, { id: 'other', target: { point: 'em-2.active_power' } });
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    const definition: RuleOverride = { mode: 'disable' };
    await overrideRule(
      deps,
      { ruleId: 'tagged', deviceId: 'em-1', definition },
      { actor: 'li', reason: 'x' },
    );
    const told = async (id: string) =>
      (await rulesOfDevice(pool, id)).map(
        ({ rule, override }) => `${rule.id} ${override?.definition?.mode ?? '-'}`,
      );
    expect(await told('em-1')).toEqual(['tagged disable', 'voltage-high -']);
    expect(await told('em-2')).toEqual(['other -', 'voltage-high -']);
    await using engine = await park.startEngine();
    // em-1 and em-2 by class, em-2 by name; the tagged one is left out.
    expect(engine.figures().watches).toBe(3);
  });
});
