import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, type Config } from '#infra/config.ts';
import { acquireOwnerLock } from '#infra/embedded-postgres/owner-lock.ts';
import { partLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { startCctvFleet } from '#gateways/cctv/fleet.ts';
import { openMappingBook } from '#gateways/mapping/book.ts';
import { startMappingGateway } from '#gateways/mapping/gateway.ts';
import type { Gateway } from '#schemas/gateway.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { createApi } from '#services/api/server.ts';
import { openBoxGuard } from '#services/identity/box-guard.ts';
import { openSpoolFolder } from '#services/spool/files.ts';
import { registerBoxMetrics } from '#services/spool/metrics.ts';
import { startMqttPublisher, type MqttPublisher } from '#services/spool/mqtt-publisher.ts';
import { startSpool, type Spool } from '#services/spool/spool.ts';
import type { Context } from './context.ts';
import { programVersion } from './program.ts';

const bytesPerMib = 1024 * 1024;

/**
 * A box in the field (DESIGN §2): gateways, a spool on disk and the way to the park's broker; no database, no console.
 * Gateways stop first, then what they have handed over is sent as far as it goes.
 * @throws ConfigError when the settings are wrong or another process has the spool
 */
export async function startFieldBox(
  config: Config,
  { log, lifecycle }: Pick<Context, 'log' | 'lifecycle'>,
): Promise<void> {
  const clock = systemClock();
  const metrics = createMetrics({ process: true });
  const spoolLog = partLog(log, 'spool');
  const { mqtt, parkId, dataDir } = config;
  if (mqtt.url === undefined) throw new Error('a box in the field needs MQTT_URL');
  const url = mqtt.url;
  const guard = await openBoxGuard(config, clock);
  await lifecycle.start('spool lock', () => lockSpool(dataDir));
  const publisher = await lifecycle.start('spool publisher', () =>
    startMqttPublisher({ config: mqtt, url, parkId, clock, log: spoolLog }),
  );
  const files = await openSpoolFolder(join(dataDir, 'spool'));
  const limitBytes = config.spoolMib * bytesPerMib;
  const spool = await lifecycle.start('spool', () =>
    startSpool({ files, publisher, parkId, clock, log: spoolLog, limitBytes }),
  );
  const gateways: (() => readonly Gateway[])[] = [];
  registerBoxMetrics(metrics, { spool, gateways: () => gateways.flatMap((some) => some()) });
  const probes = await startProbes(config, { log, lifecycle, metrics, spool, publisher });
  // Nobody is named on this disk, or on the way, whom the policy does not let through.
  await startGateways(config, { log, lifecycle, sink: guard.protect(spool), clock, gateways });
  process.stdout.write(
    `\n智园 Parkwatch 现场网关已启动 field gateway is running\n\n` +
      `  MQTT             ${publisher.detail}   park/v1/${parkId}/{deviceId}/telemetry\n` +
      `  状态 state        ${probes}/readyz\n` +
      `  个人信息 identity  ${guard.mode}\n\n`,
  );
}

async function startGateways(
  { roles, configFile: file, mqtt, parkId, dataDir, timeZone }: Config,
  parts: Pick<Context, 'log' | 'lifecycle' | 'clock'> & {
    readonly sink: ReadingSink;
    readonly gateways: (() => readonly Gateway[])[];
  },
): Promise<void> {
  const { log, lifecycle, sink, clock, gateways } = parts;
  if (file === undefined) {
    throw new ConfigError('PARK_CONFIG_FILE is needed: this process has a gateway and no device to read.');
  }
  if (roles.includes('gateway-opcua')) {
    const { openOpcuaServers } = await import('#gateways/opcua/servers.ts');
    const opcua = await lifecycle.start('OPC UA gateways', () =>
      openOpcuaServers({ file, sink, clock, log: partLog(log, 'opcua'), dataDir }),
    );
    gateways.push(() => opcua.gateways());
  }
  if (roles.includes('gateway-cctv')) {
    const cctv = await lifecycle.start('CCTV gateways', () =>
      startCctvFleet({ file, sink, clock, log: partLog(log, 'cctv'), timeZone }),
    );
    gateways.push(() => cctv.gateways());
  }
  if (!roles.includes('gateway-mqtt')) return;
  const mappingLog = partLog(log, 'mapping');
  const book = await lifecycle.start('mappings', () => openMappingBook({ file, clock, log: mappingLog }));
  const mapping = await lifecycle.start('mapping gateway', () =>
    startMappingGateway({ config: mqtt, parkId, sink, clock, log: mappingLog, book, dataDir }),
  );
  gateways.push(() => [mapping]);
}

async function lockSpool(dataDir: string): Promise<AsyncDisposable> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'spool.lock');
  const taken = acquireOwnerLock(file);
  if (taken.kind === 'held') {
    throw new ConfigError(`DATA_DIR holds the spool of another process (pid ${taken.pid}); stop it first.`);
  }
  return {
    [Symbol.asyncDispose]: () => {
      taken.lock[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** Nobody logs in here: there are no accounts, only the probes and the figures. */
async function startProbes(
  config: Config,
  parts: Pick<Context, 'log' | 'lifecycle' | 'metrics'> & { spool: Spool; publisher: MqttPublisher },
): Promise<string> {
  const { log, lifecycle, metrics, spool, publisher } = parts;
  const api = await lifecycle.start('probes', () =>
    createApi({
      http: config.http,
      log: partLog(log, 'api'),
      authenticator: { authenticate: () => Promise.resolve(null) },
      readiness: () => ({
        database: 'none',
        dialect: 'none',
        broker: publisher.connected ? 'ok' : 'away',
        spool: spool.status().level,
      }),
      metrics,
      consoleDir: null,
      version: programVersion(),
    }),
  );
  return (await api.listen()).url;
}
