import { ConfigError } from '#infra/config.ts';
import { startEmbeddedBroker, type EmbeddedBroker } from '#infra/embedded-broker.ts';
import { partLog } from '#infra/log.ts';
import { takeProcessNumber } from '#infra/process-number.ts';
import type { CctvFleet } from '#gateways/cctv/fleet.ts';
import { takesTopic } from '#gateways/mapping/apply.ts';
import { openMappingBook, type MappingBook } from '#gateways/mapping/book.ts';
import { mappingSource, startMappingGateway } from '#gateways/mapping/gateway.ts';
import { mqttSource, startMqttGateway } from '#gateways/mqtt/gateway.ts';
import type { OpcuaServers } from '#gateways/opcua/servers.ts';
import { deviceCreateBody } from '#schemas/api/registry.ts';
import type { Gateway } from '#schemas/gateway.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { startCredentialBook, type CredentialBook } from '#services/credentials/book.ts';
import { startDiscoveries, type Discoveries } from '#services/ingest/discoveries.ts';
import { openGatewayStates, type GatewayStates } from '#services/ingest/gateway-states.ts';
import { startIdentityGuard, type IdentityGuard } from '#services/identity/guard.ts';
import { startDueReporter } from '#services/due-dates/reporter.ts';
import { ownSource, startLossReport } from '#services/ingest/loss-report.ts';
import { startBookKeeper, startPartitionKeeper, startSequenceKeeper } from '#services/ingest/keeper.ts';
import { createTraffic, type Traffic } from '#services/ingest/traffic.ts';
import { startSavedMappings } from '#services/mappings/saved.ts';
import { startWriter, type Writer } from '#services/ingest/writer.ts';
import { createDevice } from '#services/registry/devices.ts';
import { transaction } from '#infra/postgres.ts';
import { startCctvSide } from './cctv-side.ts';
import type { Context } from './context.ts';
import { rawHorizonDays } from './database.ts';
import { openParkSecrets } from './secrets.ts';
import { startOpcua } from './opcua.ts';

/** The side of the process that reads the field; commits before it acknowledges (DESIGN §2). */
export interface Field {
  readonly broker: EmbeddedBroker | undefined;
  readonly writer: Writer | undefined;
  readonly discoveries: Discoveries | undefined;
  /** Who may log in to the broker; where there is one of ours, or an external one may ask us. */
  readonly credentials: CredentialBook;
  /** Mappings of vendors' messages; where this process reads them. */
  readonly mappings: MappingBook | undefined;
  /** Those that run now; configuration may add and end some. */
  readonly gateways: () => readonly Gateway[];
  /** Who asks cameras; undefined without the role. */
  readonly cctv: CctvFleet | undefined;
  /** The last packets of each device; where this process reads the field. */
  readonly traffic: Traffic | undefined;
  /** Takes up an OPC UA server that nobody configured: the simulated park's. Does nothing without the role. */
  addOpcuaServer(server: OpcuaServer): Promise<void>;
}

/** Longer than a killed machine's database session lasts (infra/process-number.ts). */
const predecessorMs = 45_000;
const retryMs = 1_000;
const anotherReads =
  'Another process of this park reads MQTT_URL already; set MQTT_SHARED=1 on all of them to divide the load, ' +
  'at a broker that keeps shared subscriptions through its restart (docs/brokers.md).';

export async function startField(context: Context): Promise<Field> {
  const { config, clock, log, lifecycle, database } = context;
  const lasting: Gateway[] = [];
  const reads = (...roles: readonly ('ingest' | 'gateway-mqtt' | 'gateway-opcua' | 'gateway-cctv')[]) =>
    roles.some((role) => config.roles.includes(role));
  const book = reads('gateway-mqtt') ? await openBook(context) : undefined;
  const credentials = await startCredentials(context);
  const broker = await startBroker(context, { book, credentials });
  const store = reads('ingest', 'gateway-mqtt', 'gateway-opcua', 'gateway-cctv')
    ? await startStore(context)
    : undefined;
  const writer = store?.writer;
  const traffic = createTraffic();
  const guard = writer === undefined ? undefined : await startGuard(context);
  // What is shown of packets is what may be stored of them.
  const fieldSink = (sink: ReadingSink) => guard?.protect(traffic.watch(sink)) ?? sink;
  const instance = reads('ingest') || book !== undefined ? await takeInstance(context) : 1;
  const states = await openGatewayStates({ db: database.db, clock, log, instance });

  if (writer !== undefined && (reads('ingest') || book !== undefined)) {
    const { mqtt, parkId } = config;
    const options = {
      config: mqtt,
      parkId,
      sink: fieldSink(writer),
      clock,
      log: partLog(log, 'mqtt'),
      broker,
      instance,
    };
    if (reads('ingest'))
      lasting.push(
        await lifecycle.start('MQTT gateway', () =>
          startMqttGateway({ ...options, hadSession: states.hadSession(mqttSource) }),
        ),
      );
    if (book !== undefined) {
      const start = async () => {
        lasting.push(
          await lifecycle.start('mapping gateway', () =>
            startMappingGateway({
              ...options,
              book,
              dataDir: config.dataDir,
              hadSession: states.hadSession(mappingSource),
            }),
          ),
        );
      };
      await whenMapped(book, start, (error) =>
        log.error({ err: error }, 'the mapping gateway did not start'),
      );
    }
  }

  const opcua: OpcuaServers | undefined =
    writer === undefined || !reads('gateway-opcua')
      ? undefined
      : await startOpcua(context, { sink: fieldSink(writer) });
  const cctv =
    writer !== undefined && reads('gateway-cctv')
      ? await startCctvSide(context, fieldSink(writer))
      : undefined;
  const gateways = () => [...lasting, ...(opcua?.gateways() ?? []), ...(cctv?.gateways() ?? [])];
  if (writer !== undefined) await keepStates(context, { states, instance, writer, gateways });
  return {
    broker,
    writer,
    discoveries: store?.discoveries,
    credentials,
    mappings: book,
    gateways,
    cctv,
    traffic: writer === undefined ? undefined : traffic,
    addOpcuaServer: async (server) => opcua?.add(server),
  };
}

