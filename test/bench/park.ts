import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import { findEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { insertRule } from '#services/alarms/rule-store.ts';
import { openFolder, startServe, type ServedPark, type ServeOptions } from '#test/kit/serve.ts';
import { deviceId, metricNames } from './load/packets.ts';
import { cpuMsOf, memoryOf, serverCpuMsOf, type Memory } from './processes.ts';

/** A park as a user has it, `parkwatch serve` in a process of its own, with the devices and rules of a benchmark. */
export interface BenchPark extends AsyncDisposable {
  readonly served: ServedPark;
  readonly mqttPort: number;
  readonly databaseUrl: string;
  /** To look on; not the park's own. */
  readonly client: Client;
  /** Of the process with broker, ingest, live, alarms and API, MiB; null where the system does not tell. */
  memory(): Memory | null;
  /** CPU time until now, of that process and of its database, ms; null where the system does not tell. */
  cpuMs(): { readonly park: number; readonly database: number } | null;
}

export const parkId = 'demo';
/** A space with nearly 5,000 points. */
export const benchSpace = 'bench-space';
const devicesInSpace = 238;
const importRows = 2_000;
/** The highest limit a value never reaches. */
const unreachedLimit = 90_000;

/** @param options.rules alarm rules, one a point, as long as there are points */
export async function startBenchPark(options: {
  readonly devices: number;
  readonly rules: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Puts more into the database before the park starts. */
  readonly fill?: (client: Client) => Promise<void>;
}): Promise<BenchPark> {
  await using parts = new AsyncDisposableStack();
  const dataDir = await openFolder();
  parts.defer(() => rm(dataDir, { recursive: true, force: true }));
  const env = { LOG_LEVEL: 'warn', ...options.env };
  await prepare(dataDir, options);
  const served = parts.use(await serve({ dataDir, env }));
  const databaseUrl = urlOf(dataDir);
  const client = new Client({ connectionString: databaseUrl });
  // The server ends the session when the park that owns it stops.
  client.on('error', () => undefined);
  await client.connect();
  parts.defer(() => client.end());
  const [backend] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
  const owned = parts.move();
  const pid = served.process.pid ?? 0;
  return {
    served,
    mqttPort: Number(new URL(served.mqttUrl).port),
    databaseUrl,
    client,
    memory: () => memoryOf(pid),
    cpuMs() {
      const [own, database] = [cpuMsOf(pid), serverCpuMsOf(backend?.pid ?? 0)];
      return own === null || database === null ? null : { park: own, database };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const startAttempts = 3;

/** A port that was free may be taken before the park has it. */
async function serve(options: ServeOptions): Promise<ServedPark> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServe(options);
    } catch (error) {
      if (attempt === startAttempts || !String(error).includes('PORT')) throw error;
    }
  }
}

/** The first start makes the database; devices come by import, rules straight into it, since a user makes few a minute. */
async function prepare(
  dataDir: string,
  options: { devices: number; rules: number; fill?: (client: Client) => Promise<void> },
): Promise<void> {
  const { devices, rules, fill } = options;
  await using first = await serve({ dataDir, env: { LOG_LEVEL: 'warn' } });
  const all = Array.from({ length: devices }, (_, index) => {
    const id = deviceId(index);
    const spaceId = index < devicesInSpace ? benchSpace : null;
    return { id, name: id, class: 'energy-meter', provenance: 'simulated', spaceId };
  });
  for (let from = 0; from < devices; from += importRows) {
    const spaces = from === 0 ? [{ id: benchSpace, name: benchSpace, kind: 'park' }] : [];
    const body = { spaces, devices: all.slice(from, from + importRows) };
    const { status, body: answer } = await first.request('POST', '/imports?dryRun=false', body);
    if (status !== 200) throw new Error(`The import answered ${status}: ${JSON.stringify(answer)}`);
  }
  const client = new Client({ connectionString: urlOf(dataDir) });
  // What went wrong is told by the statement; the park then ends this session too.
  client.on('error', () => undefined);
  await client.connect();
  for (let rule = 0; rule < Math.min(rules, devices * metricNames.length); rule++) {
    const metric = metricNames[Math.floor(rule / devices)] ?? '';
    await insertRule(client, {
      body: {
        id: `bench-rule-${rule}`,
        name: `bench ${rule}`,
        enabled: true,
        severity: 'medium',
        target: { point: `${deviceId(rule % devices)}.${metric}` },
        condition: {
          kind: 'limit',
          side: 'high',
          limit: unreachedLimit,
          deadband: 0,
          onDelayMs: 0,
          offDelayMs: 0,
        },
      } as never,
      version: 1,
      author: 'bench',
      reason: 'bench',
    });
  }
  await fill?.(client);
  await client.end();
}

function urlOf(dataDir: string): string {
  const url = findEmbeddedPostgres(dataDir);
  if (url === undefined) throw new Error('The park runs no database of its own');
  return url;
}
