import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Stops a park's own PostgreSQL as a whole; returns what lets it go on. Each of its processes leads a group of its own,
 * so they are told one by one, the parent first: it can then begin no other.
 */
export function freezeDatabase(dataDir: string): () => void {
  const postmaster = postmasterOf(dataDir);
  process.kill(postmaster, 'SIGSTOP');
  const all = [postmaster, ...childrenOf(postmaster)];
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of all) process.kill(pid, 'SIGCONT');
  };
}

/** The processes of a park's own PostgreSQL that serve a session now, by their process ids. */
export function databaseSessions(dataDir: string): number[] {
  return childrenOf(postmasterOf(dataDir)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('127.0.0.1(');
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

/** Ends every session of a park's own PostgreSQL, as an administrator can. */
export function endDatabaseSessions(dataDir: string): void {
  for (const pid of databaseSessions(dataDir)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

function postmasterOf(dataDir: string): number {
  const file = join(dataDir, 'postgres/cluster/postmaster.pid');
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

/** From /proc; the parent stands behind the name, which stands in brackets. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
}
