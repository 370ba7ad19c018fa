import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from './clock.ts';
import { ConfigError } from './config.ts';
import { findBinaries, type PostgresBinaries } from './embedded-postgres/binaries.ts';
import { makeDatabase, servedDirectory, superuser, urlOf } from './embedded-postgres/database.ts';
import { capServerLog, lastComplaint, serverLogFile } from './embedded-postgres/log.ts';
import {
  choosePlace,
  explainDataDir,
  readPassword,
  rememberPlace,
  type Place,
} from './embedded-postgres/place.ts';
import {
  findServer,
  freePort,
  isFree,
  isRunning,
  programOptions,
  readPostmaster,
  runProgram,
  stopPostmaster,
  type Postmaster,
} from './embedded-postgres/process.ts';
import type { Log } from './log.ts';
import { acquireOwnerLock, ownerOf } from './embedded-postgres/owner-lock.ts';

/** A PostgreSQL server of our own, on 127.0.0.1 and a free port, with its data in DATA_DIR. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** `postgres://…` of the database `parkwatch`, password included: never log it. */
  readonly url: string;
  /** Of the server, e.g. `18.4`. */
  readonly version: string;
  readonly port: number;
  /** Process id of the server's main process. */
  readonly pid: number;
  /** PostgreSQL's data directory. */
  readonly clusterDir: string;
  /** True when the server was still running after its last owner had been killed. */
  readonly takenOver: boolean;
}

export interface EmbeddedPostgresOptions {
  /** DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Server settings beside or instead of {@link serverSettings}; the test kit turns durability off. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** For a park on one small machine; what is acknowledged is on disk (fsync, synchronous_commit). */
export const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  maintenance_work_mem: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'pglz',
  max_wal_size: '2GB',
  min_wal_size: '160MB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] %a ',
  logging_collector: 'off',
};

/** Recovery after a crash replays up to max_wal_size. */
const startTimeoutMs = 300_000;
const pollIntervalMs = 20;
/** Another program may take the free port before the server does. */
const maxPortAttempts = 3;
const logCheckIntervalMs = 60_000;
const livenessIntervalMs = 1_000;
const restartDelayMs = 1_000;

/**
 * Starts the embedded PostgreSQL of a DATA_DIR, or takes over the one that a killed process left running.
 * Dispose to shut it down; until then it is started again should it end by itself.
 * @throws ConfigError with one sentence when DATA_DIR cannot be used, is in use, or PostgreSQL cannot run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir } = options;
  const place = choosePlace(dataDir);
  const lock = lockPlace(dataDir, place);
  try {
    const run = await prepare(options, place);
    const found = await takeOver(run);
    const server = found ?? (await launch(run));
    return await hold(run, server, { takenOver: found !== undefined, lock });
  } catch (error) {
    lock[Symbol.dispose]();
    throw explainDataDir(dataDir, error);
  }
}

/**
 * The URL, password included, of the embedded PostgreSQL that a running Parkwatch holds in a DATA_DIR; undefined when
 * none runs there. For commands beside a running park; nothing is started, and nothing has to be stopped.
 * @throws ConfigError with one sentence when DATA_DIR cannot be used
 */
export function findEmbeddedPostgres(dataDir: string): string | undefined {
  const place = choosePlace(dataDir);
  if (ownerOf(lockFile(place)) === undefined) return undefined;
  const server = findServer(place.clusterDir);
  return server?.ready === true ? urlOf(readPassword(place), server.port) : undefined;
}

const lockFile = ({ home }: Place) => join(home, 'owner.lock');

/** What every step needs to know. */
interface Run extends EmbeddedPostgresOptions {
  readonly place: Place;
  readonly binaries: PostgresBinaries;
  readonly password: string;
}

function lockPlace(dataDir: string, place: Place): Disposable {
  try {
    const result = acquireOwnerLock(lockFile(place));
    if (result.kind === 'acquired') return result.lock;
    throw new ConfigError(
      `Another Parkwatch (process ${result.pid}) is running with DATA_DIR (${dataDir}); stop it, or set another DATA_DIR.`,
    );
  } catch (error) {
    throw explainDataDir(dataDir, error);
  }
}

async function prepare(options: EmbeddedPostgresOptions, place: Place): Promise<Run> {
  const binaries = findBinaries(place.home, place.user);
  const password = readPassword(place);
  const run = { ...options, place, binaries, password };
  if (!existsSync(place.clusterDir)) await initialise(run);
  rememberPlace(place);
  return run;
}

