import type { QueryConfig } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaseLost } from '#infra/lease.ts';
import type { Database } from '#infra/postgres.ts';
import { limitConditionSchema } from '#schemas/alarm.ts';
import { plainReason } from '#schemas/alarm-facts.ts';
import type { AlarmEngine } from '#services/alarms/engine.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState } from '#services/alarms/judge.ts';
import { until } from '#test/kit/events.ts';
import { createAlarmPark, type AlarmPark } from './alarm-park.ts';

const volts = (atS: number, value: number, quality: 0 | 1 | 2 = 0) => ({
  point: 'em-1.voltage_l1',
  atS,
  value,
  quality,
});

describe('startAlarmEngine()', () => {
  let park: AlarmPark;
  let engine: AlarmEngine;
  beforeEach(async () => {
    park = await createAlarmPark();
  });
  afterEach(async () => {
    await engine[Symbol.asyncDispose]();
    await park[Symbol.asyncDispose]();
  });
  /** Time goes on, and what that sets off is done. */
  const pass = async (seconds: number) => {
    await park.clock.advance(seconds * 1_000);
    await engine.idle();
  };

  it('raises and clears from bus frames, into table, sealed journal and bus', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(1, 230), volts(2, 250));
    await engine.idle();
    await park.send(volts(3, 239));
    await engine.idle();
    expect(await park.journal()).toEqual(['raised em-1 2 250 ≥ 240 V', 'cleared em-1 3 239 < 240 V']);
    const sealed = await park.database.pool.query<{ body: string }>(
      `select body from journal where journal = 'alarms' order by id`,
    );
    expect(sealed.rows.map((row) => JSON.parse(row.body) as unknown)).toEqual(park.published);
    expect(park.published).toMatchObject([
      {
        kind: 'raised',
        point: 'em-1.voltage_l1',
        severity: 'high',
        active: true,
        actor: 'system',
        value: 250,
      },
      { kind: 'cleared', active: false, acknowledged: false, value: 239 },
    ]);
  });

  it('judges one frame in the order of the source', async () => {
    await park.addRule({ onDelayMs: 10_000 });
    engine = await park.startEngine();
    await park.send(volts(12, 250), volts(0, 250), volts(6, 230));
    await engine.idle();
    expect(await park.journal()).toEqual([]);
  });

  it('judges once what arrives while it begins', async () => {
    await park.addRule({});
    await park.store(volts(0, 230));
    const { pool } = park.database;
    // A frame comes when the missed rows have been read, and before they are judged and committed.
    const query = async (statement: string | QueryConfig, values: unknown[]) => {
      const result = await pool.query(statement, values);
      const text = typeof statement === 'string' ? statement : statement.text;
      if (text.includes('handled_to_ms')) await park.send(volts(1, 250));
      return result;
    };
    const db = { query, connect: () => pool.connect() } as unknown as Database;
    engine = await park.startEngine({ db });
    await engine.idle();
    expect(park.published).toHaveLength(1);
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V']);
  });

  it('does not repeat a transition when frames come again', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(1, 250));
    await engine.idle();
    park.tell(volts(1, 250));
    await park.send(volts(2, 230));
    park.tell(volts(1, 250), volts(2, 230));
    await engine.idle();
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V', 'cleared em-1 2 230 < 240 V']);
  });

  it('raises nothing for late and for bad readings', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(10, 230));
    await park.send(volts(5, 400));
    await park.send(volts(11, 400, 2));
    await engine.idle();
    expect(await park.journal()).toEqual([]);
  });

  it('raises by the timer when no further reading comes', async () => {
    await park.addRule({ onDelayMs: 30_000 });
    engine = await park.startEngine();
    await park.send(volts(0, 250));
    await engine.idle();
    await pass(29);
    expect(await park.journal()).toEqual([]);
    await pass(1);
    expect(await park.journal()).toEqual(['raised em-1 30 250 ≥ 240 V, 30 s, no newer value']);
  });

  it('asks the rows before a timer raises: a lost frame is no silence', async () => {
    await park.addRule({ onDelayMs: 10_000 });
    engine = await park.startEngine();
    await park.send(volts(0, 250));
    await engine.idle();
    await park.store(volts(5, 230));
    await pass(10);
    expect(await park.journal()).toEqual([]);
  });

  it('finishes an on-delay that a restart interrupted', async () => {
    await park.addRule({ onDelayMs: 30_000 });
    engine = await park.startEngine();
    await park.send(volts(0, 250));
    await pass(10);
    await engine[Symbol.asyncDispose]();
    await park.clock.advance(10_000);
    engine = await park.startEngine();
    await pass(9);
    expect(await park.journal()).toEqual([]);
    await pass(1);
    expect(await park.journal()).toEqual(['raised em-1 30 250 ≥ 240 V, 30 s, no newer value']);
  });

  it('raises nothing after a restart when the value came back meanwhile', async () => {
    await park.addRule({ onDelayMs: 30_000 });
    engine = await park.startEngine();
    await park.send(volts(0, 250));
    await engine.idle();
    await engine[Symbol.asyncDispose]();
    await park.store(volts(20, 230));
    await park.clock.advance(60_000);
    engine = await park.startEngine();
    await pass(60);
    expect(await park.journal()).toEqual([]);
  });

  it('reads what was committed while nobody judged, in order of time', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(0, 230));
    await pass(2);
    await engine[Symbol.asyncDispose]();
    await park.store(volts(1, 250), volts(2, 230), volts(3, 260));
    engine = await park.startEngine();
    expect(await park.journal()).toEqual([
      'raised em-1 1 250 ≥ 240 V',
      'cleared em-1 2 230 < 240 V',
      'raised em-1 3 260 ≥ 240 V',
    ]);
  });

  it('reads the rows at once when the bus tells of a hole, before the frame that showed it', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(0, 230));
    await engine.idle();
    await park.store(volts(1, 250), volts(2, 230));
    park.bus.publish('hole', { sender: 'ingest-1' });
    park.tell(volts(2, 230));
    await engine.idle();
    expect(await park.journal()).toHaveLength(2);
  });

  it('finds within 30 s what no frame told of', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.store(volts(1, 250));
    await pass(30);
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V']);
  });

  it('watches a device from when it comes into service, told or not, and clears when it leaves', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    const setLifecycle = (lifecycle: string) =>
      park.database.pool.query(`update device set lifecycle = $1 where id = 'em-1'`, [lifecycle]);
    await setLifecycle('out-of-service');
    park.registryChanged();
    await engine.idle();
    expect(engine.figures().watches).toBe(1);
    await park.send(volts(1, 250));
    await setLifecycle('in-service');
    await pass(30);
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V']);
    await setLifecycle('retired');
    park.registryChanged();
    await engine.idle();
    expect((await park.journal()).at(-1)).toBe('cleared em-1 30 point is no longer in service');
  });

  it('begins a new rule with the newest value, and clears what an edit or a disabling ends', async () => {
    engine = await park.startEngine();
    await park.send(volts(1, 250));
    await park.addRule({});
    await engine.idle();
    await park.changeRule('voltage-high', { name: 'Overvoltage' }, 'better name');
    await engine.idle();
    await park.clock.advance(5_000);
    await park.changeRule('voltage-high', { severity: 'low' }, 'less urgent');
    await engine.idle();
    await park.changeRule('voltage-high', { enabled: false }, 'meter in repair');
    await engine.idle();
    expect(await park.journal()).toEqual([
      'raised em-1 1 250 ≥ 240 V',
      'cleared em-1 5 rule changed by wang: less urgent',
      // Two occurrences never share an onset.
      'raised em-1 1.001 250 ≥ 240 V',
      'cleared em-1 5 rule disabled by wang: meter in repair',
    ]);
    const states = await park.database.pool.query('select from alarm_state');
    expect(states.rowCount).toBe(0);
  });

  it('clears an occurrence whose rule was renamed meanwhile, with and without a restart', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(1, 250), { point: 'em-2.voltage_l1', atS: 1, value: 250 });
    await engine.idle();
    await park.changeRule('voltage-high', { name: 'Overvoltage' }, 'better name');
    await engine.idle();
    await park.send(volts(2, 230));
    await engine.idle();
    await engine[Symbol.asyncDispose]();
    engine = await park.startEngine();
    await park.send({ point: 'em-2.voltage_l1', atS: 3, value: 230 });
    await park.send(volts(3, 260));
    await engine.idle();
    expect(await park.journal()).toEqual([
      'raised em-1 1 250 ≥ 240 V',
      'raised em-2 1 250 ≥ 240 V',
      'cleared em-1 2 230 < 240 V',
      'cleared em-2 3 230 < 240 V',
      'raised em-1 3 260 ≥ 240 V',
    ]);
    const { rows } = await park.database.pool.query('select rule_version from alarm order by id');
    expect(rows.map((row: { rule_version: number }) => row.rule_version)).toEqual([1, 1, 2]);
  });

  it('writes what the readings say, whatever frames are lost or repeated and however often it restarts', async () => {
    const condition = { deadband: 1, onDelayMs: 2_000, offDelayMs: 1_000 };
    await park.addRule(condition);
    engine = await park.startEngine();
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const history = Array.from({ length: 300 }, (_, i) =>
      volts(i, 240 + Math.round(8 * Math.sin(i / 7)) + random(5) - 2, random(20) === 0 ? 2 : 0),
    );
    let isHoleToTell = false;
    for (const reading of history) {
      await park.store(reading);
      const fate = random(10);
      if (fate < 4) {
        isHoleToTell = true;
        continue;
      }
      if (isHoleToTell) park.bus.publish('hole', { sender: 'ingest-1' });
      isHoleToTell = false;
      park.tell(...Array.from({ length: fate === 4 ? 3 : 1 }, () => reading));
      if (random(25) === 0) {
        await engine[Symbol.asyncDispose]();
        engine = await park.startEngine();
      }
    }
    await engine.idle();
    await engine[Symbol.asyncDispose]();
    engine = await park.startEngine();
    const expected: string[] = [];
    let state = initialState;
    const rule = {
      condition: limitConditionSchema.parse({ kind: 'limit', side: 'high', limit: 240, ...condition }),
      unit: 'V',
    };
    for (const { atS, value, quality } of history) {
      const judgement = evaluate(rule, state, {
        kind: 'sample',
        timeMs: atS * 1_000,
        value,
        quality,
        nowMs: 0,
      });
      state = judgement.state;
      expected.push(
        ...judgement.changes.map(
          (each) => `${each.kind} em-1 ${each.timeMs / 1_000} ${plainReason(each.facts)}`,
        ),
      );
    }
    expect(expected.length).toBeGreaterThan(10);
    expect(await park.journal()).toEqual(expected);
  });

  it('clears what a rule change ended while nobody judged', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(1, 250));
    await engine.idle();
    await engine[Symbol.asyncDispose]();
    await park.changeRule('voltage-high', { enabled: false }, 'meter in repair');
    engine = await park.startEngine();
    expect((await park.journal()).at(-1)).toBe('cleared em-1 1 rule disabled by wang: meter in repair');
  });

  it('stores nothing and stops when the fence refuses', async () => {
    await park.addRule({});
    let isLeader = true;
    engine = await park.startEngine({
      fence: async () => {
        if (!isLeader) throw new LeaseLost('another leads');
      },
    });
    isLeader = false;
    await park.send(volts(1, 250));
    await engine.idle();
    expect(await park.journal()).toEqual([]);
    expect(park.published).toEqual([]);
    isLeader = true;
    const successor = await park.startEngine();
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V']);
    await successor[Symbol.asyncDispose]();
  });

  it('loses and repeats nothing when the commit fails', async () => {
    await park.addRule({});
    let failures = 0;
    engine = await park.startEngine({
      fence: async () => {
        if (failures-- > 0) throw new Error('connection lost');
      },
    });
    failures = 2;
    await park.send(volts(1, 250));
    await park.send(volts(2, 230));
    await until(async () => {
      await park.clock.advance(1_000);
      return park.published.length === 2;
    }, 'both transitions');
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V', 'cleared em-1 2 230 < 240 V']);
  });

  it('publishes again, but writes nothing again, when only the answer to a commit was lost', async () => {
    await park.addRule({});
    engine = await park.startEngine();
    await park.send(volts(1, 250), volts(2, 230));
    await engine.idle();
    await engine[Symbol.asyncDispose]();
    // As if the state had not been stored: a successor judges the same readings again.
    await park.database.pool.query(`update alarm_state set state = state || '{"phase": "normal", "lastMs": 0,
      "handledToMs": 0, "onsetMs": null, "sinceMs": null, "raisedMs": null}'`);
    engine = await park.startEngine();
    expect(await park.journal()).toHaveLength(2);
    const { rowCount } = await park.database.pool.query(`select from journal where journal = 'alarms'`);
    expect(rowCount).toBe(2);
    expect(park.published.map((transition) => transition.id)).toEqual(
      [0, 1, 0, 1].map((i) => park.published[i]?.id),
    );
  });

  describe('of silence', () => {
    const silent = { kind: 'stale', noDataMs: 60_000 } as const;
    const onMeter1 = { target: { point: 'em-1.voltage_l1' } } as const;

    it('raises when nothing comes, also from a point that never spoke, and clears with a reading', async () => {
      await park.addRule(silent);
      engine = await park.startEngine();
      await park.send(volts(0, 230));
      await engine.idle();
      await pass(59);
      expect(await park.journal()).toEqual([]);
      await pass(1);
      await park.send(volts(61, 230));
      await engine.idle();
      expect((await park.journal()).toSorted()).toEqual([
        'cleared em-1 61 data again',
        'raised em-1 60 no data ≥ 60 s',
        'raised em-2 60 no data ≥ 60 s',
      ]);
      const { rows } = await park.database.pool.query(
        'select value, limit_value from alarm order by point_id',
      );
      expect(rows).toEqual([
        { value: 230, limit_value: null },
        { value: null, limit_value: null },
      ]);
    });

    it('asks the rows before it raises', async () => {
      await park.addRule(silent, onMeter1);
      engine = await park.startEngine();
      await park.send(volts(0, 230));
      await engine.idle();
      await park.store(volts(50, 230));
      await pass(60);
      expect(await park.journal()).toEqual([]);
    });

    it('gives a device the whole time again after a restart', async () => {
      await park.addRule(silent, onMeter1);
      engine = await park.startEngine();
      await park.send(volts(0, 230));
      await pass(50);
      await engine[Symbol.asyncDispose]();
      await park.clock.advance(600_000);
      engine = await park.startEngine();
      await pass(59);
      expect(await park.journal()).toEqual([]);
      await pass(1);
      expect(await park.journal()).toEqual(['raised em-1 710 no data ≥ 60 s']);
    });

    it('keeps what is active through a restart, and clears it by what came meanwhile', async () => {
      await park.addRule(silent, onMeter1);
      engine = await park.startEngine();
      await park.send(volts(0, 230));
      await pass(60);
      await engine[Symbol.asyncDispose]();
      await park.store(volts(70, 230));
      engine = await park.startEngine();
      expect(await park.journal()).toEqual(['raised em-1 60 no data ≥ 60 s', 'cleared em-1 70 data again']);
    });

    it('gives the whole time again after the store was away', async () => {
      await park.addRule(silent, onMeter1);
      let isAway = false;
      engine = await park.startEngine({
        fence: async () => {
          if (isAway) throw new Error('connection lost');
        },
      });
      await park.send(volts(0, 230));
      await engine.idle();
      isAway = true;
      await park.send(volts(40, 230));
      await until(async () => {
        await park.clock.advance(5_000);
        return park.clock.nowMs() - Date.parse(park.startedAt) >= 120_000;
      }, 'two minutes without a store');
      isAway = false;
      await until(async () => {
        await park.clock.advance(5_000);
        const { rowCount } = await park.database.pool.query(
          `select from alarm_state where (state ->> 'lastMs')::float8 > $1`,
          [Date.parse(park.startedAt)],
        );
        return rowCount === 1;
      }, 'the state to be stored again');
      await engine.idle();
      expect(await park.journal()).toEqual([]);
    });
  });

  it('judges states by their names, and rates with their unit', async () => {
    const { pool } = park.database;
    await pool.query(
      `insert into device (id, valid_from, class, name, space_id) values ('el-1', now(), 'elevator', 'Lift 1', 'b1')`,
    );
    await park.addPoints('el-1.mode');
    await park.addRule(
      { kind: 'state', test: 'leaves', states: ['normal'], onDelayMs: 0, offDelayMs: 0 },
      {
        id: 'mode',
        target: { device: 'el-1', metric: 'mode' },
      },
    );
    await park.addRule(
      {
        kind: 'rate',
        direction: 'either',
        limit: 5,
        per: 'minute',
        windowMs: 60_000,
        deadband: 0,
        offDelayMs: 0,
      },
      { id: 'jump', target: { point: 'em-1.voltage_l1' } },
    );
    engine = await park.startEngine();
    const mode = (atS: number, value: number) => ({ point: 'el-1.mode', atS, value });
    await park.send(mode(0, 0), mode(1, 3), mode(2, 0), volts(3, 230), volts(63, 220));
    await engine.idle();
    expect(await park.journal()).toEqual([
      'raised el-1 1 fault ∉ {normal}',
      'cleared el-1 2 normal ∈ {normal}',
      'raised em-1 63 10 ≥ 5 V/minute, 60 s',
    ]);
  });

  it('watches a class in a space and all below it, also when a device moves there', async () => {
    const { pool } = park.database;
    await pool.query(
      `insert into space (id, valid_from, kind, name, parent_id) values ('f1', now(), 'floor', 'Floor 1', 'b1')`,
    );
    await pool.query(`update device set space_id = 'f1' where id = 'em-1'`);
    await park.addRule({}, { target: { space: 'b1', deviceClass: 'energy-meter', metric: 'voltage_l1' } });
    engine = await park.startEngine();
    expect(engine.figures().watches).toBe(1);
    await pool.query(`update device set space_id = 'b1' where id = 'em-2'`);
    park.registryChanged();
    await engine.idle();
    await park.send(volts(1, 250), { point: 'em-2.voltage_l1', atS: 2, value: 250 });
    await engine.idle();
    expect(await park.journal()).toEqual(['raised em-1 1 250 ≥ 240 V', 'raised em-2 2 250 ≥ 240 V']);
  });
});
