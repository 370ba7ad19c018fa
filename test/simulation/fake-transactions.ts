import {
  DatabaseError,
  affected,
  type Committed,
  type Corrected,
  type Result,
  type Row,
} from './fake-store.ts';
import { tallyFigures } from '#services/ingest/ledger.ts';
import type { SequenceState } from '#services/ingest/sequence.ts';

/** Who holds which row, and who waits for whom. */
export class Locks {
  readonly held = new Map<string, Transaction>();

  begin(committed: Committed): Transaction {
    return new Transaction(this, committed);
  }
}

interface StagedRow {
  readonly key: string;
  readonly value: number;
  readonly quality: number;
  readonly ord: number;
}

const postgresEpochUs = 946_684_800_000_000n;

/** One transaction: what it has written is its own until it commits, and what it has locked others wait for. */
export class Transaction {
  readonly #locks: Locks;
  readonly #committed: Committed;
  readonly #mine = new Set<string>();
  #readings = new Map<string, Row>();
  #saved = new Map<string, Row>();
  readonly #taken = new Set<number>();
  #staged: StagedRow[] = [];
  #atCommit: (() => void)[] = [];
  #waitsFor: Transaction | null = null;
  #over = Promise.withResolvers<void>();
  #isOver = false;
  isFailed = false;

  constructor(locks: Locks, committed: Committed) {
    this.#locks = locks;
    this.#committed = committed;
  }

  commit(): void {
    for (const [key, row] of this.#readings) this.#committed.readings.set(key, row);
    for (const apply of this.#atCommit) apply();
    this.end();
  }

  /** Lets go of everything; without a commit before, nothing was. */
  end(): void {
    this.#isOver = true;
    for (const key of this.#mine) this.#locks.held.delete(key);
    this.#over.resolve();
  }

  run(name: string, values: readonly unknown[], bytes: Buffer | null): Promise<Result> | Result {
    switch (name) {
      case 'savepoint staged':
        this.#saved = new Map(this.#readings);
        return affected(0);
      case 'rollback to savepoint staged':
        this.#readings = this.#saved;
        return affected(0);
      case 'claim-flush':
        return this.#claim(values);
      case 'copy reading':
        return this.#copyReadings(decodeRows(bytes));
      case 'copy staged':
        this.#staged = decodeRows(bytes);
        return affected(0);
      case 'read-standing':
        return { rows: this.#standing(), rowCount: 0 };
      case 'read-superseded':
        return { rows: this.#superseded(values[0] as number[]), rowCount: 0 };
      case 'insert-staged':
        return this.#insertNew(this.#staged);
      case 'judge-late':
        return this.#judgeLate(values[0] as number[], values[4] as string[]);
      case 'insert-late':
        return this.#insertNew(lateRows(parsed(values[0])));
      case 'update-late':
      case 'update-readings':
        return this.#update(parsed(values[0]));
      case 'insert-corrections':
        return this.#journal(parsed(values[0]));
      case 'upsert-revisions':
        return this.#revise(parsed(values[0]));
      case 'add-to-ledger':
        return this.#addToLedger(Number(values[0]), parsed(values[1]), parsed(values[2]));
      default:
        return this.#writeBooks(name, values);
    }
  }

  async #addToLedger(
    lane: number,
    rows: readonly object[],
    refused: readonly { source: string; count: number }[],
  ): Promise<Result> {
    for (const row of rows as readonly Record<string, unknown>[]) {
      const key = `${String(row['source'])}/${lane}`;
      await this.#lock(`ledger/${key}`);
      this.#atCommit.push(() => {
        const sums = this.#committed.ledger.get(key) ?? {};
        for (const figure of tallyFigures) sums[figure] = (sums[figure] ?? 0) + Number(row[figure]);
        this.#committed.ledger.set(key, sums);
      });
    }
    const { rejected } = this.#committed;
    this.#atCommit.push(() => {
      for (const { source, count } of refused) rejected.set(source, (rejected.get(source) ?? 0) + count);
    });
    return affected(rows.length);
  }

