import { readdirSync, readFileSync } from 'node:fs';

/** What Linux tells of processes; elsewhere the figures are null. */

/** USER_HZ of Linux. */
const msPerTick = 10;

interface Stat {
  readonly parent: number;
  /** CPU time, own, ms. */
  readonly ownMs: number;
  /** And of children that have ended. */
  readonly childrenMs: number;
}

function statOf(pid: number | string): Stat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = (from: number) => ((fields[from] ?? 0) + (fields[from + 1] ?? 0)) * msPerTick;
    return { parent: fields[1] ?? 0, ownMs: ticks(11), childrenMs: ticks(13) };
  } catch {
    return null;
  }
}

/** CPU time of one process, ms. */
export function cpuMsOf(pid: number): number | null {
  return statOf(pid)?.ownMs ?? null;
}

/** CPU time of the whole PostgreSQL server that a backend belongs to, ms; backends that have ended included. */
export function serverCpuMsOf(backendPid: number): number | null {
  const postmaster = statOf(backendPid)?.parent;
  const main = postmaster === undefined ? null : statOf(postmaster);
  if (main === null) return null;
  const backends = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((stat) => stat?.parent === postmaster);
  return backends.reduce((sum, stat) => sum + (stat?.ownMs ?? 0), main.ownMs + main.childrenMs);
}

/** All processes of the server that a backend belongs to. */
export function serverPidsOf(backendPid: number): number[] {
  const postmaster = statOf(backendPid)?.parent;
  if (postmaster === undefined) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return [postmaster, ...pids.map(Number).filter((pid) => statOf(pid)?.parent === postmaster)];
}

export interface Memory {
  /** Resident, MiB. */
  readonly nowMib: number;
  /** The most since the start. */
  readonly mostMib: number;
}

export function memoryOf(pid: number): Memory | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mib = (name: string) =>
      Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024);
    return { nowMib: mib('VmRSS'), mostMib: mib('VmHWM') };
  } catch {
    return null;
  }
}
