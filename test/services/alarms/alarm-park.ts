import { createBus, type Bus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import {
  alarmConditionSchema,
  alarmRuleBodySchema,
  type AlarmCondition,
  type AlarmRuleBody,
  type AlarmTransition,
  type LimitCondition,
} from '#schemas/alarm.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { startAlarmEngine, type AlarmEngine, type AlarmEngineOptions } from '#services/alarms/engine.ts';
import { alarmRoutes } from '#services/alarms/routes.ts';
import { changeRule, createRule, type AlarmDeps } from '#services/alarms/service.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

/** A reading to store, seconds after the start of the test's clock. */
export interface TestReading {
  readonly point: string;
  readonly atS: number;
  readonly value: number;
  readonly quality?: 0 | 1 | 2;
}

/** A database with two meters and the means to send them readings as the writer would. */
export interface AlarmPark extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly bus: Bus;
  readonly clock: FakeClock;
  readonly published: AlarmTransition[];
  pointId(key: string): number;
  /** When the test's clock began. */
  readonly startedAt: string;
  /** Points of devices that the test has inserted. */
  addPoints(...keys: string[]): Promise<void>;
  /** Stores readings, as a writer that nobody heard. */
  store(...readings: TestReading[]): Promise<void>;
  /** Tells the bus of them. */
  tell(...readings: TestReading[]): void;
  /** Both: commit, then bus. */
  send(...readings: TestReading[]): Promise<void>;
  readonly directory: AlarmEngineOptions['directory'];
  /** As when another process changed a device. */
  registryChanged(): void;
  startEngine(options?: Partial<AlarmEngineOptions>): Promise<AlarmEngine>;
  addRule(condition: Partial<LimitCondition> | AlarmCondition, rest?: Partial<AlarmRuleBody>): Promise<void>;
  changeRule(id: string, patch: Partial<AlarmRuleBody>, reason: string): Promise<void>;
  /** `kind point seconds reason` of every transition in the table. */
  journal(): Promise<string[]>;
}

export async function createAlarmPark(): Promise<AlarmPark> {
  const database = await createTestDatabase();
  const { pool } = database;
  // Readings need partitions of about now: the database's clock, not the test's.
  const startMs = Math.floor((Date.now() - 3_600_000) / 1_000) * 1_000;
  const clock = fakeClock(startMs);
  const bus = createBus((error) => {
    throw error;
  });
  const published: AlarmTransition[] = [];
  bus.subscribe('alarm', (transition) => published.push(transition));
  const ids = await insertMeters(database);
  const pointId = (key: string) => ids.get(key) ?? 0;
  const calendar = localCalendar('Asia/Shanghai');
  const deps = { db: pool, bus, clock, calendar };
  const listeners = new Set<() => void>();
  const directory = {
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const park: AlarmPark = {
    database,
    bus,
    clock,
    published,
    pointId,
    startedAt: new Date(startMs).toISOString(),
    async addPoints(...keys) {
      for (const key of keys) {
        const { rows } = await pool.query<{ point_id: number }>(
          `insert into point (device_id, metric) values (split_part($1, '.', 1), split_part($1, '.', 2))
           returning point_id`,
          [key],
        );
        ids.set(key, rows[0]?.point_id ?? 0);
      }
    },
    async store(...readings) {
      for (const { point, atS, value, quality = 0 } of readings) {
        await pool.query(
          'insert into reading (point_id, time, value, quality) values ($1, to_timestamp($2), $3, $4)',
          [pointId(point), startMs / 1_000 + atS, value, quality],
        );
      }
    },
    tell(...readings) {
      bus.publish('readings', {
        pointIds: readings.map((row) => pointId(row.point)),
        timesMs: readings.map((row) => startMs + row.atS * 1_000),
        values: readings.map((row) => row.value),
        qualities: readings.map((row) => row.quality ?? 0),
      });
    },
    async send(...readings) {
      await park.store(...readings);
      park.tell(...readings);
    },
    startEngine: (options = {}) =>
      startAlarmEngine({ ...deps, directory, log: silentLog(), timeZone: 'Asia/Shanghai', ...options }),
    directory,
    registryChanged: () => listeners.forEach((listener) => listener()),
    async addRule(condition, rest = {}) {
      const body = alarmRuleBodySchema.parse({
        id: 'voltage-high',
        name: 'Voltage high',
        target: { deviceClass: 'energy-meter', metric: 'voltage_l1' },
        condition: alarmConditionSchema.parse({ kind: 'limit', ...limitDefaults(condition), ...condition }),
        severity: 'high',
        enabled: true,
        recommendedAction: 'Look at the transformer',
        ...rest,
      });
      await createRule(deps, body, { actor: 'wang', reason: 'test' });
    },
    async changeRule(id, { id: _id, ...patch }, reason) {
      await changeRule(deps, { id, patch }, { actor: 'wang', reason });
    },
    async journal() {
      const { rows } = await pool.query<{ told: string }>(
        `select t.kind || ' ' || a.device_id || ' ' || (extract(epoch from t.time) - $1)::float8 || ' ' || t.reason as told
         from alarm_transition t join alarm a on a.id = t.alarm_id
         order by t.id`,
        [startMs / 1_000],
      );
      return rows.map((row) => row.told);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
  return park;
}

/** A park whose alarms are judged and asked for: both meters are watched for a voltage above 240. */
export interface RunningPark extends AlarmPark {
  readonly engine: AlarmEngine;
  readonly api: RouteApi;
  readonly deps: AlarmDeps;
  /** Sends one voltage and waits until it is judged. */
  measure(device: 'em-1' | 'em-2', atS: number, volts: number): Promise<void>;
  /** Lets time pass and waits until it is judged. */
  pass(ms: number): Promise<void>;
}

/** @param timeZone of the routes */
export async function openRunningPark(timeZone = 'Asia/Shanghai'): Promise<RunningPark> {
  await using opening = new AsyncDisposableStack();
  const park = opening.use(await createAlarmPark());
  await park.addRule({ deadband: 5 });
  const engine = opening.use(await park.startEngine());
  const deps = { db: park.database.pool, bus: park.bus, clock: park.clock };
  const api = opening.use(await openRouteApi((scope) => alarmRoutes(scope, { ...deps, timeZone })));
  const opened = opening.move();
  return {
    ...park,
    engine,
    api,
    deps,
    async measure(device, atS, volts) {
      await park.send({ point: `${device}.voltage_l1`, atS, value: volts });
      await engine.idle();
    },
    async pass(ms) {
      await park.clock.advance(ms);
      await engine.idle();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Over 240, unless another kind is asked for. */
function limitDefaults(condition: Partial<LimitCondition> | AlarmCondition): object {
  return (condition.kind ?? 'limit') === 'limit' ? { side: 'high', limit: 240 } : {};
}

async function insertMeters({ pool }: TestDatabase): Promise<Map<string, number>> {
  await pool.query(
    `insert into space (id, valid_from, kind, name) values ('b1', now(), 'building', 'Building 1')`,
  );
  await pool.query(
    `insert into device (id, valid_from, class, name, space_id, provenance)
     values ('em-1', now(), 'energy-meter', 'Meter 1', 'b1', 'simulated'),
            ('em-2', now(), 'energy-meter', 'Meter 2', null, 'field')`,
  );
  const { rows } = await pool.query<{ key: string; point_id: number }>(
    `insert into point (device_id, metric)
     select d, m from unnest(array['em-1', 'em-2']) d, unnest(array['voltage_l1', 'active_power']) m
     returning device_id || '.' || metric as key, point_id`,
  );
  return new Map(rows.map((row) => [row.key, row.point_id]));
}