/** A park without mappings has no gateway for them; the first one that is saved starts it. */
async function whenMapped(
  book: MappingBook,
  start: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  if (book.current().mappings.length > 0) return start();
  const waiting = book.onChange(() => {
    if (book.current().mappings.length === 0) return;
    waiting[Symbol.dispose]();
    start().catch(failed);
  });
}

/** What the gateways tell is written from now on, and what a broker loses is reported as readings. */
async function keepStates(
  { clock, log, lifecycle, database, directory }: Context,
  field: { states: GatewayStates; instance: number; writer: Writer; gateways: () => readonly Gateway[] },
): Promise<void> {
  const { states, instance, writer, gateways } = field;
  const makeDevice = async (id: string) => {
    const body = deviceCreateBody.parse({ id, name: `Parkwatch ${id}`, class: 'gateway' });
    await transaction(database.db, (client) =>
      createDevice(client, { actor: 'system', address: 'self' }, body),
    );
    await directory.reload();
  };
  const report = await lifecycle.start('loss report', () =>
    startLossReport({
      sink: writer,
      clock,
      log: partLog(log, 'gateways'),
      instance,
      hasDevice: (id) => directory.hasDevice(id),
      makeDevice,
    }),
  );
  await lifecycle.start('gateway states', () =>
    states.start(
      () => gateways().map((gateway) => gateway.status()),
      (_source, loss) => report.add(loss),
    ),
  );
}

/**
 * The number of this process at an external broker, stable over restarts. Without shared subscriptions there is one
 * process: a predecessor that is still draining is waited for, another one is refused.
 * @throws ConfigError
 */
async function takeInstance(context: Context): Promise<number> {
  const { config, clock, log, lifecycle, database } = context;
  if (config.mqtt.url === undefined) return 1;
  const take = () => takeProcessNumber({ databaseUrl: database.url, clock, log: partLog(log, 'mqtt') });
  const giveUpAtMs = clock.monotonicMs() + predecessorMs;
  let taken = await take();
  while (!config.mqtt.shared && taken.number > 1) {
    await taken[Symbol.asyncDispose]();
    if (clock.monotonicMs() > giveUpAtMs) throw new ConfigError(anotherReads);
    await clock.sleep(retryMs);
    taken = await take();
  }
  const held = taken;
  return (await lifecycle.start('process number', () => held)).number;
}

/** Mappings stand in PARK_CONFIG_FILE, and in what people saved through the API. */
async function openBook({ config, clock, lifecycle, database, ...context }: Context): Promise<MappingBook> {
  const log = partLog(context.log, 'mapping');
  const { db } = database;
  const saved = await lifecycle.start('saved mappings', () => startSavedMappings({ db, clock, log }));
  const file = config.configFile;
  return lifecycle.start('mappings', () => openMappingBook({ file, saved, clock, log }));
}

function startCredentials({ config, clock, log, lifecycle, database, directory }: Context) {
  const { mqtt, parkId } = config;
  const parts = { db: database.db, directory, config: mqtt, parkId, clock, log: partLog(log, 'credentials') };
  return lifecycle.start('credentials', () => startCredentialBook(parts));
}

/** The topics of `book` are held, from the first moment, until the gateway has them. */
function startBroker(
  { config, clock, log, lifecycle }: Context,
  { book, credentials }: { readonly book: MappingBook | undefined; readonly credentials: CredentialBook },
): Promise<EmbeddedBroker> | undefined {
  const { mqtt, parkId, roles } = config;
  if (mqtt.url !== undefined || !roles.includes('broker')) return undefined;
  const isMapped = book === undefined ? undefined : (topic: string) => takesTopic(book.current(), topic);
  return lifecycle.start('embedded broker', () =>
    startEmbeddedBroker({
      config: mqtt,
      parkId,
      clock,
      log: partLog(log, 'broker'),
      isMapped,
      access: credentials,
    }),
  );
}

/** Nobody is stored or shown by name whom the park's policy does not let through. */
async function startGuard({
  config,
  clock,
  lifecycle,
  database,
  ...context
}: Context): Promise<IdentityGuard> {
  const log = partLog(context.log, 'identity');
  const box = await openParkSecrets(config);
  const nameless = new Set([mqttSource]);
  return lifecycle.start('identities', () =>
    startIdentityGuard({ db: database.db, clock, log, box, nameless }),
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
  await lifecycle.start('sequence keeper', () => startSequenceKeeper({ db, clock, log }));
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
  const { timeZone } = config;
  await lifecycle.start('due dates', () =>
    startDueReporter({ db, sink: writer, clock, log, timeZone, source: ownSource }),
  );
  return { writer, discoveries };
}
