import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readCctvConfig } from '#gateways/cctv/config.ts';
import { boxChildren, simulatedPark } from '#gateways/simulator/park.ts';
import { readReadyLine, simulatorServerConfig, type SimulatorReady } from '#gateways/simulator/ready.ts';
import { partLog } from '#infra/log.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { changeGrant, createPasswords } from '#services/credentials/manage.ts';
import { startDemo } from '#services/demo/demo.ts';
import { runImport } from '#services/registry/run-import.ts';
import { startChild } from './child-process.ts';
import type { Context } from './context.ts';
import type { Field } from './field.ts';

/** The demo park looks as if it had run for two weeks, so that every day of a week has one to compare with: its gateway boxes hand in what they kept meanwhile. */
const backfillDays = 14;
const dayMs = 86_400_000;
const seed = 20_260;

/**
 * Runs the simulated park: its devices are registered at the first start, and speak from a process of their own,
 * through MQTT and OPC UA, like any others.
 */
export async function startSimulatedPark(context: Context, field: Field): Promise<void> {
  const { config, log, lifecycle } = context;
  await registerDevices(context);
  const stateDir = join(config.dataDir, 'simulator');
  // The boxes of the demo log in like any real ones should: each with a credential of its own.
  const credentials = await boxCredentials(context, field, stateDir).catch((error: unknown) => {
    log.warn({ err: error }, 'the boxes of the simulated park use the shared credential');
    return undefined;
  });
  const child = await lifecycle.start('simulated park', () =>
    startChild({
      command: 'simulate',
      args: toArguments({
        park: config.parkId,
        seed: String(seed),
        'time-zone': config.timeZone,
        url: field.broker?.url ?? config.mqtt.url ?? '',
        'state-dir': stateDir,
        ...(credentials === undefined ? {} : { credentials }),
        'opcua-port': String(config.simulatorOpcuaPort),
        'backfill-days': String(backfillDays),
        ...(config.mqtt.username === undefined ? {} : { username: config.mqtt.username }),
        ...(config.mqtt.passwordFile === undefined ? {} : { 'password-file': config.mqtt.passwordFile }),
        ...(config.mqtt.caFile === undefined ? {} : { ca: config.mqtt.caFile }),
        'log-level': config.logLevel === 'info' ? 'warn' : config.logLevel,
      }),
      log: partLog(log, 'simulator'),
      readReady: readReadyLine,
    }),
  );
  await startDemoRecords(context);
  void readPlant(child.ready, field, context).catch((error: unknown) => {
    log.error({ err: error }, 'the simulated park did not start');
  });
}

/** What people of such a park would have written down; only where the park is the simulated one. */
async function startDemoRecords({
  config,
  clock,
  log,
  lifecycle,
  database,
  directory,
}: Context): Promise<void> {
  const [box] = boxChildren(seed).keys();
  if (box === undefined || !directory.hasDevice(box)) return;
  await lifecycle.start('demo records', () =>
    startDemo({
      db: database.db,
      clock,
      log: partLog(log, 'demo'),
      timeZone: config.timeZone,
      files: openAttachmentFiles(config.dataDir),
    }),
  );
}

/** Its elevators and plant room speak OPC UA, some cameras ONVIF, on ports that it tells when it is ready. */
async function readPlant(
  ready: Promise<SimulatorReady>,
  field: Field,
  { directory }: Context,
): Promise<void> {
  const said = await ready;
  const server = simulatorServerConfig(said);
  if (server !== null) await field.addOpcuaServer(server);
  const groups = said.cctvFile === null ? [] : readCctvConfig(said.cctvFile);
  for (const group of groups) {
    const first = group.cameras[0]?.deviceId ?? group.platform?.deviceId;
    // A park of somebody's own devices, or of an earlier version, has no such cameras.
    if (first !== undefined && directory.hasDevice(first)) field.cctv?.add(group);
  }
}

/** Packets a second of a box: what it has kept for a week is sent at once. */
const boxPacketsPerS = 10_000;
const secretsSchema = z.record(z.string(), z.string());

/**
 * Makes the boxes' credentials where they have none that is known here. Secrets are shown once: they are kept in a file
 * that only we read.
 * @returns the file
 */
async function boxCredentials(context: Context, field: Field, folder: string): Promise<string | undefined> {
  if (field.broker === undefined) return undefined;
  const { database, clock, directory } = context;
  const file = join(folder, 'credentials.json');
  const secrets = await readSecrets(file);
  const boxes = [...boxChildren(seed)].filter(([box]) => directory.hasDevice(box));
  const lacking = boxes.filter(([box]) => !logsIn(field, box, secrets[box]));
  const managing = { db: database.db, clock, actor: 'system' };
  for (const [deviceId, children] of lacking) {
    const patch = { children: [...children], packetsPerS: boxPacketsPerS };
    await changeGrant(managing, { deviceId, patch });
  }
  const ids = lacking.map(([box]) => box);
  const made = ids.length === 0 ? [] : await createPasswords(managing, ids);
  const all = { ...secrets, ...Object.fromEntries(made.map(({ username, secret }) => [username, secret])) };
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(all), { mode: 0o600 });
  await field.credentials.reload();
  return file;
}

async function readSecrets(file: string): Promise<Record<string, string>> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // None yet, or unreadable: new ones are made.
    return {};
  }
}

function logsIn(field: Field, box: string, secret: string | undefined): boolean {
  if (secret === undefined) return false;
  const [password, address] = [Buffer.from(secret), 'start'];
  const login = { clientId: box, username: box, password, certificateName: null, address };
  return field.credentials.logIn(login)?.owner === box;
}

function toArguments(options: Readonly<Record<string, string>>): string[] {
  return [...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]), '--stop-with-stdin'];
}

/** Only a park without any device: what people changed since stays changed. */
async function registerDevices({ database: { db }, clock, directory }: Context): Promise<void> {
  const { rows } = await db.query('select 1 from device limit 1');
  if (rows.length > 0) return;
  const commissionedAt = new Date(clock.nowMs() - backfillDays * dayMs).toISOString();
  await runImport(
    { db, clock },
    {
      file: { format: 'yaml', bytes: Buffer.from(JSON.stringify(simulatedPark({ seed, commissionedAt }))) },
      dryRun: false,
      role: 'admin',
      editor: { actor: 'system' },
    },
  );
  await directory.reload();
}
