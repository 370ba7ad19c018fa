import { createAsker, startAnswering } from '#infra/bus-call.ts';
import { partLog } from '#infra/log.ts';
import { startNameLeases } from '#infra/name-leases.ts';
import { transaction, type Queryable } from '#infra/postgres.ts';
import type { OpcuaServers } from '#gateways/opcua/servers.ts';
import { opcuaApiLimits, type OpcuaDesk } from '#schemas/api/opcua.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { openReportedAlarms } from '#services/alarms/acknowledgement-store.ts';
import { startAcknowledgements } from '#services/alarms/acknowledgements.ts';
import { readGatewayStates } from '#services/ingest/store-gateways.ts';
import { answeringDesk, askedDesk, opcuaService } from '#services/opcua/desk-call.ts';
import { startSavedServers } from '#services/opcua/saved.ts';
import { claimCommand, putMethods } from '#services/opcua/store.ts';
import type { Context } from './context.ts';
import { openParkSecrets } from './secrets.ts';

/** Longer than a server has, so that it is the gateway that says what was late. */
const askMs = opcuaApiLimits.deadlineMs + 2_000;

/**
 * The OPC UA gateways of this process, and what they do for people of any process.
 * @throws ConfigError when the file has faults
 */
export async function startOpcua(
  context: Context,
  { sink }: { readonly sink: ReadingSink },
): Promise<OpcuaServers> {
  const { config, clock, bus, lifecycle, database } = context;
  const log = partLog(context.log, 'opcua');
  const { db } = database;
  const { dataDir } = config;
  const box = await openParkSecrets(config);
  const saved = await lifecycle.start('saved OPC UA servers', () =>
    startSavedServers({ db, box, clock, log }),
  );
  // The stack is large: a process without the role never loads it.
  const { openOpcuaServers } = await import('#gateways/opcua/servers.ts');
  const { openOpcuaDesk } = await import('#gateways/opcua/desk.ts');
  const leases = await lifecycle.start('OPC UA leases', () =>
    startNameLeases({ db, clock, log, kind: 'opcua' }),
  );
  const servers = await lifecycle.start('OPC UA gateways', () =>
    openOpcuaServers({
      file: config.configFile,
      saved,
      sink,
      clock,
      log,
      dataDir,
      openReported: (keyPrefix) => openReportedAlarms(db, keyPrefix),
      lastSeenMs: (source) => lastSeenOf(db, source),
      leases,
      onServers: (all) => transaction(db, (client) => putMethods(client, all)),
    }),
  );
  await lifecycle.start('acknowledgements', () =>
    startAcknowledgements({ db, bus, clock, log, gateways: [servers.acknowledge] }),
  );
  const desk = openOpcuaDesk({ servers, dataDir, clock, log, claim: (id) => claimCommand(db, id) });
  const answer = answeringDesk(desk, (serverId) => servers.isElsewhere(serverId));
  const answering = startAnswering({ bus, box, service: opcuaService, log, answer });
  await lifecycle.start('OPC UA desk', () => ({
    [Symbol.asyncDispose]: () => Promise.resolve(answering[Symbol.dispose]()),
  }));
  return servers;
}

/** By whichever process read it. */
async function lastSeenOf(db: Queryable, source: string): Promise<number | null> {
  const states = await readGatewayStates(db);
  const seen = states.flatMap(({ source: of, figures }) =>
    of === source && figures?.lastSeen ? [Date.parse(figures.lastSeen)] : [],
  );
  return seen.length === 0 ? null : Math.max(...seen);
}

/** The gateways' desk, for a process that answers people. */
export async function askOpcua({ config, bus, clock }: Context): Promise<OpcuaDesk> {
  const box = await openParkSecrets(config);
  return askedDesk(createAsker({ bus, box, service: opcuaService, clock, deadlineMs: askMs }));
}
