import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import { mayPass, ownState, passCalmly } from './calm.ts';
import { CommitBook } from './commit-book.ts';
import { evaluate } from './evaluate.ts';
import { endJudging, initialState, standingMs, type JudgedSample, type JudgeInput } from './judge.ts';
import type { EventMeaning } from './event-meaning.ts';
import { pointsOf, seatsOf, watchKey, type PlannedWatch } from './plan.ts';
import type { StoredState } from './state-store.ts';
import {
  clamped,
  deviceOf,
  endedOf,
  handledOf,
  judgedOf,
  samePoints,
  Timers,
  type Seat,
  type Watch,
} from './watch.ts';

/** A reading that was committed. */
export interface CommittedReading extends JudgedSample {
  readonly pointId: number;
}

/** Why something is watched no longer as it was. */
export type WhyEnded = (
  ended: { readonly ruleId: string; readonly deviceId: string },
  planned: PlannedWatch | undefined,
) => AlarmFacts;

interface Replanning {
  readonly why: WhyEnded;
  /** The newest onset of what is watched anew, by {@link watchKey}: a later occurrence has a later one. */
  readonly onsets: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

/** Alarms that one device may report at a time; it may as well send rubbish. */
const reportedPerDevice = 1_000;

/** Who is watched, and how far each has been judged; in memory, no input or output. */
export class WatchBook {
  readonly #watches = new Map<string, Watch>();
  readonly #byPoint = new Map<number, Seat[]>();
  /** Of rules that wait for events: watches come with the first of them. */
  readonly #byDevice = new Map<string, PlannedWatch[]>();
  readonly #reported = new Map<string, number>();
  readonly #restored = new Map<string, StoredState>();
  readonly #timers = new Timers();
  /** What the judgements brought and is not committed yet. */
  readonly pending = new CommitBook(this.#watches);
  /** The sample that is judged just now: one place for all, since an object for each would be garbage at once. */
  readonly #sample = { of: undefined as number | undefined, timeMs: NaN, value: NaN, quality: 0, nowMs: NaN };

  get size(): number {
    return this.#watches.size;
  }

  /** Takes up a state that was stored; {@link replan} finds out whether it is still judged so. */
  restore(stored: StoredState): void {
    this.#restored.set(watchKey(stored.ruleId, stored.object), stored);
  }

  /**
   * Goes over to what the rules in force watch: ends what they do not, with the reason, keeps what they judge alike.
   * A new watch knows no reading yet: see {@link unprimed}.
   */
  replan(planned: ReadonlyMap<string, PlannedWatch>, { why, onsets, nowMs }: Replanning): void {
    const planOf = (ruleId: string, object: string) =>
      planned.get(watchKey(ruleId, object)) ?? planned.get(watchKey(ruleId, deviceOf(object)));
    for (const watch of this.#watches.values()) {
      const plan = planOf(watch.plan.rule.body.id, watch.object);
      if (plan?.digest === watch.plan.digest) this.#carryOn(watch, plan);
      else this.#end(watch, why(endedOf(watch), plan), nowMs);
    }
    for (const [key, stored] of this.#restored) {
      const plan = planOf(stored.ruleId, stored.object);
      if (plan !== undefined && plan.digest === stored.judged) this.#takeUp(key, stored, { plan, nowMs });
      else {
        const facts = why({ ruleId: stored.ruleId, deviceId: deviceOf(stored.object) }, plan);
        this.pending.noteStoredEnd(stored, facts, nowMs);
      }
    }
    this.#restored.clear();
    this.#byDevice.clear();
    for (const [key, plan] of planned) {
      const { kind } = plan.judged.condition;
      if (kind === 'event' || kind === 'reported') {
        const ofDevice = this.#byDevice.get(plan.deviceId);
        if (ofDevice === undefined) this.#byDevice.set(plan.deviceId, [plan]);
        else ofDevice.push(plan);
      } else if (!this.#watches.has(key)) {
        const state = { ...initialState, onsetMs: onsets.get(key) ?? null };
        const watch = this.#add(plan.object, plan, { raisedVersion: plan.rule.version, state });
        this.#judge(watch, { kind: 'listening' }, nowMs);
        this.pending.changed(watch);
      }
    }
  }

  /** What a plan would watch anew. */
  unknown(planned: ReadonlyMap<string, PlannedWatch>): PlannedWatch[] {
    return planned
      .entries()
      .filter(([key, plan]) => {
        const digest = this.#watches.get(key)?.plan.digest ?? this.#restored.get(key)?.judged;
        return digest !== plan.digest;
      })
      .map(([, plan]) => plan)
      .toArray();
  }

  /** From now on we listen, after a time in which we did not: silence before proves nothing. */
  listen(nowMs: number): void {
    for (const watch of this.#watches.values()) this.#judge(watch, { kind: 'listening' }, nowMs);
  }

  /** Our clock was set: what runs on it goes on as long as it had left. */
  shift(byMs: number): void {
    for (const watch of this.#timers.values()) {
      const { dueMs } = watch.state;
      if (dueMs === null) continue;
      watch.state = { ...watch.state, dueMs: dueMs + byMs };
      this.pending.changed(watch);
      this.#timers.set(watch);
    }
  }

  isWatched(pointId: number): boolean {
    return this.#byPoint.has(pointId);
  }

  /**
   * Judges a reading by every rule that watches its point.
   * @returns how many those are
   */
  sample(reading: CommittedReading, nowMs: number): number {
    const seats = this.#byPoint.get(reading.pointId);
    if (seats === undefined) return 0;
    const sample = this.#sample;
    sample.timeMs = reading.timeMs;
    sample.value = reading.value;
    sample.quality = reading.quality;
    sample.nowMs = nowMs;
    for (const { watch, of } of seats) {
      sample.of = of;
      this.#take(watch);
    }
    return seats.length;
  }

  /** Judges the newest reading by a rule that knows none yet. */
  prime({ watch, of }: Seat, reading: CommittedReading, nowMs: number): void {
    const { timeMs, value, quality } = reading;
    const sample = { kind: 'sample', timeMs, value, quality } as const;
    if (this.#watches.get(watch.key) === watch) {
      this.#judge(watch, of === undefined ? sample : { ...sample, of }, nowMs);
    }
  }

  /** What rules wait for of a device. */
  waiting(deviceId: string): readonly PlannedWatch[] {
    return this.#byDevice.get(deviceId) ?? [];
  }

  /** Types of events that rules wait for; empty when none does. */
  awaited(): { readonly events: Set<string>; readonly reported: boolean } {
    const events = new Set<string>();
    let reported = false;
    for (const { judged } of this.#byDevice.values().flatMap((plans) => plans)) {
      if (judged.condition.kind === 'reported') reported = true;
      if (judged.condition.kind !== 'event') continue;
      events.add(judged.condition.type);
      if (judged.condition.clearType !== undefined) events.add(judged.condition.clearType);
    }
    return { events, reported };
  }

  /** Judges what happened at a device by one of the rules that wait for it. */
  happened(plan: PlannedWatch, { object, input }: EventMeaning, nowMs: number): void {
    let watch = this.#watches.get(watchKey(plan.rule.body.id, object));
    if (watch === undefined) {
      // What nobody knows cannot end.
      if (input.isEnd || (this.#reported.get(plan.deviceId) ?? 0) >= reportedPerDevice) return;
      watch = this.#add(object, plan, { raisedVersion: plan.rule.version, state: initialState });
    }
    this.#judge(watch, input, nowMs);
  }

  /** Runs the timers that are due. */
  tick(nowMs: number): void {
    for (const watch of this.#timers.due(nowMs)) this.#judge(watch, { kind: 'timer' }, nowMs);
  }

  /** Points with a timer that is due; null when none is. */
  duePoints(nowMs: number): Set<number> | null {
    const due = this.#timers.due(nowMs);
    return due.length === 0 ? null : new Set(due.flatMap((watch) => pointsOf(watch.plan)));
  }

  /** No timer is due before; null when none runs. */
  nextDueMs(): number | null {
    return this.#timers.nextDueMs;
  }

  /** Points with how far all their rules have judged. */
  handled(wanted: (pointId: number) => boolean): { pointId: number; handledToMs: number }[] {
    const found: { pointId: number; handledToMs: number }[] = [];
    for (const [pointId, seats] of this.#byPoint) {
      if (!wanted(pointId)) continue;
      let handledToMs = Infinity;
      for (const seat of seats) handledToMs = Math.min(handledToMs, handledOf(seat) ?? Infinity);
      if (handledToMs !== Infinity) found.push({ pointId, handledToMs });
    }
    return found;
  }

  /** Watches that have judged nothing yet, by point. */
  unprimed(wanted: (pointId: number) => boolean): Map<number, Seat[]> {
    const found = new Map<number, Seat[]>();
    for (const [pointId, seats] of this.#byPoint) {
      if (!wanted(pointId)) continue;
      const unprimed = seats.filter((seat) => handledOf(seat) === null);
      if (unprimed.length > 0) found.set(pointId, unprimed);
    }
    return found;
  }

  /** Whether an alarm of silence is active. */
  hasSilent(): boolean {
    return this.#watches
      .values()
      .some(({ state, plan }) => state.phase === 'active' && plan.judged.condition.kind === 'stale');
  }

  /** Forgets events that are long over. */
  prune(nowMs: number): void {
    for (const watch of this.#watches.values()) {
      const { kind } = watch.plan.judged.condition;
      const { phase, lastMs } = watch.state;
      if ((kind !== 'event' && kind !== 'reported') || phase !== 'normal') continue;
      if (nowMs - (lastMs ?? nowMs) > standingMs) this.#end(watch, { code: 'not-watched' }, nowMs);
    }
  }

  #take(watch: Watch): void {
    const { judged } = watch.plan;
    if (mayPass(judged, watch.state)) {
      if (watch.own !== watch.state) watch.state = watch.own = ownState(watch.state);
      if (passCalmly(judged, watch.own, this.#sample)) {
        this.pending.wentOn(watch);
        return;
      }
    }
    this.#judgeAt(watch, { kind: 'sample', ...this.#sample });
  }

  #judge(watch: Watch, input: JudgeInput, nowMs: number): void {
    this.#judgeAt(watch, { ...input, nowMs });
  }

  #judgeAt(watch: Watch, input: JudgeInput & { readonly nowMs: number }): void {
    const { state, changes, notRaised } = evaluate(judgedOf(watch), watch.state, input);
    const before = watch.state;
    if (state === before && notRaised === undefined) return;
    watch.state = state;
    const isUrgent =
      state.phase !== before.phase || state.sinceMs !== before.sinceMs || before.handledToMs === null;
    if (isUrgent) this.pending.changed(watch);
    else this.pending.wentOn(watch);
    if (state.dueMs !== before.dueMs || state.boundaryMs !== before.boundaryMs) this.#timers.set(watch);
    if (changes.length > 0 || notRaised !== undefined)
      this.pending.note(watch, { state, changes, notRaised });
  }

  #end(watch: Watch, facts: AlarmFacts, nowMs: number): void {
    const judgement = endJudging(watch.state, facts, nowMs);
    watch.state = judgement.state;
    this.#remove(watch);
    this.pending.noteEnd(watch, judgement);
  }

  #takeUp(
    key: string,
    { object, ruleVersion, state }: StoredState,
    { plan, nowMs }: { readonly plan: PlannedWatch; readonly nowMs: number },
  ): void {
    const watch = this.#add(object, plan, { raisedVersion: ruleVersion, state: clamped(state, plan, nowMs) });
    if (ruleVersion !== plan.rule.version) this.pending.changed(watch);
    if (key !== watch.key) throw new Error(`The state of ${key} was stored under another name`);
  }

  #carryOn(watch: Watch, plan: PlannedWatch): void {
    const isSame = watch.plan.rule.version === plan.rule.version && samePoints(watch.plan, plan);
    if (samePoints(watch.plan, plan)) {
      watch.plan = plan;
    } else {
      this.#remove(watch);
      this.#add(watch.object, plan, { raisedVersion: watch.raisedVersion, state: watch.state });
    }
    if (!isSame) this.pending.changed(this.#watches.get(watch.key) ?? watch);
  }

  #add(object: string, plan: PlannedWatch, from: Pick<Watch, 'raisedVersion' | 'state'>): Watch {
    const watch: Watch = { key: watchKey(plan.rule.body.id, object), object, plan, own: null, ...from };
    this.#watches.set(watch.key, watch);
    for (const { pointId, of } of seatsOf(plan)) {
      const seats = this.#byPoint.get(pointId);
      if (seats === undefined) this.#byPoint.set(pointId, [{ watch, of }]);
      else seats.push({ watch, of });
    }
    if (object.includes('#')) this.#reported.set(plan.deviceId, (this.#reported.get(plan.deviceId) ?? 0) + 1);
    this.#timers.set(watch);
    return watch;
  }

  #remove(watch: Watch): void {
    this.#watches.delete(watch.key);
    this.#timers.delete(watch);
    this.pending.forget(watch);
    for (const pointId of pointsOf(watch.plan)) {
      const left = (this.#byPoint.get(pointId) ?? []).filter((seat) => seat.watch !== watch);
      if (left.length === 0) this.#byPoint.delete(pointId);
      else this.#byPoint.set(pointId, left);
    }
    const { deviceId } = watch.plan;
    if (watch.object.includes('#')) this.#reported.set(deviceId, (this.#reported.get(deviceId) ?? 1) - 1);
  }
}