/** Builds the cluster under another name first: one that was interrupted is never used. */
async function initialise(run: Run): Promise<void> {
  const { place, binaries, password, settings, dataDir } = run;
  const draft = `${place.clusterDir}.new`;
  const passwordFile = join(place.home, 'initial-password');
  run.log.info({ part: 'postgres' }, 'making the database');
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(draft);
    chmodSync(draft, 0o700);
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (place.user !== undefined) {
      for (const path of [draft, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
    }
    const result = await runProgram(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-locale',
        ...(settings?.['fsync'] === 'off' ? ['--no-sync'] : []),
      ],
      place.user,
    );
    if (result.code !== 0) {
      throw new ConfigError(
        `PostgreSQL cannot make its database in DATA_DIR (${dataDir}): ${complaint(result.output)}`,
      );
    }
    renameSync(draft, place.clusterDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The server a killed process left behind, once it accepts connections; undefined when there is none. */
async function takeOver(run: Run): Promise<Postmaster | undefined> {
  const { place, clock, log } = run;
  const found = findServer(place.clusterDir);
  if (found === undefined) {
    // Its process is gone or is another program by now; PostgreSQL itself would refuse in the second case.
    rmSync(join(place.clusterDir, 'postmaster.pid'), { force: true });
    return undefined;
  }
  const deadlineMs = clock.monotonicMs() + startTimeoutMs;
  while (isRunning(found)) {
    const postmaster = readPostmaster(place.clusterDir);
    if (postmaster?.ready === true && postmaster.pid === found.pid) {
      const served = await servedDirectory(run, postmaster.port);
      if (resolve(served) !== resolve(place.clusterDir)) {
        throw new ConfigError(
          `Process ${found.pid} claims the data in ${place.clusterDir} but serves ${served}; stop it first.`,
        );
      }
      log.warn(
        { part: 'postgres', pid: found.pid },
        'taking over the server that a killed process left running',
      );
      return postmaster;
    }
    if (clock.monotonicMs() > deadlineMs)
      throw new Error(`PostgreSQL (process ${found.pid}) neither starts nor stops.`);
    await clock.sleep(pollIntervalMs);
  }
  return undefined;
}

async function launch(run: Run, wantedPort?: number): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await freePort());
    const child = spawnServer(run, port);
    const postmaster = await whenReady(run, child);
    if (postmaster !== undefined) return postmaster;
    if (attempt < maxPortAttempts && wantedPort === undefined && !(await isFree(port))) continue;
    const reason = lastComplaint(run.place.folder) || `${run.binaries.postgres} ended at once`;
    throw new ConfigError(
      `PostgreSQL does not start with the database in DATA_DIR (${run.dataDir}): ${reason}`,
    );
  }
}

function spawnServer({ binaries, place, settings }: Run, port: number): ChildProcess {
  const all = { ...serverSettings, ...settings, port: String(port) };
  const output = openSync(serverLogFile(place.folder), 'a', 0o600);
  try {
    // A process group of its own: Ctrl-C on the terminal reaches us only, and we stop the server last.
    const child = spawn(
      binaries.postgres,
      ['-D', place.clusterDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { ...programOptions(place.user), stdio: ['ignore', output, output], detached: true },
    );
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

/** Undefined when it ended instead. */
async function whenReady(run: Run, child: ChildProcess): Promise<Postmaster | undefined> {
  const { clock, place } = run;
  const deadlineMs = clock.monotonicMs() + startTimeoutMs;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const postmaster = readPostmaster(place.clusterDir);
    if (postmaster?.ready === true && postmaster.pid === child.pid) return postmaster;
    if (clock.monotonicMs() > deadlineMs) {
      child.kill('SIGQUIT');
      return undefined;
    }
    await clock.sleep(pollIntervalMs);
  }
  return undefined;
}

async function hold(
  run: Run,
  first: Postmaster,
  { takenOver, lock }: { takenOver: boolean; lock: Disposable },
): Promise<EmbeddedPostgres> {
  const { clock, log, place, password } = run;
  const version = await makeDatabase(run, first.port).catch(async (error: unknown) => {
    await stop(run, first);
    throw error;
  });
  const kept = keepRunning(run, first);
  const logCheck = clock.every(logCheckIntervalMs, () => capServerLog(place.folder));
  capServerLog(place.folder);
  log.info({ part: 'postgres', version, port: first.port }, 'embedded PostgreSQL is ready');
  return {
    url: urlOf(password, first.port),
    version,
    port: first.port,
    clusterDir: place.clusterDir,
    takenOver,
    get pid() {
      return kept.current().pid;
    },
    async [Symbol.asyncDispose]() {
      logCheck[Symbol.dispose]();
      await kept[Symbol.asyncDispose]();
      lock[Symbol.dispose]();
    },
  };
}

/** Starts the server again, on the same port, when it ends by itself (out of memory, killed by mistake). */
function keepRunning(run: Run, first: Postmaster): AsyncDisposable & { current(): Postmaster } {
  const { clock, log, place } = run;
  const stopped = new AbortController();
  let current = first;
  let restart: Promise<void> | undefined;
  const startAgain = async () => {
    const reason = lastComplaint(place.folder);
    log.error({ part: 'postgres', reason }, 'the embedded PostgreSQL ended by itself; starting it again');
    try {
      await clock.sleep(restartDelayMs, stopped.signal);
      current = (await takeOver(run)) ?? (await launch(run, first.port));
    } catch (error) {
      if (!stopped.signal.aborted)
        log.error({ part: 'postgres', err: error }, 'it does not start; trying again');
    }
  };
  const check = clock.every(livenessIntervalMs, () => {
    if (restart !== undefined || isRunning(current)) return;
    restart = startAgain().finally(() => {
      restart = undefined;
    });
  });
  return {
    current: () => current,
    async [Symbol.asyncDispose]() {
      check[Symbol.dispose]();
      stopped.abort(new Error('stopped'));
      await restart;
      await stop(run, current);
    },
  };
}

function stop({ clock, binaries, place }: Run, postmaster: Postmaster): Promise<void> {
  return stopPostmaster(postmaster, { clock, pgCtl: binaries.pgCtl, clusterDir: place.clusterDir });
}

/** What a program complained of: its first line that says so, for the last ones tell of tidying up. */
function complaint(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /error:|FATAL:|PANIC:/.test(line)) ?? lines.findLast(Boolean) ?? 'no output';
}
