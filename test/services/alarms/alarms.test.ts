import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { startAlarms } from '#services/alarms/alarms.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';
import { until } from '#test/kit/events.ts';
import { createAlarmPark } from './alarm-park.ts';

it('startAlarms() judges in one process at a time, and a successor goes on where the leader ended', async () => {
  await using park = await createAlarmPark();
  const { bus, database, directory } = park;
  // Leases are in the database's own time, which no test moves.
  const ground = { bus, directory, clock: systemClock(), log: silentLog() };
  const options = { ...ground, databaseUrl: database.url, timeZone: 'Asia/Shanghai' };
  const leader = startAlarms(options);
  const count = async (sql: string) =>
    (await database.pool.query<{ count: number }>(`select count(*)::int as count from ${sql}`)).rows[0]
      ?.count;
  await until(async () => (await count('alarm_rule')) === defaultRules.length, 'the default rules');
  const metrics = createMetrics({ process: false });
  await using standby = startAlarms({ ...options, metrics });

  // Phase voltage: over 235.4 V for a minute of the source's time.
  await park.send({ point: 'em-1.voltage_l1', atS: 3_500, value: 250 });
  await until(() => count(`alarm_state where state ->> 'phase' = 'pending'`), 'the stored on-delay');
  expect(standby.epoch).toBeUndefined();
  await leader[Symbol.asyncDispose]();
  await until(() => standby.epoch, 'the successor');
  await park.send({ point: 'em-1.voltage_l1', atS: 3_561, value: 249 });
  await until(() => park.published.length === 1, 'the alarm');
  const counted = /^parkwatch_alarm_transitions_total 1$/m;
  await until(async () => counted.test(await metrics.metrics()), 'the alarm to be counted');
  expect(await park.journal()).toEqual(['raised em-1 3560 249 ≥ 235.4 V, 60 s']);
});

/** How long a leader is frozen: past its lease; 30 by hand. */
const freezeS = Number(process.env['FREEZE_S'] ?? 11);

/** A process of the role `alarms` (test/kit/alarms-child.ts): every frame of the bus is lost to it. */
interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  /** What it said, in order. */
  readonly said: string[];
  readonly epoch: number | undefined;
}

function startChild(url: string, hours = 0): Child {
  const child = spawn(process.execPath, ['test/kit/alarms-child.ts', url, String(hours)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  return {
    process: child,
    said,
    get epoch() {
      const [, epoch] = /^leading (\d+)$/.exec(said.at(-1) ?? '') ?? [];
      return epoch === undefined ? undefined : Number(epoch);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('startAlarms() in several processes', () => {
  const raisedAt = (atS: number) => ({ point: 'em-1.voltage_l1', atS, value: 250 });
  const clearedAt = (atS: number) => ({ point: 'em-1.voltage_l1', atS, value: 230 });
  /** A rule without delay on one point, beside those that the program ships, which have a minute. */
  async function parkWithRule() {
    const park = await createAlarmPark();
    await park.addRule({}, { id: 'at-once', target: { point: 'em-1.voltage_l1' } });
    const told = async () => {
      const { rows } = await park.database.pool.query<{ told: string }>(
        `select t.kind || ' ' || (extract(epoch from a.onset) - $1)::float8 as told from alarm_transition t
         join alarm a on a.id = t.alarm_id where a.rule_id = 'at-once' and t.kind in ('raised', 'cleared') order by t.id`,
        [Date.parse(park.startedAt) / 1_000],
      );
      return rows.map((row) => row.told);
    };
    return { park, told, [Symbol.asyncDispose]: () => park[Symbol.asyncDispose]() };
  }

  it('goes on when the leader is killed, and neither loses nor repeats a transition', async () => {
    await using ground = await parkWithRule();
    const { park, told } = ground;
    await using one = startChild(park.database.url);
    await until(() => one.epoch, 'a leader');
    await using two = startChild(park.database.url);
    await park.store(clearedAt(3_500), raisedAt(3_510));
    await until(async () => (await told()).length === 1, 'what the leader found in the rows');
    await until(() => two.said.includes('standby'), 'the second one to stand by');
    one.process.kill('SIGKILL');
    await park.store(clearedAt(3_520), raisedAt(3_530));
    await until(() => two.epoch, 'the successor');
    await until(async () => (await told()).length === 3, 'what came meanwhile');
    expect(await told()).toEqual(['raised 3510', 'cleared 3510', 'raised 3530']);
    await park.store(clearedAt(3_540));
    await until(async () => (await told()).length === 4, 'the end');
    expect(await told()).toEqual(['raised 3510', 'cleared 3510', 'raised 3530', 'cleared 3530']);
  });

  it('lets a leader that was frozen write nothing when it wakes up', async () => {
    await using ground = await parkWithRule();
    const { park, told } = ground;
    await using one = startChild(park.database.url);
    await until(() => one.epoch, 'a leader');
    await using two = startChild(park.database.url);
    await park.store(clearedAt(3_500), raisedAt(3_510));
    await until(async () => (await told()).length === 1, 'what the leader found in the rows');
    await until(() => two.said.includes('standby'), 'the second one to stand by');
    one.process.kill('SIGSTOP');
    const stoppedMs = performance.now();
    await park.store(clearedAt(3_520), raisedAt(3_530));
    await until(() => two.epoch, 'the successor');
    await until(async () => (await told()).length === 3, 'what came meanwhile');
    await until(
      () => performance.now() - stoppedMs > freezeS * 1_000,
      'the end of the frost',
      freezeS * 2_000,
    );
    one.process.kill('SIGCONT');
    await park.store(clearedAt(3_540), raisedAt(3_550));
    await until(async () => (await told()).length === 5, 'what came afterwards');
    // It has noticed by now, and stands by.
    await until(() => one.said.at(-1) === 'standby', 'the first one to stand by');
    expect(two.epoch).toBe(2);
    expect(await told()).toEqual([
      'raised 3510',
      'cleared 3510',
      'raised 3530',
      'cleared 3530',
      'raised 3550',
    ]);
  });

  it('keeps running delays when the clock of the host is set forward', async () => {
    await using ground = await parkWithRule();
    const { park } = ground;
    await park.addRule(
      { kind: 'stale', noDataMs: 1_800_000 },
      { id: 'silent', target: { point: 'em-1.voltage_l1' } },
    );
    await using one = startChild(park.database.url, 1);
    await until(() => one.epoch, 'a leader');
    await park.store(clearedAt(3_590));
    const stateOf = async () =>
      (
        await park.database.pool.query<{ due: number; last: number | null }>(
          `select (state ->> 'dueMs')::float8 as due, (state ->> 'lastMs')::float8 as last
           from alarm_state where rule_id = 'silent'`,
        )
      ).rows[0];
    const before = await until(async () => {
      const state = await stateOf();
      return state?.last == null ? undefined : state;
    }, 'the reading to be judged');
    one.process.kill('SIGUSR2');
    const after = await until(async () => {
      const state = await stateOf();
      return state !== undefined && state.due !== before.due ? state : undefined;
    }, 'the delay to move with the clock');
    expect(Math.abs(after.due - before.due - 3_600_000)).toBeLessThan(5_000);
    const { rowCount } = await park.database.pool.query(`select from alarm where rule_id = 'silent'`);
    expect(rowCount).toBe(0);
  });
});
