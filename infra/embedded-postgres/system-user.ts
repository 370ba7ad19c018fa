import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../config.ts';

/** An unprivileged account of the machine. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that PostgreSQL may run under when we are root, the first that exists. */
const candidates = ['postgres', 'nobody'];

/** True when this process is root on a system that has such a thing; PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account PostgreSQL runs under when we are root: the owner of what exists already, else a well-known one.
 * @param existing a folder that the account owns already, or undefined.
 * @throws ConfigError when the machine has no such account.
 */
export function unprivilegedUser(existing: string | undefined): SystemUser {
  const accounts = readAccounts();
  const owner = existing === undefined ? undefined : statSync(existing).uid;
  const user =
    owner === undefined || owner === 0
      ? candidates.map((name) => accounts.find((account) => account.name === name)).find(Boolean)
      : accounts.find(({ uid }) => uid === owner);
  if (user !== undefined) return user;
  throw new ConfigError(
    `PostgreSQL does not run as root and ${owner === undefined ? `this machine has no user ${candidates.join(' or ')}` : `the owner of its data (user id ${owner}) is unknown here`}: ` +
      'start Parkwatch as an ordinary user, or set DATABASE_URL.',
  );
}

/** passwd(5): name:password:uid:gid:… */
function readAccounts(): SystemUser[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 4)
      .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}

/** Whether the user may read (and, for a folder, enter) the path, judged by the mode bits of it and all above it. */
export function canRead(path: string, user: SystemUser): boolean {
  return permits(path, user, 0o5) && canReach(path, user);
}

/** Whether the user may pass through every folder above the path. */
export function canReach(path: string, user: SystemUser): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!permits(folder, user, 0o1)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function permits(path: string, { uid, gid }: SystemUser, wanted: number): boolean {
  const stats = statSync(path);
  const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
  return ((stats.mode >> shift) & wanted) === wanted;
}
