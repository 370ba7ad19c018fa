import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Gauge } from 'prom-client';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, type Config } from '#infra/config.ts';
import { acquireOwnerLock } from '#infra/embedded-postgres/owner-lock.ts';
import { partLog } from '#infra/log.ts';
import { createMetrics, type Metrics } from '#infra/metrics.ts';
import { startCctvFleet } from '#gateways/cctv/fleet.ts';
import { openMappingBook } from '#gateways/mapping/book.ts';
import { startMappingGateway } from '#gateways/mapping/gateway.ts';
import { createApi } from '#services/api/server.ts';
import { openSpoolFolder } from '#services/spool/files.ts';
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
  await lifecycle.start('spool lock', () => lockSpool(dataDir));
  const publisher = await lifecycle.start('spool publisher', () =>
    startMqttPublisher({ config: mqtt, url, parkId, clock, log: spoolLog }),
  );
  const files = await openSpoolFolder(join(dataDir, 'spool'));
  const limitBytes = config.spoolMib * bytesPerMib;
  const spool = await lifecycle.start('spool', () =>
    startSpool({ files, publisher, parkId, clock, log: spoolLog, limitBytes }),
  );
  measure(metrics, spool);
  const probes = await startProbes(config, { log, lifecycle, metrics, spool, publisher });
  await startGateways(config, { log, lifecycle, spool, clock });
  process.stdout.write(
    `\n智园 Parkwatch 现场网关已启动 field gateway is running\n\n` +
      `  MQTT             ${publisher.detail}   park/v1/${parkId}/{deviceId}/telemetry\n` +
      `  状态 state        ${probes}/readyz\n\n`,
  );
}

async function startGateways(
  { roles, configFile: file, mqtt, parkId, dataDir, timeZone }: Config,
  parts: Pick<Context, 'log' | 'lifecycle' | 'clock'> & { readonly spool: Spool },
): Promise<void> {
  const { log, lifecycle, spool: sink, clock } = parts;
  if (file === undefined) {
    throw new ConfigError('PARK_CONFIG_FILE is needed: this process has a gateway and no device to read.');
  }
  if (roles.includes('gateway-opcua')) {
    const { openOpcuaServers } = await import('#gateways/opcua/servers.ts');
    await lifecycle.start('OPC UA gateways', () =>
      openOpcuaServers({ file, sink, clock, log: partLog(log, 'opcua'), dataDir }),
    );
  }
  if (roles.includes('gateway-cctv')) {
    await lifecycle.start('CCTV gateways', () =>
      startCctvFleet({ file, sink, clock, log: partLog(log, 'cctv'), timeZone }),
    );
  }
  if (!roles.includes('gateway-mqtt')) return;
  const mappingLog = partLog(log, 'mapping');
  const book = await lifecycle.start('mappings', () => openMappingBook({ file, clock, log: mappingLog }));
  await lifecycle.start('mapping gateway', () =>
    startMappingGateway({ config: mqtt, parkId, sink, clock, log: mappingLog, book, dataDir }),
  );
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

function measure(metrics: Metrics, spool: Spool): void {
  const figures = {
    parkwatch_spool_used_bytes: 'Bytes that wait in the spool',
    parkwatch_spool_limit_bytes: 'What the spool may take of the disk',
    parkwatch_spool_corrupt: 'Stretches of damaged bytes that were skipped since the start',
  };
  const values = () => {
    const { usedBytes, limitBytes, corrupt } = spool.status();
    return [usedBytes, limitBytes, corrupt];
  };
  for (const [index, [name, help]] of Object.entries(figures).entries()) {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(values()[index] ?? 0);
      },
    });
    metrics.registerMetric(gauge);
  }
}
