import { ownState, type OwnState } from './calm.ts';
import { dueOf, type JudgeState } from './judge.ts';
import { pointsOf, type PlannedWatch } from './plan.ts';
import type { StoredState } from './state-store.ts';

/** One rule at one object, with where its judging stands. */
export interface Watch {
  readonly key: string;
  readonly object: string;
  plan: PlannedWatch;
  /** The version that raised what is active. */
  raisedVersion: number;
  state: JudgeState;
  /** The state, once it is this watch's alone: then calm samples move it on in place. */
  own: OwnState | null;
}

/** A stored state to write, or to take away. */
export interface StateRow extends StoredState {
  readonly ended: boolean;
}

/** A value of a point as a watch takes it: of a combination by its place. */
export interface Seat {
  readonly watch: Watch;
  readonly of: number | undefined;
}

/** The device an object is of: before `#`, before the metric. */
export function deviceOf(object: string): string {
  return object.split(/[#.]/, 1)[0] ?? object;
}

export function endedOf({ plan }: Watch): { ruleId: string; deviceId: string } {
  return { ruleId: plan.rule.body.id, deviceId: plan.deviceId };
}

export function judgedOf({ plan, object }: Watch): PlannedWatch['judged'] {
  const { judged } = plan;
  return judged.condition.kind === 'reported'
    ? { ...judged, key: object.slice(object.indexOf('#') + 1) }
    : judged;
}

export function samePoints(one: PlannedWatch, other: PlannedWatch): boolean {
  return pointsOf(one).join() === pointsOf(other).join();
}

export function handledOf({ watch, of }: Seat): number | null {
  return of === undefined ? watch.state.handledToMs : (watch.state.inputs?.[of]?.handledToMs ?? null);
}

export function rowOf(watch: Watch): StateRow {
  const { state, plan, object } = watch;
  const isActive = state.phase === 'active' || state.phase === 'clearing';
  return {
    ruleId: plan.rule.body.id,
    object,
    // While something is active, the one that raised it.
    ruleVersion: isActive ? watch.raisedVersion : plan.rule.version,
    judged: plan.digest,
    // As it is now: the watch may go on in place.
    state: ownState(state),
    ended: false,
  };
}

/** No delay is longer than the rule says: a clock that was set meanwhile must not hold it up. */
export function clamped(state: JudgeState, { judged }: PlannedWatch, nowMs: number): JudgeState {
  if (state.dueMs === null) return state;
  const { condition } = judged;
  const delays = [
    'onDelayMs' in condition ? condition.onDelayMs : 0,
    'offDelayMs' in condition ? condition.offDelayMs : 0,
    'noDataMs' in condition ? condition.noDataMs : 0,
    'clearAfterMs' in condition ? condition.clearAfterMs : 0,
    60_000,
  ];
  return { ...state, dueMs: Math.min(state.dueMs, nowMs + Math.max(...delays)) };
}

/** The figure that was reached, where the rule has one. */
export function limitOf(condition: PlannedWatch['judged']['condition']): number | null {
  if (condition.kind === 'count') return condition.count;
  return 'limit' in condition ? condition.limit : null;
}

/** Watches with a timer, and when the first of them is due. */
export class Timers {
  readonly #watches = new Set<Watch>();
  #soonestMs = Infinity;

  /** No timer is due before; null when none runs. Readings move timers on, so it may be too early, never too late. */
  get nextDueMs(): number | null {
    return this.#watches.size === 0 || this.#soonestMs === Infinity ? null : this.#soonestMs;
  }

  set(watch: Watch): void {
    const dueMs = dueOf(watch.state);
    if (dueMs === null) {
      this.#watches.delete(watch);
      return;
    }
    this.#watches.add(watch);
    if (dueMs < this.#soonestMs) this.#soonestMs = dueMs;
  }

  delete(watch: Watch): void {
    this.#watches.delete(watch);
  }

  /** Those that are due; it looks through all of them only when one may be. */
  due(nowMs: number): Watch[] {
    if (this.#soonestMs > nowMs) return [];
    const due: Watch[] = [];
    this.#soonestMs = Infinity;
    for (const watch of this.#watches) {
      const dueMs = dueOf(watch.state);
      if (dueMs === null) continue;
      this.#soonestMs = Math.min(this.#soonestMs, dueMs);
      if (dueMs <= nowMs) due.push(watch);
    }
    return due;
  }

  values(): SetIterator<Watch> {
    return this.#watches.values();
  }
}
