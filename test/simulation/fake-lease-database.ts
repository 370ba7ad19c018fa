import type { Database } from '#infra/postgres.ts';
import { leaseMs } from '#infra/lease.ts';
import type { AlarmChange, JudgeState } from '#services/alarms/judge.ts';
import { DatabaseError } from './fake-store.ts';
import { startMs, type Sim } from './sim.ts';

export interface Reading {
  readonly timeMs: number;
  readonly value: number;
}

interface Owner {
  readonly isAlive: boolean;
  readonly frozenUntilMs: number;
}

interface Answer {
  readonly rows: readonly object[];
  readonly rowCount: number;
}

/** One connection: a transaction at a time, and the lock it has on the lease row. */
interface Backend {
  readonly name: string;
  readonly owner: Owner;
  isAlive: boolean;
  inTransaction: boolean;
  lock: 'none' | 'shared' | 'exclusive';
  lockTimeoutMs: number;
  /** After so long in a transaction without a statement the server ends the session; 0: never. */
  idleTimeoutMs: number;
  /** Statements so far. */
  asked: number;
  atCommit: (() => void)[];
}

/**
 * The lease table and what a leader of the alarms writes, with the row locks that fencing stands on. The statements are
 * those of infra/lease.ts, told apart by their words; of the alarms only what this simulation sends.
 */
export class FakeLeaseDatabase {
  readonly readings: Reading[] = [];
  /** What the alarm journal holds, in order. */
  readonly transitions = new Map<string, number>();
  readonly #sim: Sim;
  readonly #backends = new Set<Backend>();
  #lease: { epoch: number; expiresAtMs: number } | null = null;
  #state: JudgeState | null = null;
  #writtenEpoch = 0;
  breaks: number;

  constructor(sim: Sim, breaks: number) {
    this.#sim = sim;
    this.breaks = breaks;
  }

  pool(name: string, owner: Owner): Database {
    const isOver = { ended: false };
    const connect = () => {
      if (isOver.ended) return Promise.reject(new Error('Cannot use a pool after calling end on the pool'));
      const backend: Backend = {
        name,
        owner,
        isAlive: true,
        inTransaction: false,
        lock: 'none',
        lockTimeoutMs: 60_000,
        idleTimeoutMs: 0,
        asked: 0,
        atCommit: [],
      };
      this.#backends.add(backend);
      return Promise.resolve({
        query: (text: string, values: readonly unknown[] = []) => this.#ask(backend, text, values),
        release: () => this.#close(backend),
      });
    };
    const query = async (text: string, values: readonly unknown[] = []) => {
      const client = await connect();
      try {
        return await client.query(text, values);
      } finally {
        client.release();
      }
    };
    const end = () => {
      isOver.ended = true;
      return Promise.resolve();
    };
    return {
      connect,
      query,
      end,
      get ended() {
        return isOver.ended;
      },
    } as unknown as Database;
  }

