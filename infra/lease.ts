import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { createPool, transaction, type Database, type Queryable } from './postgres.ts';

/** Single-writer roles: each has one leader in all processes of a park (DESIGN §2). */
export type LeaderRole = 'alarms' | 'sealer' | 'rollup' | 'retention' | 'assessment' | 'notify';

/** How long a lease lasts without renewal, in the database's clock. */
export const leaseMs = 9_000;
/** A leader renews this often. */
export const renewEveryMs = 3_000;
/** A standby asks this often: it takes over within 10 s of the last renewal. */
const askEveryMs = 500;
/** A standby does not wait longer than this for a row that a frozen leader holds; it asks again. */
const lockTimeoutMs = 1_000;
/**
 * Who asks locks the row, also when the lease is another's. A process that freezes before its commit would keep that lock
 * from everybody: the server ends its session, soon enough that a leader's next renewal is still in time.
 */
const idleTimeoutMs = 4_000;
/** Connections of a leader beside the work's own: renewal must never wait for the work. */
const leasePoolSize = 1;
const workPoolSize = 4;
/** Sessions of a lost epoch get this long to close by themselves; the successor ends them anyway. */
const closeTimeoutMs = 5_000;

/** The lease is another's by now (or expired): the transaction must roll back and the leader stop. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What a leader needs while it leads. */
export interface Leadership {
  readonly role: LeaderRole;
  /** Grows by one with every leader of the role. */
  readonly epoch: number;
  /** Sessions named `parkwatch-{role}-{epoch}`, which a successor ends. All of the leader's work goes through it. */
  readonly db: Database;
  /** Aborted when the lease is lost, or we stop. */
  readonly signal: AbortSignal;
  /**
   * The last statement of every transaction of a leader. At the beginning it would let a frozen leader hold the row
   * against its successor.
   * @throws LeaseLost
   */
  readonly fence: (client: Queryable) => Promise<void>;
  /** Before a statement that allows no transaction; that statement must be repeatable. @throws LeaseLost */
  readonly check: () => Promise<void>;
}

export interface LeaderOptions {
  readonly role: LeaderRole;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How it reaches the database; {@link createPool} unless given. */
  readonly openPool?: typeof createPool;
  /** Starts the work; what it returns is disposed of when the lease is lost or we stop. */
  readonly lead: (leadership: Leadership) => Promise<AsyncDisposable> | AsyncDisposable;
}

export interface Leader extends AsyncDisposable {
  /** The epoch we lead in; undefined on standby. */
  readonly epoch: number | undefined;
}

/** Stands by for a role and leads whenever its lease is free. Dispose to stop the work and hand the lease on at once. */
export function startLeader(options: LeaderOptions): Leader {
  const { role, databaseUrl, clock, log, openPool = createPool } = options;
  const leases = openPool({ url: databaseUrl, max: leasePoolSize, name: `parkwatch-${role}-lease`, log });
  const stopped = new AbortController();
  const holder = `${process.pid}/${randomUUID()}`;
  let leading: number | undefined;

  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        const askedAtMs = clock.monotonicMs();
        leading = await acquire(leases, role, holder);
        if (leading !== undefined) {
          log.info({ part: 'lease', role, epoch: leading }, `leading ${role}`);
          await leadOnce({ ...options, leases, epoch: leading, askedAtMs, stop: stopped.signal });
          log.info({ part: 'lease', role, epoch: leading }, `no longer leading ${role}`);
        }
      } catch (error) {
        log.warn({ part: 'lease', role, err: error }, `${role} has no leader here`);
      }
      leading = undefined;
      await clock.sleep(askEveryMs, stopped.signal).catch(() => undefined);
    }
  };
  const running = run();
  return {
    get epoch() {
      return leading;
    },
    async [Symbol.asyncDispose]() {
      stopped.abort(new Error('stopped'));
      await running;
      if (!leases.ended) await leases.end();
    },
  };
}

interface Term extends LeaderOptions {
  readonly leases: Database;
  readonly epoch: number;
  /** Monotonic; the lease holds at least leaseMs from here. */
  readonly askedAtMs: number;
  readonly stop: AbortSignal;
}