  async #writeBooks(name: string, values: readonly unknown[]): Promise<Result> {
    const { rejections, discoveries } = this.#committed;
    switch (name) {
      case 'insert-rejections': {
        const rows = parsed<{ payload: string }>(values[0]);
        this.#atCommit.push(() => rejections.push(...rows.map(({ payload }) => fromBase64(payload))));
        return affected(rows.length);
      }
      case 'insert-discoveries': {
        const rows = parsed<{ payload: string }>(values[0]);
        this.#atCommit.push(() => discoveries.push(...rows.map(({ payload }) => fromBase64(payload))));
        return affected(rows.length);
      }
      case 'hear-sequences':
      case 'take-heard':
      case 'hold-sequences':
      case 'lock-sequences':
      case 'write-sequences':
        return this.#keepSequences(name, values);
      case 'insert-dirty-buckets':
        return this.#markDirty(values as [number[], (string | null)[]]);
      case 'insert-events':
        return this.#insertEvents(parsed(values[0]));
      case 'hold-late-days':
      case 'open-late-days':
      case 'insert-late-entries':
      case 'insert-late-arrivals':
      case 'upsert-statuses':
      case 'evict-by-device':
        return affected(0);
      default:
        throw new Error(
          `The fake database does not know ${name}: teach it in test/simulation/fake-transactions.ts`,
        );
    }
  }

  async #keepSequences(name: string, values: readonly unknown[]): Promise<Result> {
    const { sequences } = this.#committed;
    if (name === 'hear-sequences') return this.#hear(values as string[]);
    if (name === 'hold-sequences') return { rows: [{ isHeld: this.#holdAlone('sequences') }], rowCount: 1 };
    if (name === 'take-heard') return this.#takeHeard(Number(values[0]));
    if (name === 'write-sequences') {
      const rows = parsed<{ device_id: string } & SequenceState>(values[0]);
      this.#atCommit.push(() => {
        for (const { device_id: id, ...state } of rows) sequences.set(id, state);
      });
      return affected(rows.length);
    }
    const ids = values[0] as string[];
    for (const id of ids) await this.#lock(`sequence/${id}`);
    const rows = ids.flatMap((deviceId) => {
      const state = sequences.get(deviceId);
      return state === undefined ? [] : [{ deviceId, ...structuredClone(state) }];
    });
    return { rows, rowCount: rows.length };
  }

  #hear([source = '', devices = '', ...arrays]: string[]): Result {
    const [seqs = '', times = '', arrived = ''] = arrays.map((array) => array.slice(1, -1));
    const { heard, numbers } = this.#committed;
    const id = ++this.#committed.heardRows;
    const ids = devices.split(',');
    this.#atCommit.push(() => {
      heard.set(id, { source, devices, seqs, times, arrived });
      for (const [index, seq] of seqs.split(',').entries()) {
        const number = `${ids[index] ?? ''}/${seq}`;
        numbers.set(number, (numbers.get(number) ?? 0) + 1);
      }
    });
    return affected(1);
  }

  #takeHeard(most: number): Result {
    const { heard } = this.#committed;
    const rows = [...heard].filter(([id]) => !this.#taken.has(id)).slice(0, most);
    for (const [id] of rows) {
      this.#taken.add(id);
      this.#atCommit.push(() => heard.delete(id));
    }
    return { rows: rows.map(([id, row]) => ({ id, ...row })), rowCount: rows.length };
  }

  /** As pg_try_advisory_xact_lock. */
  #holdAlone(key: string): boolean {
    if (this.#locks.held.has(key)) return false;
    this.#locks.held.set(key, this);
    this.#mine.add(key);
    return true;
  }

  #markDirty([buckets, points]: [number[], (string | null)[]]): Result {
    const rows = buckets.map((bucketMs, index) => {
      const ids = points[index] ?? null;
      return { bucketMs, pointIds: ids === null ? null : ids.slice(1, -1).split(',').map(Number) };
    });
    this.#atCommit.push(() => this.#committed.dirty.push(...rows));
    return affected(rows.length);
  }

  async #insertEvents(rows: readonly Record<string, string>[]): Promise<Result> {
    const { events } = this.#committed;
    const counts = new Map<string, number>();
    const added = new Set<string>();
    for (const row of rows) {
      const key = [row['device_id'], row['time'], row['type'], row['key']].join('|');
      await this.#lock(`event/${key}`);
      if (events.has(key) || added.has(key)) continue;
      added.add(key);
      counts.set(row['source'] ?? '', (counts.get(row['source'] ?? '') ?? 0) + 1);
    }
    this.#atCommit.push(() => added.forEach((key) => events.add(key)));
    return { rows: [...counts].map(([source, count]) => ({ source, count })), rowCount: added.size };
  }

  async #claim([writer, lane, flush]: readonly unknown[]): Promise<Result> {
    const key = `${String(writer)}/${String(lane)}`;
    await this.#lock(`flush/${key}`);
    if ((this.#committed.flushes.get(key) ?? 0) >= Number(flush)) return affected(0);
    this.#atCommit.push(() => this.#committed.flushes.set(key, Number(flush)));
    return affected(1);
  }

  async #copyReadings(rows: readonly StagedRow[]): Promise<Result> {
    for (const { key, value, quality } of rows) {
      await this.#lock(key);
      if (this.#find(key) !== undefined) throw new DatabaseError('23505', `duplicate key ${key}`);
      this.#readings.set(key, { value, quality, rev: 0 });
    }
    return affected(rows.length);
  }

  /** Those that do not stand as staged. */
  #standing(): object[] {
    return this.#staged.flatMap(({ key, ord, value, quality }): object[] => {
      const row = this.#find(key);
      if (row === undefined) return [{ ord, value: null, quality: null, rev: 0 }];
      return row.value === value && row.quality === quality && row.rev === 0 ? [] : [{ ord, ...row }];
    });
  }

  #superseded(ords: readonly number[]): object[] {
    return this.#staged
      .filter(({ ord }) => ords.includes(ord))
      .flatMap(({ key, ord }) =>
        this.#committed.corrections
          .filter((correction) => correction.key === key)
          .map((correction) => ({ ord, ...correction.old })),
      );
  }

  /** No day beyond the horizon has received anything but late readings here, which stand among all others. */
  /** Of each point's day the times asked for, as the text of an array. */
  #judgeLate(pointIds: readonly number[], times: readonly string[]): Result {
    const asked = pointIds.flatMap((pointId, day) =>
      (times[day] ?? '')
        .slice(1, -1)
        .split(',')
        .map((time, key) => ({ pointId, day, key, time })),
    );
    const rows = asked.map(({ pointId, time, ...place }) => {
      const key = keyOf({ point_id: pointId, time });
      const row = this.#find(key);
      const replaced = this.#committed.corrections.filter((correction) => correction.key === key);
      const superseded = replaced.map((correction) => correction.old);
      const standing = row ?? { value: null, quality: null, rev: 0 };
      return { ...place, isOpen: false, isReceived: false, ...standing, superseded };
    });
    return { rows, rowCount: rows.length };
  }

  async #insertNew(rows: readonly StagedRow[]): Promise<Result> {
    let inserted = 0;
    for (const { key, value, quality } of rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      await this.#lock(key);
      if (this.#find(key) !== undefined) continue;
      this.#readings.set(key, { value, quality, rev: 0 });
      inserted++;
    }
    return affected(inserted);
  }

  async #update(changes: readonly ChangeRow[]): Promise<Result> {
    let changed = 0;
    for (const change of changes) {
      const key = keyOf(change);
      await this.#lock(key);
      const row = this.#find(key);
      if (row === undefined || row.value !== change.old_value || row.quality !== change.old_quality) continue;
      this.#readings.set(key, { value: change.new_value, quality: change.new_quality, rev: row.rev });
      changed++;
    }
    return affected(changed);
  }

  #journal(changes: readonly (ChangeRow & { rev: number })[]): Result {
    const entries = changes.map((change): Corrected => ({
      key: keyOf(change),
      old: { value: change.old_value, quality: change.old_quality },
      new: { value: change.new_value, quality: change.new_quality },
      rev: change.rev,
    }));
    this.#atCommit.push(() => this.#committed.corrections.push(...entries));
    return affected(entries.length);
  }

  #revise(rows: readonly { point_id: number; time: string; rev: number }[]): Result {
    for (const row of rows) {
      const key = keyOf(row);
      const standing = this.#find(key);
      if (standing !== undefined)
        this.#readings.set(key, { ...standing, rev: Math.max(standing.rev, row.rev) });
    }
    return affected(rows.length);
  }

  #find(key: string): Row | undefined {
    return this.#readings.get(key) ?? this.#committed.readings.get(key);
  }

  /** Waits for whoever has it; two that would wait for each other are told apart by an error. */
  async #lock(key: string): Promise<void> {
    for (let holder = this.#locks.held.get(key); holder !== undefined && holder !== this;) {
      for (let next: Transaction | null = holder; next !== null; next = next.#waitsFor) {
        if (next === this) throw new DatabaseError('40P01', 'deadlock detected');
      }
      this.#waitsFor = holder;
      await holder.#over.promise;
      this.#waitsFor = null;
      if (this.#isOver) throw new DatabaseError('57P01', 'terminating connection');
      holder = this.#locks.held.get(key);
    }
    this.#locks.held.set(key, this);
    this.#mine.add(key);
  }
}

