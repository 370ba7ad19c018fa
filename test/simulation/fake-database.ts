import type { Client } from 'pg';
import { CopyIn } from '#services/ingest/copy-in.ts';
import type { Sim } from './sim.ts';
import { affected, cellsOf, Committed, DatabaseError, isDirty, type Result } from './fake-store.ts';
import { Locks, type Transaction } from './fake-transactions.ts';

/** A statement as our store sends it: by its name where it has one, else by its text. */
export interface Statement {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly bytes: Buffer | null;
}

/** Stands between our code and the database: where a bug can be planted. */
export type Interceptor = (
  statement: Statement,
  run: () => Promise<Result>,
  database: FakeDatabase,
) => Promise<Result>;

/** How ill it is. */
export interface DatabaseFaults {
  readonly slowMs: number;
  /** That a connection breaks around a statement. */
  readonly breaks: number;
  /** That the server answers a statement with an error. */
  readonly refuses: number;
}

/** Errors that say nothing against the data: too many connections, disk full, timeout, deadlock, serialisation. */
const passingCodes = ['53300', '53100', '57014', '40P01', '40001'] as const;

/** What the server side of one connection is. */
interface Backend {
  readonly name: string;
  transaction: Transaction | null;
  isAlive: boolean;
  /** Ends the client's side. */
  readonly hangUp: () => void;
}

/**
 * PostgreSQL as far as our writer speaks to it: transactions, row locks, unique keys, and the ways a network has of
 * losing a question, an answer, or both. It knows the writer's statements by name: a new one is taught below, in
 * `execute`.
 */
export class FakeDatabase {
  readonly committed = new Committed();
  readonly sim: Sim;
  readonly #locks = new Locks();
  readonly #backends = new Set<Backend>();
  readonly #onCommit: () => void;
  faults: DatabaseFaults;
  isUp = true;

  constructor(sim: Sim, options: { faults: DatabaseFaults; onCommit: () => void }) {
    this.sim = sim;
    this.faults = options.faults;
    this.#onCommit = options.onCommit;
  }

  /** Dies: what is not committed is gone. Comes back after a while. */
  crash(forMs: number): void {
    this.isUp = false;
    for (const backend of this.#backends) this.#end(backend);
    this.sim.after(forMs, () => (this.isUp = true));
  }

  /** A connection of a process; rejects when the server is away. */
  async connect(
    name: string,
    owner: { readonly isAlive: boolean },
    intercept: Interceptor,
  ): Promise<FakeConnection> {
    await this.#pause();
    if (!owner.isAlive) return never();
    if (!this.isUp || this.sim.chance.hits(this.faults.refuses)) {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    const connection = new FakeConnection({ database: this, owner, intercept, name });
    this.#backends.add(connection.backend);
    return connection;
  }

  /** Runs a statement on the server; the network's part is the connection's. */
  async execute(backend: Backend, { name, values, bytes }: Statement): Promise<Result> {
    if (name === 'begin') return this.#begin(backend);
    if (name.startsWith('set ') || name.startsWith('delete from writer_flush')) return affected(0);
    if (name.startsWith('select pg_terminate_backend')) return this.#endOthers(backend, String(values[0]));
    if (name.startsWith('select p.point_id')) return { rows: this.#newestTimes(), rowCount: 0 };
    const transaction = backend.transaction;
    if (name === 'rollback') {
      transaction?.end();
      backend.transaction = null;
      return affected(0);
    }
    if (transaction === null) throw new Error(`${name}: no transaction; teach it to the fake database`);
    if (transaction.isFailed) throw new DatabaseError('25P02', 'current transaction is aborted');
    if (name === 'commit') {
      backend.transaction = null;
      transaction.commit();
      this.#onCommit();
      return affected(0);
    }
    try {
      if (this.sim.chance.hits(this.faults.refuses)) {
        throw new DatabaseError(this.sim.chance.pick(passingCodes), 'the server had its reasons');
      }
      return await transaction.run(name, values, bytes);
    } catch (error) {
      transaction.isFailed = true;
      throw error;
    }
  }

  /** The connection is gone; sooner or later the server notices. */
  abandon(backend: Backend): void {
    this.sim.after(this.sim.chance.between(1, 2_000), () => this.#end(backend));
  }

  /** A statement that stands whatever becomes of the transaction it was meant for: only a planted bug wants that. */
  async aside({ name, values, bytes }: Statement): Promise<Result> {
    const transaction = this.#locks.begin(this.committed);
    const result = await transaction.run(name, values, bytes);
    transaction.commit();
    return result;
  }

  /** The job of the rollups: what it sees in the journal it takes, and makes those buckets, in one transaction. */
  rollUp(): void {
    const { readings, derived } = this.committed;
    const taken = this.committed.dirty;
    this.committed.dirty = [];
    for (const [cell, content] of cellsOf(readings)) if (isDirty(taken, cell)) derived.set(cell, content);
  }

  pauseMs(): number {
    const { chance } = this.sim;
    return chance.hits(0.02)
      ? chance.between(0, this.faults.slowMs * 20)
      : chance.between(0, this.faults.slowMs);
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => this.sim.after(this.pauseMs(), resolve));
  }

  #begin(backend: Backend): Result {
    backend.transaction = this.#locks.begin(this.committed);
    return affected(0);
  }

  #endOthers(self: Backend, name: string): Result {
    for (const backend of this.#backends) if (backend !== self && backend.name === name) this.#end(backend);
    return affected(0);
  }

  #end(backend: Backend): void {
    if (!backend.isAlive) return;
    backend.isAlive = false;
    this.#backends.delete(backend);
    backend.transaction?.end();
    backend.transaction = null;
    backend.hangUp();
  }

  #newestTimes(): { id: number; us: number }[] {
    const newest = new Map<number, number>();
    for (const key of this.committed.readings.keys()) {
      const [id = 0, us = 0] = key.split('/').map(Number);
      newest.set(id, Math.max(newest.get(id) ?? 0, us));
    }
    return [...newest].map(([id, us]) => ({ id, us }));
  }
}