/** Leads until the lease is lost or we stop. */
async function leadOnce(term: Term): Promise<void> {
  const { role, epoch, databaseUrl, clock, log, leases, stop, openPool = createPool } = term;
  const lost = new AbortController();
  const db = openPool({ url: databaseUrl, max: workPoolSize, name: sessionName(role, epoch), log });
  const ended = AbortSignal.any([lost.signal, stop]);
  const guard = async (client: Queryable, statement: string) => {
    const { rowCount } = await client.query(statement, [role, epoch]);
    if (rowCount === 1) return;
    lost.abort(new LeaseLost(`The lease of ${role} in epoch ${epoch} is lost.`));
    throw lost.signal.reason;
  };
  const leadership: Leadership = {
    role,
    epoch,
    db,
    signal: ended,
    fence: (client) => guard(client, fenceSql),
    check: () => guard(db, checkSql),
  };
  const renewing = startRenewing(term, lost);
  try {
    await using _work = await term.lead(leadership);
    await aborted(ended);
  } finally {
    // Until here the work's last transactions still needed the lease.
    await renewing[Symbol.asyncDispose]();
    if (!lost.signal.aborted) await leases.query(releaseSql, [role, epoch]).catch(() => undefined);
    const patience = new AbortController();
    const waiting = clock.sleep(closeTimeoutMs, patience.signal).catch(() => undefined);
    await Promise.race([db.end(), waiting]);
    patience.abort(new Error('closed'));
  }
}

/** Renews again and again; `lost` is aborted when somebody else leads, or when nobody answered in time. */
function startRenewing(
  { role, epoch, askedAtMs, leases, clock, log }: Term,
  lost: AbortController,
): AsyncDisposable {
  let busy: Promise<void> | undefined;
  const lose = () => lost.abort(new LeaseLost(`The lease of ${role} in epoch ${epoch} is lost.`));
  const expireAt = (fromMs: number) => clock.after(fromMs + leaseMs - clock.monotonicMs(), lose);
  let expiry = expireAt(askedAtMs);
  const renew = async () => {
    const sentAtMs = clock.monotonicMs();
    const { rowCount } = await leases.query(renewSql, [role, epoch]);
    if (rowCount !== 1) return lose();
    expiry[Symbol.dispose]();
    if (!lost.signal.aborted) expiry = expireAt(sentAtMs);
  };
  const timer = clock.every(renewEveryMs, () => {
    busy ??= renew()
      .catch((error: unknown) =>
        log.warn({ part: 'lease', role, err: error }, 'the lease could not be renewed'),
      )
      .finally(() => {
        busy = undefined;
      });
  });
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await busy;
      expiry[Symbol.dispose]();
    },
  };
}

/** Takes a free or expired lease; undefined while another holds it. */
function acquire(leases: Database, role: LeaderRole, holder: string): Promise<number | undefined> {
  return transaction(leases, async (client) => {
    await client.query(
      `set local lock_timeout = ${lockTimeoutMs}; set local idle_in_transaction_session_timeout = ${idleTimeoutMs}`,
    );
    const { rows: expired } = await client.query<{ epoch: number }>(expiredSql, [role]);
    // A frozen leader may hold the row, or wake up in the middle of its work: its sessions end first.
    for (const { epoch } of expired) await client.query(endSessionsSql, [sessionName(role, epoch)]);
    const { rows } = await client.query<{ epoch: number }>(acquireSql, [role, holder, leaseMs]);
    return rows[0]?.epoch;
  });
}

function sessionName(role: LeaderRole, epoch: number): string {
  return `parkwatch-${role}-${epoch}`;
}

const checkSql = 'select 1 from lease where role = $1 and epoch = $2 and expires_at > clock_timestamp()';
const fenceSql = `${checkSql} for share`;
const expiredSql = 'select epoch from lease where role = $1 and expires_at <= clock_timestamp()';
const endSessionsSql = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = $1`;
/** The times are taken in the update, after any wait for the row. */
const acquireSql = `
  insert into lease as held (role, holder, epoch, expires_at)
  values ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms')
  on conflict (role) do update
  set holder = excluded.holder, epoch = held.epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 ms'
  where held.expires_at <= clock_timestamp()
  returning epoch`;
const renewSql = `
  update lease set expires_at = clock_timestamp() + interval '${leaseMs} ms'
  where role = $1 and epoch = $2 and expires_at > clock_timestamp()`;
const releaseSql = `
  update lease set expires_at = clock_timestamp()
  where role = $1 and epoch = $2 and expires_at > clock_timestamp()`;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