  /** A frozen process sends nothing and hears only when it wakes; a dead one never. */
  #ask(backend: Backend, text: string, values: readonly unknown[]): Promise<Answer> {
    const { chance } = this.#sim;
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void) => {
        this.#sim.after(Math.max(this.#delayMs(), backend.owner.frozenUntilMs - this.#sim.nowMs), () => {
          if (!backend.owner.isAlive) return;
          if (backend.owner.frozenUntilMs > this.#sim.nowMs) answer(settle);
          else settle();
        });
      };
      const fail = (error: unknown) => answer(() => reject(error));
      this.#sim.after(this.#delayMs(), () => {
        if (!backend.owner.isAlive) return this.#close(backend);
        const isBroken = chance.hits(this.breaks);
        if (!backend.isAlive || (isBroken && chance.hits(0.5))) {
          this.#close(backend);
          return fail(new Error('Connection terminated unexpectedly'));
        }
        void this.#execute(backend, text, values).then((result) => {
          this.#watchIdle(backend);
          if (!isBroken) return answer(() => resolve(result));
          this.#close(backend);
          return fail(new Error('Connection terminated unexpectedly'));
        }, fail);
      });
    });
  }

  /** Of a process that froze or died in a transaction nothing is heard; its session ends all the same. */
  #watchIdle(backend: Backend): void {
    if (!backend.inTransaction || backend.idleTimeoutMs === 0) return;
    const { asked } = backend;
    this.#sim.after(backend.idleTimeoutMs, () => {
      if (backend.inTransaction && backend.asked === asked) this.#close(backend);
    });
  }

  #delayMs(): number {
    const { chance } = this.#sim;
    return chance.hits(0.02) ? chance.between(0, 3_000) : chance.between(0, 5);
  }

  #close(backend: Backend): void {
    backend.isAlive = false;
    backend.lock = 'none';
    backend.atCommit = [];
    this.#backends.delete(backend);
  }

  async #execute(backend: Backend, text: string, values: readonly unknown[]): Promise<Answer> {
    backend.asked++;
    if (text === 'begin') backend.inTransaction = true;
    if (text === 'begin' || text.startsWith('set local')) return this.#begun(backend, text);
    if (text === 'rollback' || text === 'commit') return this.#end(backend, text === 'commit');
    if (text === 'load alarms') return rowsOf(this.#state === null ? [] : [this.#state]);
    if (text === 'read readings')
      return rowsOf(this.readings.filter(({ timeMs }) => timeMs > Number(values[0])));
    if (text === 'save alarms') return this.#save(backend, values as [number, JudgeState, AlarmChange[]]);
    if (text.includes('pg_terminate_backend')) return this.#endSessions(String(values[0]));
    if (text.startsWith('select epoch from lease'))
      return rowsOf(this.#isFree() && this.#lease !== null ? [this.#lease] : []);
    const changed = await this.#onLease(backend, text, Number(values[1]));
    if (!backend.inTransaction) backend.lock = 'none';
    return changed;
  }

  async #onLease(backend: Backend, text: string, epoch: number): Promise<Answer> {
    const isMine = () => this.#lease?.epoch === epoch && !this.#isFree();
    if (text.includes('insert into lease')) {
      await this.#lock(backend, 'exclusive');
      if (!this.#isFree()) return rowsOf([]);
      const next = { epoch: (this.#lease?.epoch ?? 0) + 1, expiresAtMs: this.#sim.nowMs + leaseMs };
      backend.atCommit.push(() => (this.#lease = next));
      return rowsOf([next]);
    }
    if (text.includes('update lease')) {
      await this.#lock(backend, 'exclusive');
      if (!isMine()) {
        backend.lock = 'none';
        return rowsOf([]);
      }
      const isRenewal = text.includes('interval');
      this.#lease = { epoch, expiresAtMs: this.#sim.nowMs + (isRenewal ? leaseMs : 0) };
      return rowsOf([{}]);
    }
    if (text.includes('for share')) {
      await this.#lock(backend, 'shared');
      // Only a row that is found is locked.
      if (!isMine()) backend.lock = 'none';
    } else if (!text.includes('select 1 from lease'))
      throw new Error(`The fake lease database does not know: ${text}`);
    return rowsOf(isMine() ? [{}] : []);
  }

  #isFree(): boolean {
    return this.#lease === null || this.#lease.expiresAtMs <= this.#sim.nowMs;
  }

  async #lock(backend: Backend, mode: 'shared' | 'exclusive'): Promise<void> {
    const isInTheWay = (other: Backend) =>
      other !== backend && (other.lock === 'exclusive' || (mode === 'exclusive' && other.lock === 'shared'));
    const giveUpAtMs = this.#sim.nowMs + backend.lockTimeoutMs;
    while ([...this.#backends].some(isInTheWay)) {
      if (this.#sim.nowMs >= giveUpAtMs)
        throw new DatabaseError('55P03', 'canceling statement due to lock timeout');
      await new Promise<void>((resolve) => this.#sim.after(5, resolve));
      if (!backend.isAlive) throw new DatabaseError('57P01', 'terminating connection');
    }
    backend.lock = mode;
  }

  #begun(backend: Backend, text: string): Answer {
    const timeout = /lock_timeout = (\d+)/.exec(text)?.[1];
    if (timeout !== undefined) backend.lockTimeoutMs = Number(timeout);
    const idle = /idle_in_transaction_session_timeout = (\d+)/.exec(text)?.[1];
    if (idle !== undefined) backend.idleTimeoutMs = Number(idle);
    return rowsOf([]);
  }

  #end(backend: Backend, isCommit: boolean): Answer {
    if (isCommit) for (const apply of backend.atCommit) apply();
    backend.atCommit = [];
    backend.inTransaction = false;
    backend.idleTimeoutMs = 0;
    backend.lock = 'none';
    return rowsOf([]);
  }

  #save(backend: Backend, [epoch, state, changes]: [number, JudgeState, AlarmChange[]]): Answer {
    backend.atCommit.push(() => {
      if (epoch < this.#writtenEpoch) {
        this.#sim.violate(`the leader of epoch ${epoch} wrote after that of epoch ${this.#writtenEpoch}`);
      }
      if (this.#lease !== null && epoch < this.#lease.epoch) {
        this.#sim.violate(
          `the leader of epoch ${epoch} wrote while that of epoch ${this.#lease.epoch} leads`,
        );
      }
      this.#writtenEpoch = epoch;
      this.#state = state;
      for (const { kind, onsetMs, timeMs } of changes) {
        this.transitions.set(`${kind} ${onsetMs - startMs}@${timeMs - startMs}`, epoch);
      }
    });
    return rowsOf([]);
  }

  #endSessions(name: string): Answer {
    for (const backend of this.#backends) if (backend.name === name) this.#close(backend);
    return rowsOf([]);
  }
}

function rowsOf(rows: readonly object[]): Answer {
  return { rows, rowCount: rows.length };
}
