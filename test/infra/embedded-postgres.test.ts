import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { processStart } from '#infra/embedded-postgres/owner-lock.ts';
import {
  endOwner,
  makeCheckout,
  makeFolder,
  mountMemory,
  ordinaryId,
  startOwner,
  type Owner,
} from '#test/kit/embedded-owner.ts';
import { until } from '#test/kit/events.ts';

const asRoot = process.getuid?.() === 0;
if (!asRoot) process.stderr.write('embedded-postgres.test: not root, the tests that need root are skipped\n');

let folder: ReturnType<typeof makeFolder>;
let dataDir = '';
let owners: Owner[] = [];
/** Folders outside DATA_DIR that a test made the server use. */
let homes: string[] = [];

beforeEach(() => {
  folder = makeFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  for (const owner of owners.splice(0)) await endOwner(owner, 'SIGTERM');
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
  folder[Symbol.dispose]();
});

const start = (settings: Record<string, string> = { fsync: 'off' }): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir, log: silentLog(), clock: systemClock(), settings });

const own = async (...args: Parameters<typeof startOwner>): Promise<Owner> => {
  const owner = await startOwner(...args);
  owners.push(owner);
  return owner;
};

const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
};

/** A zombie that init has not collected yet is not alive. */
const isAlive = (pid: number): boolean => processStart(pid) !== undefined;

describe('startEmbeddedPostgres()', () => {
  it('makes a UTF-8 database that sorts by code point, durable, on loopback with a private password', async () => {
    await using server = await start({});
    const [settings] = await query(
      server.url,
      `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale,
              current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('timezone') as zone, current_setting('listen_addresses') as addresses,
              current_setting('unix_socket_directories') as sockets, current_setting('password_encryption') as auth
       from pg_database where datname = current_database()`,
    );
    expect(settings).toEqual({
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      fsync: 'on',
      commit: 'on',
      zone: 'UTC',
      addresses: '127.0.0.1',
      sockets: '',
      auth: 'scram-sha-256',
    });
    expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dataDir, 'postgres'))).not.toContain('initial-password');
    await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
  });

  it('finds its data at the second start and leaves no process behind', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');
    const { pid } = first;
    await first[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(dataDir, 'postgres', 'owner.lock'))).toBe(false);
    await using second = await start();
    expect(second.takenOver).toBe(false);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('takes over the server of a process that was killed', async () => {
    const killed = await own(dataDir);
    await query(killed.url, 'create table kept as select 42 as answer');
    await endOwner(killed, 'SIGKILL');
    expect(isAlive(killed.pid)).toBe(true);
    const server = await start();
    expect([server.takenOver, server.pid, server.url]).toEqual([true, killed.pid, killed.url]);
    expect(await query(server.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await server[Symbol.asyncDispose]();
    expect(isAlive(killed.pid)).toBe(false);
  });

  it('starts its own server when the pid file names a process that is another program', async () => {
    const first = await start();
    const pidFile = join(first.clusterDir, 'postmaster.pid');
    const left = readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid));
    await first[Symbol.asyncDispose]();
    writeFileSync(pidFile, left);
    await using second = await start();
    expect(second.takenOver).toBe(false);
    expect(second.pid).not.toBe(process.pid);
  });

  it('refuses a second owner of the same DATA_DIR in one sentence and does not disturb the first', async () => {
    const first = await own(dataDir);
    await expect(start()).rejects.toThrow(
      `Another Parkwatch (process ${first.process.pid}) is running with DATA_DIR (${dataDir}); stop it, or set another DATA_DIR.`,
    );
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('ignores the lock of a process that is gone, and of an earlier one with a pid in use', async () => {
    mkdirSync(join(dataDir, 'postgres'), { recursive: true });
    const lock = join(dataDir, 'postgres', 'owner.lock');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, started: 'another boot' }));
    await using server = await start();
    expect(server.takenOver).toBe(false);
    expect(readFileSync(lock, 'utf8')).not.toContain('another boot');
  });

  it('starts the server again on its port when that ends by itself', async () => {
    await using server = await start();
    const { pid, port } = server;
    process.kill(pid, 'SIGKILL');
    await until(() => server.pid !== pid && answers(port), 'the server to come back');
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('never begins with an empty database when the password of the existing one is lost', async () => {
    await (await start())[Symbol.asyncDispose]();
    rmSync(join(dataDir, 'postgres', 'password'));
    await expect(start()).rejects.toThrow(/password .* is gone; restore that file/);
  });

  it('says in one sentence that DATA_DIR is a file', async () => {
    writeFileSync(dataDir, '');
    await expect(start()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('is not a folder'),
    });
  });
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

describe.skipIf(!asRoot)('startEmbeddedPostgres() as root', () => {
  it('runs the server under an ordinary account', async () => {
    await using server = await start();
    expect(statSync(`/proc/${server.pid}`).uid).not.toBe(0);
    expect(statSync(server.clusterDir).uid).not.toBe(0);
  });

  it('uses a folder outside a checkout that only root may enter, and finds it again', async () => {
    chmodSync(folder.path, 0o700);
    const tree = makeCheckout(folder.path);
    const first = await own(dataDir, { tree });
    expect(first.error).toBeUndefined();
    homes.push(dirname(first.clusterDir));
    expect(first.clusterDir).toMatch(/^\/var\/lib\/parkwatch\/[0-9a-f]{16}\/cluster$/);
    await query(first.url, 'create table kept as select 42 as answer');
    await endOwner(first, 'SIGTERM');
    // What was unreachable once stays where it is.
    chmodSync(folder.path, 0o755);
    const second = await own(dataDir, { tree });
    expect(second.clusterDir).toBe(first.clusterDir);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await endOwner(second, 'SIGTERM');
    rmSync(second.clusterDir, { recursive: true });
    await expect(start()).rejects.toThrow(/is gone: bring it back/);
  });

  it('says in one sentence that DATA_DIR is read-only', async () => {
    using mounted = mountMemory(dataDir, 'ro');
    if (mounted === undefined) return;
    await expect(start()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(/^DATA_DIR \(.*\) is read-only; set it to .*\.$/),
    });
  });

  it.each(['size=64k', 'size=24m', 'size=400m,nr_inodes=100'])(
    'says in one sentence that DATA_DIR is full (%s)',
    async (size) => {
      using mounted = mountMemory(dataDir, size);
      if (mounted === undefined) return;
      if (size === 'size=64k')
        expect(() => writeFileSync(join(dataDir, 'fill'), Buffer.alloc(1e6))).toThrow();
      await expect(start()).rejects.toMatchObject({
        name: 'ConfigError',
        message: expect.stringMatching(/^DATA_DIR \(.*\) has no room left; set it to .*\.$/),
      });
    },
  );
});

