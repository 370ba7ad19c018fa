import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config.ts';
import { canReach, isRoot, unprivilegedUser, type SystemUser } from './system-user.ts';

/** Where the embedded database lives and who runs it. */
export interface Place {
  /** Ours, in DATA_DIR: password, server log, pointer. */
  readonly folder: string;
  /** Where cluster, lock and (if needed) a copy of the programs are; `folder`, or one outside DATA_DIR. */
  readonly home: string;
  /** PostgreSQL's data directory; exists only after the first start. */
  readonly clusterDir: string;
  /** The account PostgreSQL runs under; undefined: our own. */
  readonly user: SystemUser | undefined;
}

/** Homes of databases whose DATA_DIR the unprivileged account cannot reach. */
const awayRoot = '/var/lib/parkwatch';

/** A new cluster with its first write-ahead log, and a little room to work; bytes. */
const roomForNewCluster = 256 * 1024 * 1024;
/** Files in it. */
const filesOfNewCluster = 2_000;
/** Write-ahead log that recovery may need to write; bytes. */
const roomForStart = 64 * 1024 * 1024;

/**
 * Decides where the database of a DATA_DIR is, the same at every start, and makes the folders.
 * @throws ConfigError with one sentence when DATA_DIR cannot be used.
 */
export function choosePlace(dataDir: string): Place {
  const folder = makeFolder(dataDir);
  const away = readPointer(folder);
  if (away !== undefined) return pointedPlace(dataDir, folder, away);
  const here = join(folder, 'cluster');
  const exists = existsSync(here);
  const user = isRoot() ? unprivilegedUser(exists ? here : undefined) : undefined;
  if (user === undefined || canReach(here, user)) {
    refuseFull(dataDir, folder, exists);
    return { folder, home: folder, clusterDir: here, user };
  }
  if (exists) throw unreachable(dataDir, user);
  return awayPlace(dataDir, folder, user);
}

/** After the first start: the next one must find a home outside DATA_DIR again, whatever has changed meanwhile. */
export function rememberPlace({ folder, home }: Place): void {
  if (home !== folder) writeFileSync(pointerFile(folder), `${JSON.stringify({ home })}\n`);
}

/** The database's password, made at the first start; only our own user may read it. */
export function readPassword(place: Place): string {
  const file = join(place.folder, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(place.clusterDir)) {
    throw new ConfigError(
      `The database in ${place.clusterDir} exists but its password in ${file} is gone; restore that file.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Turns a file system error about DATA_DIR into one sentence; other errors stay as they are. */
export function explainDataDir(dataDir: string, error: unknown): unknown {
  const sentences: Record<string, string> = {
    EROFS: 'is read-only',
    EACCES: 'cannot be written by this user',
    EPERM: 'cannot be written by this user',
    ENOSPC: 'has no room left',
    EDQUOT: 'has no room left',
    ENOTDIR: 'is not a folder',
    EEXIST: 'is not a folder',
  };
  const reason = sentences[(error as NodeJS.ErrnoException).code ?? ''];
  return reason === undefined ? error : dataDirError(dataDir, reason);
}

export function dataDirError(dataDir: string, reason: string): ConfigError {
  return new ConfigError(
    `DATA_DIR (${dataDir}) ${reason}; set it to a folder that is writable and has ${roomForNewCluster / 1024 / 1024} MB free.`,
  );
}

function makeFolder(dataDir: string): string {
  try {
    makePassable(dataDir);
    const folder = join(realpathSync(dataDir), 'postgres');
    makePassable(folder);
    return folder;
  } catch (error) {
    throw explainDataDir(dataDir, error);
  }
}

/**
 * Makes a folder, and those above it, that PostgreSQL's account may pass through even under a strict umask; what is
 * secret inside has its own mode. Step by step, because mkdir's `recursive` tells ENOENT for a read-only file system.
 */
function makePassable(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makePassable(dirname(path));
  try {
    mkdirSync(path);
    chmodSync(path, 0o755);
  } catch (error) {
    // Another process that starts now may have made it.
    if (!(existsSync(path) && statSync(path).isDirectory())) throw error;
  }
}

const pointerFile = (folder: string) => join(folder, 'home.json');

function readPointer(folder: string): string | undefined {
  const file = pointerFile(folder);
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { home: string }).home;
}

function pointedPlace(dataDir: string, folder: string, home: string): Place {
  const clusterDir = join(home, 'cluster');
  // A fresh, empty database instead of the one that is missing would look like lost data.
  if (!existsSync(clusterDir)) {
    throw new ConfigError(
      `The database of DATA_DIR (${dataDir}) was in ${home} and is gone: bring it back, or remove ${pointerFile(folder)} to begin with an empty one.`,
    );
  }
  refuseFull(dataDir, folder, true);
  return { folder, home, clusterDir, user: isRoot() ? unprivilegedUser(clusterDir) : undefined };
}

function awayPlace(dataDir: string, folder: string, user: SystemUser): Place {
  const home = join(awayRoot, createHash('sha256').update(folder).digest('hex').slice(0, 16));
  try {
    makePassable(home);
  } catch {
    throw unreachable(dataDir, user);
  }
  if (!canReach(join(home, 'cluster'), user)) throw unreachable(dataDir, user);
  refuseFull(home, home, existsSync(join(home, 'cluster')));
  return { folder, home, clusterDir: join(home, 'cluster'), user };
}

function unreachable(dataDir: string, user: SystemUser): ConfigError {
  return new ConfigError(
    `PostgreSQL does not run as root, and the user ${user.name} cannot reach DATA_DIR (${dataDir}): ` +
      'set DATA_DIR to a folder that everybody may enter, or start Parkwatch as an ordinary user.',
  );
}

function refuseFull(dataDir: string, folder: string, exists: boolean): void {
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  // A file system without a table of files, such as btrfs, tells 0 of 0.
  const isOutOfFiles = files > 0 && ffree < filesOfNewCluster && !exists;
  if (isOutOfFiles || bavail * bsize < (exists ? roomForStart : roomForNewCluster)) {
    throw dataDirError(dataDir, 'has no room left');
  }
}
