import { startEmbeddedBroker, type EmbeddedBroker } from '#infra/embedded-broker.ts';
import { partLog } from '#infra/log.ts';
import { takeProcessNumber } from '#infra/process-number.ts';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import { readOpcuaConfig } from '#gateways/opcua/config.ts';
import type { Gateway } from '#schemas/gateway.ts';
import type { OpcuaServerConfig } from '#schemas/opcua.ts';
import { startDiscoveries, type Discoveries } from '#services/ingest/discoveries.ts';
import { startBookKeeper, startPartitionKeeper } from '#services/ingest/keeper.ts';
import { startWriter, type Writer } from '#services/ingest/writer.ts';
import type { Context } from './context.ts';
import { rawHorizonDays } from './database.ts';

/** The side of the process that reads the field; commits before it acknowledges (DESIGN §2). */
export interface Field {
  readonly broker: EmbeddedBroker | undefined;
  readonly writer: Writer | undefined;
  readonly discoveries: Discoveries | undefined;
  readonly gateways: readonly Gateway[];
  /** Takes up an OPC UA server that nobody configured: the simulated park's. Does nothing without the role. */
  addOpcuaServer(server: OpcuaServerConfig): Promise<void>;
}

export async function startField(context: Context): Promise<Field> {
  const { config, clock, log, lifecycle } = context;
  const gateways: Gateway[] = [];
  const broker = await startBroker(context);
  const reads = (role: 'ingest' | 'gateway-opcua') => config.roles.includes(role);
  const store = reads('ingest') || reads('gateway-opcua') ? await startStore(context) : undefined;
  const writer = store?.writer;

  if (writer !== undefined && reads('ingest')) {
    const instance = await takeInstance(context);
    const mqtt = () =>
      startMqttGateway({
        config: config.mqtt,
        parkId: config.parkId,
        sink: writer,
        clock,
        log: partLog(log, 'mqtt'),
        broker,
        instance,
      });
    gateways.push(await lifecycle.start('MQTT gateway', mqtt));
  }

  const addOpcuaServer = async (server: OpcuaServerConfig) => {
    if (writer === undefined || !reads('gateway-opcua')) return;
    // The stack is large: a process without the role never loads it.
    const { startOpcuaGateway } = await import('#gateways/opcua/gateway.ts');
    const opcua = () =>
      startOpcuaGateway({ server, sink: writer, clock, log: partLog(log, 'opcua'), dataDir: config.dataDir });
    gateways.push(await lifecycle.start(`OPC UA gateway ${server.id}`, opcua));
  };
  const configured = config.configFile === undefined ? [] : readOpcuaConfig(config.configFile);
  for (const server of configured) await addOpcuaServer(server);
  return { broker, writer, discoveries: store?.discoveries, gateways, addOpcuaServer };
}

/** At an external broker several processes share the load, each with a client id of its own. */
async function takeInstance({ config, clock, log, lifecycle, database }: Context): Promise<number> {
  if (config.mqtt.url === undefined) return 1;
  const { number } = await lifecycle.start('process number', () =>
    takeProcessNumber({ databaseUrl: database.url, clock, log: partLog(log, 'mqtt') }),
  );
  return number;
}

function startBroker({ config, clock, log, lifecycle }: Context): Promise<EmbeddedBroker> | undefined {
  if (config.mqtt.url !== undefined || !config.roles.includes('broker')) return undefined;
  return lifecycle.start('embedded broker', () =>
    startEmbeddedBroker({ config: config.mqtt, parkId: config.parkId, clock, log: partLog(log, 'broker') }),
  );
}

async function startStore(context: Context): Promise<{ writer: Writer; discoveries: Discoveries }> {
  const { config, clock, lifecycle, bus, database, directory } = context;
  const { db, dialect } = database;
  const log = partLog(context.log, 'writer');
  if (dialect === 'plain') {
    await lifecycle.start('partition keeper', () => startPartitionKeeper({ db, clock, log }));
  }
  await lifecycle.start('book keeper', () => startBookKeeper({ db, clock, log }));
  const writer = await lifecycle.start('writer', () =>
    startWriter({
      db,
      databaseUrl: database.url,
      directory,
      bus,
      clock,
      log,
      horizonDays: rawHorizonDays(dialect),
      timeZone: config.timeZone,
    }),
  );
  const discoveries = await lifecycle.start('discoveries', () =>
    startDiscoveries({ db, sink: writer, directory, log }),
  );
  return { writer, discoveries };
}
