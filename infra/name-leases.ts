import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { coalesce } from './coalesce.ts';
import { leaseMs, renewEveryMs } from './lease.ts';
import type { Log } from './log.ts';
import type { Queryable } from './postgres.ts';

/** A name that another process holds is asked for this often: with {@link leaseMs}, how long nobody may hold it. */
const askEveryMs = 1_000;

export interface NameLeasesOptions {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly log: Log;
  /** What the names are of, e.g. `opcua`. */
  readonly kind: string;
}

/**
 * Names of which each is held by one process of the park at a time, with one statement for all of them. Unlike a leader
 * (infra/lease.ts) a holder is not fenced: it is for work whose results may come twice, such as readings, and that must go
 * on while the database is away. So a name is given up only when the database says that another process holds it.
 */
export interface NameLeases extends AsyncDisposable {
  /** These and no others from now on; resolves when the database has answered, or could not. */
  want(names: readonly string[]): Promise<void>;
  holds(name: string): boolean;
  /** Told when a name was taken or lost. */
  onChange(listener: () => void): Disposable;
}

export function startNameLeases({ db, clock, log, kind }: NameLeasesOptions): NameLeases {
  const holder = `${process.pid}/${randomUUID()}`;
  const roleOf = (name: string) => `${kind}:${name}`;
  const listeners = new Set<() => void>();
  let wanted: readonly string[] = [];
  let held: ReadonlySet<string> = new Set();
  let renewAtMs = -Infinity;
  let isFailing = false;

  const ask = coalesce(async () => {
    const asked = wanted;
    const dropped = [...held].filter((name) => !asked.includes(name));
    if (dropped.length > 0) await db.query(releaseSql, [dropped.map(roleOf), holder]);
    const roles = asked.map(roleOf).toSorted();
    const { rows } = await db.query<{ role: string }>(holdSql, [roles, holder, leaseMs]);
    const now = new Set(rows.map(({ role }) => role.slice(kind.length + 1)));
    renewAtMs = clock.monotonicMs() + renewEveryMs;
    const before = held;
    const changed = [...asked, ...before].filter((name) => now.has(name) !== before.has(name));
    for (const name of changed)
      log.info({ kind, name }, `${name} is ${now.has(name) ? 'ours' : 'another process’s'}`);
    held = now;
    if (changed.length > 0) for (const listener of listeners) listener();
  });
  const tryAsk = async () => {
    try {
      await ask();
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ kind, err: error }, 'leases could not be renewed; what is held goes on');
      isFailing = true;
    }
  };
  const timer = clock.every(askEveryMs, () => {
    if (wanted.length === 0) return;
    if (held.size < wanted.length || clock.monotonicMs() >= renewAtMs) void tryAsk();
  });
  return {
    want(names) {
      wanted = names;
      return names.length === 0 && held.size === 0 ? Promise.resolve() : tryAsk();
    },
    holds: (name) => held.has(name),
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      listeners.clear();
      wanted = [];
      await ask.settled();
      await db.query(releaseSql, [[...held].map(roleOf), holder]).catch(() => undefined);
    },
  };
}

/** The times are taken in the update, after any wait for the row. Rows in order: two processes ask at the same time. */
const holdSql = `
  insert into lease as held (role, holder, epoch, expires_at)
  select role, $2, 1, clock_timestamp() + $3 * interval '1 ms' from unnest($1::text[]) as role
  on conflict (role) do update
  set holder = excluded.holder, epoch = held.epoch + (held.holder <> excluded.holder)::int,
    expires_at = clock_timestamp() + $3 * interval '1 ms'
  where held.holder = excluded.holder or held.expires_at <= clock_timestamp()
  returning role`;
const releaseSql = 'delete from lease where role = any($1::text[]) and holder = $2';
