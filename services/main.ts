import { parseArgs } from 'node:util';
import { readBusKey } from '#infra/bus-key.ts';
import { createBus, type Bus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { isFieldBox, parkRoles, readConfig, type Config } from '#infra/config.ts';
import { settleHeap } from '#infra/heap.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog, partLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { startMqttBus } from '#infra/mqtt-bus.ts';
import type { Queryable } from '#infra/postgres.ts';
import { startAlarms } from '#services/alarms/alarms.ts';
import { bootstrapAdmin } from '#services/people/accounts.ts';
import { startPointDirectory } from '#services/registry/directory.ts';
import { startRetention } from '#services/retention/retention.ts';
import { startRollup } from '#services/rollup/rollup.ts';
import { startSnapshots } from '#services/assessment/snapshots/snapshots.ts';
import { startSealing } from '#services/sealing/sealing.ts';
import type { Context } from './serve/context.ts';
import { openDatabase, rawHorizonDays } from './serve/database.ts';
import { startField } from './serve/field.ts';
import { startFieldBox } from './serve/field-box.ts';
import { startNotifySide } from './serve/notify-side.ts';
import { startPeopleSide } from './serve/people-side.ts';
import { loadParkSigner, programVersion } from './serve/program.ts';
import { startSimulatedPark } from './serve/simulated-park.ts';
import { stopSignal } from './serve/stop-signal.ts';

const help = `Usage: parkwatch serve

Runs the park until Ctrl-C: gateways, store, alarms, assessment, API and console. Everything is configured by
environment variables; README.md lists them.
运行园区服务直到按下 Ctrl-C；全部通过环境变量配置，见 README.zh-CN.md。
`;

/**
 * `parkwatch serve`, the composition root: the only place that knows every part. Parts stop in reverse order: first
 * what feeds us, last the database.
 */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const config = readConfig();
  const log = createLog({ level: config.logLevel, pretty: process.stdout.isTTY });
  const stopped = stopSignal();
  await using lifecycle = createLifecycle(log);
  if (isFieldBox(config)) await startFieldBox(config, { log, lifecycle });
  else await startPark(config, { log, lifecycle });
  log.info(`stopping (${await stopped})`);
  return 0;
}

async function startPark(
  config: Config,
  { log, lifecycle }: Pick<Context, 'log' | 'lifecycle'>,
): Promise<void> {
  const context = await startGround(config, { log, lifecycle });
  const { clock, bus, database, directory } = context;
  const signer = await loadParkSigner(config);
  const field = await startField(context);
  if (config.roles.includes('alarms')) {
    await lifecycle.start('alarms', () =>
      startAlarms({
        databaseUrl: database.url,
        bus,
        directory,
        clock,
        log: partLog(log, 'alarms'),
        timeZone: config.timeZone,
        metrics: context.metrics,
      }),
    );
  }
  if (config.roles.includes('notify')) await startNotifySide(context);
  if (config.roles.includes('assessment')) {
    const leader = { databaseUrl: database.url, clock, log, timeZone: config.timeZone };
    await lifecycle.start('sealer', () => startSealing(leader));
    await lifecycle.start('snapshots', () =>
      startSnapshots({ ...leader, parkId: config.parkId, program: programVersion() }),
    );
    await lifecycle.start('rollup', () => startRollup(leader));
    const { dialect } = database;
    await lifecycle.start('retention', () =>
      startRetention({ ...leader, dialect, horizonDays: rawHorizonDays(dialect) }),
    );
  }
  const admin = await bootstrapAdmin({ db: database.db, clock, password: config.adminPassword });
  const { url } = await startPeopleSide(context, { field, signer });
  if (config.simulate) await startSimulatedPark(context, field);
  settleHeap();
  process.stdout.write(welcome({ config, url, broker: field.broker?.url, admin }));
}

/** What every role stands on. */
async function startGround(config: Config, parts: Pick<Context, 'log' | 'lifecycle'>): Promise<Context> {
  const { log, lifecycle } = parts;
  const clock = systemClock();
  const database = await openDatabase(config, { lifecycle, clock, log });
  const bus = await startBus(config, { ...parts, clock, db: database.db });
  const directory = await lifecycle.start('registry', () =>
    startPointDirectory({ db: database.db, bus, clock, log: partLog(log, 'registry') }),
  );
  return { ...parts, config, clock, bus, database, directory, metrics: createMetrics({ process: true }) };
}

/** Between processes the broker carries the bus; a process that does everything itself needs none. */
async function startBus(
  config: Config,
  parts: Pick<Context, 'log' | 'lifecycle' | 'clock'> & { db: Queryable },
): Promise<Bus> {
  const { clock, lifecycle } = parts;
  const log = partLog(parts.log, 'bus');
  const { url } = config.mqtt;
  const alone = parkRoles.every((role) => role === 'broker' || config.roles.includes(role));
  if (url === undefined || alone) return createBus((error) => log.error({ err: error }, 'a listener failed'));
  const key = await readBusKey(parts.db);
  return lifecycle.start('bus', () =>
    startMqttBus({ config: config.mqtt, url, parkId: config.parkId, key, clock, log }),
  );
}

/** Written to the terminal and never to the log: it holds the password of `admin`, once. */
function welcome(facts: {
  config: Config;
  url: string;
  broker: string | undefined;
  admin: { username: string; password: string } | null;
}): string {
  const { config, url, broker, admin } = facts;
  const lines = [
    `  控制台 console   ${config.http.publicUrl ?? url}`,
    `  接口 API         ${url}/docs`,
    ...(broker === undefined
      ? []
      : [`  MQTT             ${broker}   park/v1/${config.parkId}/{deviceId}/telemetry`]),
    ...(admin === null
      ? []
      : [`  登录 login       ${admin.username} / ${admin.password}   （仅显示一次 shown once）`]),
    ...(config.simulate
      ? ['  当前为模拟园区，数据并非来自真实设备。 A simulated park: no value here comes from a real device.']
      : []),
  ];
  return `\n智园 Parkwatch 已启动 is running\n\n${lines.join('\n')}\n\n`;
}
