import { startEmbeddedBroker, type EmbeddedBroker } from '#infra/embedded-broker.ts';
import { partLog } from '#infra/log.ts';
import { startPartitionKeeper } from '#infra/partitions.ts';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import type { Gateway } from '#schemas/gateway.ts';
import { startWriter, type Writer } from '#services/ingest/writer.ts';
import type { Context } from './context.ts';
import { rawHorizonDays } from './database.ts';

/** The side of the process that reads the field; commits before it acknowledges (DESIGN §2). */
export interface Field {
  readonly broker: EmbeddedBroker | undefined;
  readonly writer: Writer | undefined;
  readonly gateways: readonly Gateway[];
}

export async function startField(context: Context): Promise<Field> {
  const { config, clock, log, lifecycle } = context;
  const gateways: Gateway[] = [];
  const broker = await startBroker(context);
  const reads = (role: 'ingest' | 'gateway-opcua') => config.roles.includes(role);
  const writer = reads('ingest') || reads('gateway-opcua') ? await startStore(context) : undefined;

  if (writer !== undefined && reads('ingest')) {
    const mqtt = () =>
      startMqttGateway({
        config: config.mqtt,
        parkId: config.parkId,
        sink: writer,
        clock,
        log: partLog(log, 'mqtt'),
        broker,
      });
    gateways.push(await lifecycle.start('MQTT gateway', mqtt));
  }

  return { broker, writer, gateways };
}

function startBroker({ config, clock, log, lifecycle }: Context): Promise<EmbeddedBroker> | undefined {
  if (config.mqtt.url !== undefined || !config.roles.includes('broker')) return undefined;
  return lifecycle.start('embedded broker', () =>
    startEmbeddedBroker({ config: config.mqtt, parkId: config.parkId, clock, log: partLog(log, 'broker') }),
  );
}

async function startStore({
  config,
  clock,
  log,
  lifecycle,
  bus,
  database,
  directory,
}: Context): Promise<Writer> {
  const { db, dialect } = database;
  if (dialect === 'plain') {
    await lifecycle.start('partition keeper', () =>
      startPartitionKeeper({ db, clock, log: partLog(log, 'store') }),
    );
  }
  return lifecycle.start('writer', () =>
    startWriter({
      db,
      databaseUrl: database.url,
      directory,
      bus,
      clock,
      log: partLog(log, 'writer'),
      horizonDays: rawHorizonDays(dialect),
      timeZone: config.timeZone,
    }),
  );
}
