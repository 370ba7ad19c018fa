import { join } from 'node:path';
import { simulatedPark } from '#gateways/simulator/park.ts';
import { readReadyLine, simulatorServerConfig, type SimulatorReady } from '#gateways/simulator/ready.ts';
import { partLog } from '#infra/log.ts';
import { runImport } from '#services/registry/run-import.ts';
import { startChild } from './child-process.ts';
import type { Context } from './context.ts';
import type { Field } from './field.ts';

/** The demo park looks as if it had run for a week: its gateway boxes hand in what they kept meanwhile. */
const backfillDays = 7;
const dayMs = 86_400_000;
const seed = 20_260;

/**
 * Runs the simulated park: its devices are registered at the first start, and speak from a process of their own,
 * through MQTT and OPC UA, like any others.
 */
export async function startSimulatedPark(context: Context, field: Field): Promise<void> {
  const { config, log, lifecycle } = context;
  await registerDevices(context);
  const child = await lifecycle.start('simulated park', () =>
    startChild({
      command: 'simulate',
      args: toArguments({
        park: config.parkId,
        seed: String(seed),
        'time-zone': config.timeZone,
        url: field.broker?.url ?? config.mqtt.url ?? '',
        'state-dir': join(config.dataDir, 'simulator'),
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
  void readPlant(child.ready, field).catch((error: unknown) => {
    log.error({ err: error }, 'the simulated park did not start');
  });
}

/** Its elevators and plant room speak OPC UA, on a port that it tells when it is ready. */
async function readPlant(ready: Promise<SimulatorReady>, field: Field): Promise<void> {
  const server = simulatorServerConfig(await ready);
  if (server !== null) await field.addOpcuaServer(server);
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
      text: JSON.stringify(simulatedPark({ seed, commissionedAt })),
      dryRun: false,
      role: 'admin',
      editor: { actor: 'system' },
    },
  );
  await directory.reload();
}
