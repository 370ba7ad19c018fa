import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import { endJudging, type Judgement, type NotRaised } from './judge.ts';
import { watchKey } from './plan.ts';
import type { StoredState } from './state-store.ts';
import type { OccurrenceChange } from './transition-store.ts';
import { deviceOf, limitOf, rowOf, type StateRow, type Watch } from './watch.ts';

/** What is to be committed together: the changes of an object and its state. */
export interface Uncommitted {
  readonly key: string;
  readonly changes: readonly OccurrenceChange[];
  readonly notRaised: readonly NotedExcursion[];
  readonly row: StateRow;
}

export interface NotedExcursion extends NotRaised {
  readonly ruleId: string;
  readonly object: string;
}

interface Noted {
  readonly changes: OccurrenceChange[];
  readonly notRaised: NotedExcursion[];
  /** Of an object that is no longer watched: its row goes with its last change. */
  ended: StateRow | null;
}

/** What was judged and does not stand in the database yet; in memory, no input or output. */
export class CommitBook {
  readonly #watches: ReadonlyMap<string, Watch>;
  readonly #uncommitted = new Map<string, Noted>();
  /** Judged further than the stored state: what must be stored soon, and what only went on in time. */
  readonly #urgent = new Set<Watch>();
  readonly #dirty = new Set<Watch>();

  /** @param watches what is watched, by {@link watchKey} */
  constructor(watches: ReadonlyMap<string, Watch>) {
    this.#watches = watches;
  }

  /** The state only went on in time. */
  wentOn(watch: Watch): void {
    this.#dirty.add(watch);
  }

  /** The state is another one than before. */
  changed(watch: Watch): void {
    this.#urgent.add(watch);
  }

  /** Its state needs no storing any more. */
  forget(watch: Watch): void {
    this.#urgent.delete(watch);
    this.#dirty.delete(watch);
  }

  /** Keeps what a judgement changed until it is committed. */
  note(watch: Watch, { changes, notRaised }: Judgement): void {
    const noted: Noted = this.#uncommitted.get(watch.key) ?? { changes: [], notRaised: [], ended: null };
    this.#uncommitted.set(watch.key, noted);
    const { rule, pointId, deviceId, severity, judged } = watch.plan;
    const named = { ruleId: rule.body.id, object: watch.object };
    for (const change of changes) {
      if (change.kind === 'raised') watch.raisedVersion = rule.version;
      noted.changes.push({
        ...change,
        ...named,
        ruleVersion: watch.raisedVersion,
        deviceId,
        pointId,
        severity: change.severity ?? severity,
        limit: limitOf(judged.condition),
      });
    }
    if (notRaised !== undefined) noted.notRaised.push({ ...notRaised, ...named });
  }

  /** The last of an object that is watched no longer. */
  noteEnd(watch: Watch, judgement: Judgement): void {
    this.note(watch, judgement);
    const noted = this.#uncommitted.get(watch.key);
    if (noted !== undefined) noted.ended = { ...rowOf(watch), ended: true };
  }

  /** The last of an object that is known only by what was stored of it. */
  noteStoredEnd(stored: StoredState, facts: AlarmFacts, nowMs: number): void {
    const { ruleId, ruleVersion, object } = stored;
    const { changes } = endJudging(stored.state, facts, nowMs);
    this.#uncommitted.set(watchKey(ruleId, object), {
      changes: changes.map((change) => ({
        ...change,
        ruleId,
        ruleVersion,
        object,
        deviceId: deviceOf(object),
        pointId: null,
        severity: 'low',
        limit: null,
      })),
      notRaised: [],
      ended: { ...stored, ended: true },
    });
  }

  /** What is to be committed, oldest first; all changes of an object go with its state. */
  uncommitted(limit: number): Uncommitted[] {
    return this.#uncommitted
      .entries()
      .take(limit)
      .map(([key, { changes, notRaised, ended }]) => {
        const watch = this.#watches.get(key);
        const row = watch === undefined ? ended : rowOf(watch);
        if (row === null) throw new Error(`Nothing is known of ${key}, which changed`);
        return { key, changes, notRaised, row };
      })
      .toArray();
  }

  hasUncommitted(): boolean {
    return this.#uncommitted.size > 0;
  }

  /** States to store: first those that more than time has changed, then those that wait longest. */
  dirty(limit: number): StateRow[] {
    const urgent = this.#urgent.values().take(limit).toArray();
    const rest = this.#dirty.values().take(limit - urgent.length);
    return [...new Set([...urgent, ...rest])].map((watch) => rowOf(watch));
  }

  /** What stands in the database now. */
  committed(rows: readonly StateRow[]): void {
    for (const row of rows) {
      const key = watchKey(row.ruleId, row.object);
      this.#uncommitted.delete(key);
      const watch = this.#watches.get(key);
      if (watch !== undefined) this.forget(watch);
    }
  }
}