/** The client's side of a connection; a process that is dead neither asks nor hears. */
export class FakeConnection {
  readonly backend: Backend;
  readonly #o: { database: FakeDatabase; owner: { readonly isAlive: boolean }; intercept: Interceptor };
  readonly #asked = new Set<(error: Error) => void>();
  #questions = Promise.resolve();
  /** A question was lost on its way: what was sent behind it does not arrive either. */
  #isCut = false;
  #answers = Promise.resolve();
  isAlive = true;

  constructor(options: FakeConnection['extra']) {
    this.#o = options;
    this.backend = { name: options.name, transaction: null, isAlive: true, hangUp: () => this.#lost() };
  }

  declare readonly extra: {
    database: FakeDatabase;
    owner: { readonly isAlive: boolean };
    intercept: Interceptor;
    name: string;
  };

  /** As much of pg's client as the writer uses. */
  get client(): Client {
    const query = (
      given: string | CopyIn | { name?: string; text: string; values?: unknown[] },
      values?: unknown[],
    ) => {
      if (typeof given === 'string') return this.#ask({ name: given, values: values ?? [], bytes: null });
      if (given instanceof CopyIn) return this.#copy(given);
      return this.#ask({ name: given.name ?? given.text, values: given.values ?? [], bytes: null });
    };
    return { query } as unknown as Client;
  }

  /** Cuts the connection; what was on its way may still arrive. */
  destroy(): void {
    if (!this.isAlive) return;
    this.#lost();
    this.#o.database.abandon(this.backend);
  }

  #lost(): void {
    this.isAlive = false;
    for (const reject of this.#asked) reject(new Error('Connection terminated unexpectedly'));
    this.#asked.clear();
  }

  async #copy({ text, file, callback }: CopyIn): Promise<void> {
    try {
      await this.#ask({ name: text.split(' (')[0] ?? text, values: [], bytes: file });
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null);
  }

  #ask(statement: Statement): Promise<Result> {
    const { intercept, database, owner } = this.#o;
    if (!owner.isAlive) return never();
    return intercept(statement, () => this.#send(statement), database);
  }

  /** Question and answer, and what can become of both. Questions arrive, and are answered, one after the other. */
  #send(statement: Statement): Promise<Result> {
    const { database, owner } = this.#o;
    const { sim, faults } = database;
    if (!this.isAlive) return Promise.reject(new Error('Client has encountered a connection error'));
    return new Promise((resolve, reject) => {
      this.#asked.add(reject);
      const answer = (settle: () => void) => {
        if (!owner.isAlive || !this.#asked.delete(reject)) return;
        settle();
      };
      const breaks = sim.chance.hits(faults.breaks);
      const lostBefore = breaks && sim.chance.hits(0.4);
      this.#questions = this.#after(this.#questions, async () => {
        if (this.#isCut) return undefined;
        if (lostBefore) {
          this.#isCut = true;
          return this.destroy();
        }
        if (!this.backend.isAlive) return this.#lost();
        return this.#executed(statement, { breaks, answer, resolve, reject });
      });
    });
  }

  /** One step on the wire, not before the one ahead of it. */
  async #after(before: Promise<void>, step: () => Promise<void> | void): Promise<void> {
    const { database } = this.#o;
    const travelled = new Promise<void>((resolve) => database.sim.after(database.pauseMs(), resolve));
    await before;
    await travelled;
    await step();
  }

  async #executed(
    statement: Statement,
    way: {
      breaks: boolean;
      answer: (settle: () => void) => void;
      resolve: (result: Result) => void;
      reject: (error: unknown) => void;
    },
  ): Promise<void> {
    const { database } = this.#o;
    let settle: () => void;
    try {
      const result = await database.execute(this.backend, statement);
      settle = () => way.resolve(result);
    } catch (error) {
      settle = () => way.reject(error);
    }
    // The answer is lost with the connection: nobody but the server knows.
    this.#answers = this.#after(this.#answers, () => (way.breaks ? this.destroy() : way.answer(settle)));
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
