import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTime, patienceMs } from './events.ts';
import { freePort } from './ports.ts';
import { root } from './tree.ts';

/** A park that a test started as a user would: `parkwatch serve`, in a process of its own. */
export interface ServedPark extends AsyncDisposable {
  readonly url: string;
  readonly mqttUrl: string;
  readonly dataDir: string;
  /** The password of `admin` that was printed; null at a later start. */
  readonly adminPassword: string | null;
  readonly process: ChildProcess;
  /** Everything it wrote to the terminal until now. */
  output(): string;
  /** Sends a signal and resolves with the exit code when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** A request to the API as `admin`, whose password is known; answers the parsed body. */
  request<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** Like a GET by `request`, of what is no JSON. @throws Error when it is refused */
  download(path: string): Promise<Buffer>;
}

export interface ServeOptions {
  /** Kept by the caller; absent: a temporary one that goes with the park. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const adminPassword = 'correct horse battery';
/** A first start makes a database cluster and runs every migration. */
const startTimeoutMs = 2 * patienceMs;

/** What `npm start` gives to Node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').slice(1);
}

/** Starts `parkwatch serve` on free ports and waits until it says that it runs. */
export async function startServe(options: ServeOptions = {}): Promise<ServedPark> {
  const dataDir = options.dataDir ?? (await openFolder());
  const [httpPort, mqttPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, startArguments(), {
    cwd: root,
    env: {
      DATA_DIR: dataDir,
      HTTP_PORT: String(httpPort),
      MQTT_PORT: String(mqttPort),
      SIMULATE: '0',
      ADMIN_PASSWORD: adminPassword,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const heard = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  try {
    await running(child, () => output);
  } catch (error) {
    // It would go on beside the next tests.
    child.kill('SIGKILL');
    throw error;
  }
  const url = `http://127.0.0.1:${httpPort}`;
  let token: string | undefined;

  const request = async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  const signIn = async () => {
    token ??= (
      await request<{ token: string }>('POST', '/auth/login', {
        username: 'admin',
        password: options.env?.['ADMIN_PASSWORD'] ?? adminPassword,
      })
    ).body.token;
    return token;
  };
  return {
    url,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    dataDir,
    adminPassword: /admin \/ (\S+)/.exec(output)?.[1] ?? null,
    process: child,
    output: () => output,
    stop,
    async request(method, path, body) {
      await signIn();
      return request(method, path, body);
    },
    async download(path) {
      const authorization = `Bearer ${await signIn()}`;
      const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization } });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return Buffer.from(await response.arrayBuffer());
    },
    async [Symbol.asyncDispose]() {
      await stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits for the welcome; a process that ends before it fails the test with what it said. */
function running(child: ChildProcess, output: () => string): Promise<void> {
  const welcomed = new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (output().includes('is running')) resolve();
    });
    child.once('exit', () => reject(new Error(`parkwatch serve ended before it ran:\n${output()}`)));
  });
  return inTime(welcomed, () => `the park to run; it said:\n${output()}`, startTimeoutMs);
}

/** A folder that the database's own account can enter, too: else root's park would keep its data elsewhere. */
export async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-serve-'));
  await chmod(folder, 0o755);
  return folder;
}