describe.skipIf(!asRoot)('startEmbeddedPostgres() as an ordinary user', () => {
  const uid = ordinaryId;

  it('works under a folder that only this user may enter', async () => {
    chownSync(folder.path, uid, uid);
    chmodSync(folder.path, 0o700);
    const owner = await own(dataDir, { uid });
    expect(owner.error).toBeUndefined();
    expect(owner.clusterDir).toBe(join(dataDir, 'postgres', 'cluster'));
    expect(await query(owner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(statSync(`/proc/${owner.pid}`).uid).toBe(uid);
  });

  it('copies the programs when their library links are missing and the checkout is read-only to it', async () => {
    const tree = makeCheckout(folder.path);
    mkdirSync(dataDir);
    chownSync(dataDir, uid, uid);
    const owner = await own(dataDir, { tree, uid });
    expect(owner.error).toBeUndefined();
    expect(await query(owner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(readdirSync(join(dataDir, 'postgres')).some((name) => name.startsWith('postgresql-'))).toBe(true);
  });

  it('says in one sentence that DATA_DIR cannot be written', async () => {
    mkdirSync(dataDir, { mode: 0o555 });
    const { error } = await own(dataDir, { uid });
    expect(error).toEqual({
      name: 'ConfigError',
      message: expect.stringMatching(/^DATA_DIR \(.*\) cannot be written by this user; set it to .*\.$/),
    });
  });
});
