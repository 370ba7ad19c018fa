import { existsSync } from 'node:fs';
import { Server as TlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { followCertificates } from '#infra/followed-certificates.ts';
import { mappingDesk } from '#gateways/mapping/desk.ts';
import { partLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { OpcuaDesk } from '#schemas/api/opcua.ts';
import type { Severity } from '#schemas/device-class.ts';
import { countOpen } from '#services/alarms/alarm-store.ts';
import { registerAlarmMetrics } from '#services/alarms/metrics.ts';
import { alarmRoutes } from '#services/alarms/routes.ts';
import type { Readiness } from '#services/api/probes.ts';
import { createApi, type ApiServer } from '#services/api/server.ts';
import { startCleanup } from '#services/attachments/cleanup.ts';
import { attachmentRoutes } from '#services/attachments/routes.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { boardRoutes } from '#services/board/routes.ts';
import { startServingJournal } from '#services/board/serving-journal.ts';
import { registerCctvMetrics } from '#services/cctv/metrics.ts';
import { cctvRoutes } from '#services/cctv/routes.ts';
import { classBoardRoutes } from '#services/class-boards/routes.ts';
import { claimRoutes } from '#services/claims/routes.ts';
import { consumptionRoutes } from '#services/consumption/routes.ts';
import { exportRoutes } from '#services/history/export-routes.ts';
import { startLatest } from '#services/history/latest.ts';
import { brokerHookRoutes } from '#services/credentials/hook-routes.ts';
import { credentialRoutes } from '#services/credentials/routes.ts';
import { startCommander } from '#services/field-commands/commander.ts';
import { startCommandPublisher } from '#services/field-commands/publisher.ts';
import { fieldCommandRoutes } from '#services/field-commands/routes.ts';
import { identityRoutes } from '#services/identity/routes.ts';
import { historyRoutes } from '#services/history/routes.ts';
import { pointRoutes } from '#services/history/point-routes.ts';
import { timelineRoutes } from '#services/history/timeline-routes.ts';
import { createAuthenticator } from '#services/people/authenticator.ts';
import { registerSourceMetrics } from '#services/ingest/metrics.ts';
import { readSources } from '#services/ingest/read-sources.ts';
import { fieldTraceRoute } from '#services/ingest/field-trace-routes.ts';
import { ingestRoutes } from '#services/ingest/routes.ts';
import { startLive } from '#services/live/live.ts';
import { mappingRoutes } from '#services/mappings/routes.ts';
import { sendMail } from '#services/notify/mail.ts';
import { notifyRoutes } from '#services/notify/routes.ts';
import { registerOpcuaMetrics } from '#services/opcua/metrics.ts';
import { opcuaRoutes } from '#services/opcua/routes.ts';
import { invitationRoutes } from '#services/people/invitation-routes.ts';
import { peopleRoutes } from '#services/people/routes.ts';
import { createDevices } from '#services/registry/devices.ts';
import { startReadingRate } from '#services/registry/reading-rate.ts';
import { registryRoutes } from '#services/registry/routes.ts';
import { recordFileRoutes } from '#services/registers/file-routes.ts';
import { recordRoutes } from '#services/registers/routes.ts';
import { retentionRoutes } from '#services/retention/routes.ts';
import { sealingRoutes } from '#services/sealing/routes.ts';
import type { Signer } from '#services/sealing/signing.ts';
import type { Context } from './context.ts';
import { rawHorizonDays } from './database.ts';
import type { Field } from './field.ts';
import { openNotifyGround } from './notify-side.ts';
import { askCctv } from './cctv-side.ts';
import { askOpcua } from './opcua.ts';
import { programVersion } from './program.ts';
import { openParkSecrets } from './secrets.ts';

const consoleDir = fileURLToPath(new URL('../../dashboards/dist', import.meta.url));

/**
 * Starts the HTTP side and begins to listen. A process without the role `api` has only the probes and its figures.
 * @throws ConfigError when the port is taken
 */
export async function startPeopleSide(
  context: Context,
  deps: { field: Field; signer: Signer },
): Promise<{ readonly url: string; readonly api: ApiServer }> {
  const { config, clock, log, lifecycle, metrics, database } = context;
  const serves = config.roles.includes('api');
  const api = await lifecycle.start('API', () =>
    createApi({
      http: config.http,
      log: partLog(log, 'api'),
      authenticator: createAuthenticator({ db: database.db, clock }),
      readiness: () => readiness(context, deps.field),
      metrics,
      consoleDir: serves && existsSync(consoleDir) ? consoleDir : null,
      version: programVersion(),
      hookSecret: config.mqtt.hookSecret,
    }),
  );
  if (serves) {
    await registerRoutes(api, context, deps);
    registerAlarmMetrics(metrics, database.db);
    const gateways = () => deps.field.gateways().map((gateway) => gateway.status());
    const sources = { db: database.db, clock, gateways, writer: deps.field.writer ?? null };
    registerSourceMetrics(metrics, () => readSources(sources));
    registerOpcuaMetrics(metrics, database.db);
    registerCctvMetrics(metrics, { db: database.db, clock: context.clock });
    await registerAssessment(api, context, deps.signer);
    await attachLive(api, context);
  }
  const { url } = await api.listen();
  await renewCertificate(api, context);
  return { url, api };
}

/** A renewed certificate is taken up without a restart. */
async function renewCertificate(
  { server }: ApiServer,
  { config, clock, log, lifecycle }: Context,
): Promise<void> {
  const { tls } = config.http;
  if (tls === undefined || !(server instanceof TlsServer)) return;
  await lifecycle.start('HTTP certificate', () =>
    followCertificates({ server, files: tls, clock, log: partLog(log, 'api') }),
  );
}

async function registerRoutes(
  api: ApiServer,
  context: Context,
  { field, signer }: { field: Field; signer: Signer },
): Promise<void> {
  const { config, clock, lifecycle, bus, directory } = context;
  const { db, dialect } = context.database;
  const horizonDays = rawHorizonDays(dialect);
  const rate = startReadingRate({ bus, clock });
  await lifecycle.start('reading rate', () => ({
    [Symbol.asyncDispose]: () => Promise.resolve(rate[Symbol.dispose]()),
  }));
  await api.register((v1) =>
    peopleRoutes(v1, {
      db,
      clock,
      parkId: config.parkId,
      timeZone: config.timeZone,
      http: config.http,
      onChange: () => bus.publish('people', { userId: null }),
    }),
  );
  await api.register((v1) =>
    registryRoutes(v1, {
      db,
      bus,
      clock,
      directory,
      countAlarms: () => countAlarms(db),
      readingsPerMinute: () => rate.perMinute(),
    }),
  );
  const latest = await lifecycle.start('latest', () =>
    startLatest({ db, bus, directory, clock, log: partLog(context.log, 'latest') }),
  );
  const history = { db, directory, clock, horizonDays, timeZone: config.timeZone, latest };
  await api.register((v1) => historyRoutes(v1, history));
  await api.register((v1) => exportRoutes(v1, history));
  await api.register((v1) => timelineRoutes(v1, history));
  await api.register((v1) => pointRoutes(v1, history));
  await api.register((v1) => classBoardRoutes(v1, history));
  const { broker } = field;
  const received = broker === undefined ? null : () => broker.foreign();
  await api.register((v1) => consumptionRoutes(v1, { db, directory, clock, timeZone: config.timeZone }));
  await api.register((v1) => mappingRoutes(v1, { db, desk: mappingDesk(field.mappings), clock, received }));
  await api.register((v1) => alarmRoutes(v1, { db, bus, clock, timeZone: config.timeZone }));
  await registerFieldAccess(api, context, field);
  const desk = await askOpcua(context);
  const box = await openParkSecrets(config);
  await registerCommands(api, context, { field, desk });
  await api.register((v1) => opcuaRoutes(v1, { db, box, desk }));
  await api.register((v1) => fieldTraceRoute(v1, { db, clock, traffic: field.traffic ?? null }));
  const ground = await openNotifyGround(config);
  await api.register((v1) =>
    invitationRoutes(v1, {
      db,
      clock,
      parkId: config.parkId,
      timeZone: config.timeZone,
      base: ground.letterhead.base,
      mail: (mail) => sendMail({ ...ground, db, clock, timeZone: config.timeZone }, mail),
      onChange: () => bus.publish('people', { userId: null }),
    }),
  );
  await api.register((v1) => notifyRoutes(v1, { ...ground, db, bus, clock, timeZone: config.timeZone }));
  const ofFile = () => field.cctv?.ofFile() ?? [];
  await api.register((v1) => identityRoutes(v1, { db, box: ground.box }));
  const cameras = await askCctv(context);
  await api.register((v1) => cctvRoutes(v1, { db, clock, box: ground.box, ofFile, desk: cameras }));
  await api.register((v1) => sealingRoutes(v1, { db, clock, signer }));
  await api.register((v1) => retentionRoutes(v1, { db, clock, dialect, horizonDays }));
  await api.register((v1) =>
    ingestRoutes(v1, {
      db,
      bus,
      clock,
      directory,
      gateways: () => field.gateways().map((gateway) => gateway.status()),
      writer: field.writer ?? null,
      discoveries: field.discoveries ?? null,
      createDevices,
    }),
  );
}

async function registerFieldAccess(api: ApiServer, context: Context, field: Field): Promise<void> {
  const { config, clock, database } = context;
  const { broker, credentials: book } = field;
  const connectionsOf = broker === undefined ? null : (id: string) => broker.connectionsOf(id);
  await api.register((v1) => credentialRoutes(v1, { db: database.db, clock, book, connectionsOf }));
  await api.register((v1) => brokerHookRoutes(v1, { book, config: config.mqtt, parkId: config.parkId }));
}

async function registerCommands(
  api: ApiServer,
  context: Context,
  { field: { broker }, desk }: { readonly field: Field; readonly desk: OpcuaDesk },
): Promise<void> {
  const { config, clock, lifecycle, bus, database } = context;
  const log = partLog(context.log, 'commands');
  const publish =
    broker === undefined
      ? (await lifecycle.start('command publisher', () => startCommandPublisher(config.mqtt, clock, log)))
          .publish
      : broker.publish;
  const callMethod: OpcuaDesk['call'] = (asked) => desk.call(asked);
  const parts = { db: database.db, bus, clock, log, parkId: config.parkId, publish, callMethod };
  const commander = await lifecycle.start('commands', () => startCommander(parts));
  await api.register((v1) => fieldCommandRoutes(v1, { db: database.db, commander }));
}

/** Scores and their evidence, and the public board whose serving is part of them. */
async function registerAssessment(api: ApiServer, context: Context, signer: Signer): Promise<void> {
  const { config, clock, lifecycle, bus } = context;
  const { parkId, timeZone } = config;
  const { db } = context.database;
  const servings = await lifecycle.start('board', () =>
    startServingJournal({ db, clock, log: partLog(context.log, 'board') }),
  );
  await api.register((v1) => boardRoutes(v1, { db, clock, parkId, timeZone, servings }));
  const files = openAttachmentFiles(config.dataDir);
  await api.register((v1) => recordRoutes(v1, { db, clock, timeZone }));
  await api.register((v1) => recordFileRoutes(v1, { db, clock, timeZone }));
  await api.register((v1) => claimRoutes(v1, { db, clock, timeZone }));
  await api.register((v1) => attachmentRoutes(v1, { db, clock, files }));
  await lifecycle.start('attachment cleanup', () =>
    startCleanup({ db, clock, files, log: partLog(context.log, 'attachments') }),
  );
  await api.register((v1) =>
    assessmentRoutes(v1, {
      db,
      clock,
      bus,
      signer,
      parkId,
      timeZone,
      program: programVersion(),
      readAttachment: files.read,
    }),
  );
}

async function attachLive(api: ApiServer, context: Context): Promise<void> {
  const { config, clock, log, lifecycle, bus, database, directory, metrics } = context;
  await lifecycle.start('live', () =>
    startLive({
      httpServer: api.server,
      authenticate: (token) => api.authenticate(token),
      directory,
      bus,
      db: database.db,
      clock,
      log: partLog(log, 'live'),
      publicUrl: config.http.publicUrl,
      metrics,
    }),
  );
}

/** Every severity, zeros included. */
async function countAlarms(db: Database) {
  const open = new Map((await countOpen(db)).map((row) => [row.severity, row]));
  const figures = (severity: Severity) => ({
    active: open.get(severity)?.active ?? 0,
    unacknowledged: open.get(severity)?.unacknowledged ?? 0,
  });
  return {
    critical: figures('critical'),
    high: figures('high'),
    medium: figures('medium'),
    low: figures('low'),
  };
}

async function readiness({ database }: Context, { broker, gateways }: Field): Promise<Readiness> {
  const answered = await database.db.query('select 1').then(
    () => true,
    () => false,
  );
  const mqtt = gateways().find((gateway) => gateway.status().protocol === 'mqtt');
  const connected = mqtt?.status().connected ?? broker !== undefined;
  return {
    database: answered ? 'ok' : 'away',
    broker: mqtt === undefined && broker === undefined ? 'none' : connected ? 'ok' : 'away',
    dialect: database.dialect,
  };
}