interface ChangeRow {
  readonly point_id: number;
  readonly time: string;
  readonly old_value: number;
  readonly old_quality: number;
  readonly new_value: number;
  readonly new_quality: number;
}

function parsed<T>(json: unknown): T[] {
  return JSON.parse(String(json)) as T[];
}

function lateRows(
  rows: readonly { point_id: number; time: string; value: number; quality: number }[],
): StagedRow[] {
  return rows.map((row, ord) => ({ key: keyOf(row), value: row.value, quality: row.quality, ord }));
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

function keyOf({ point_id: pointId, time }: { point_id: number; time: string }): string {
  const micros = Number(time.slice(-4, -1));
  return `${pointId}/${Date.parse(`${time.slice(0, -4)}Z`) * 1000 + micros}`;
}

/** The rows of a binary COPY, as services/ingest/copy-rows.ts writes them. */
function decodeRows(bytes: Buffer | null): StagedRow[] {
  const rows: StagedRow[] = [];
  if (bytes === null) return rows;
  const headerBytes = 19;
  for (let at = headerBytes; bytes.readInt16BE(at) !== -1;) {
    const fields = bytes.readInt16BE(at);
    const us = bytes.readBigInt64BE(at + 6) + postgresEpochUs;
    const pointId = bytes.readInt32BE(at + 30);
    const ord = fields === 5 ? bytes.readInt32BE(at + 44) : rows.length;
    rows.push({
      key: `${pointId}/${us}`,
      value: bytes.readDoubleBE(at + 18),
      quality: bytes.readInt16BE(at + 38),
      ord,
    });
    at += fields === 5 ? 48 : 40;
  }
  return rows;
}
