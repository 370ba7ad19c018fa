import { deviceClasses } from '#schemas/device-classes/index.ts';
import { evaluate } from './evaluate.ts';
import {
  initialState,
  type AlarmChange,
  type JudgedRule,
  type JudgedSample,
  type JudgeInput,
  type JudgeState,
} from './judge.ts';
import type { AlarmCondition, AlarmTarget } from '#schemas/alarm.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { NamedPoints, RuleVersion, StoredState, WatchedPoint } from './state-store.ts';
import type { OccurrenceChange } from './transition-store.ts';

/** A reading that was committed. */
export interface CommittedReading extends JudgedSample {
  readonly pointId: number;
}

/** One rule at one point, with where its judging stands. */
export interface Watch {
  readonly pointId: number;
  rule: RuleVersion;
  readonly judged: JudgedRule;
  /** The version that raised what is active. */
  raisedVersion: number;
  state: JudgeState;
  /** Judged further than the stored state. */
  dirty: boolean;
  /** No longer watched: its row goes with its last transition. */
  ended: boolean;
}

/** What the rules in force watch, by `rule id, point id`. */
export interface PlannedWatch {
  readonly rule: RuleVersion;
  readonly point: WatchedPoint;
}

/** Every enabled rule at every point it names. */
export function planWatches(
  rules: readonly RuleVersion[],
  points: readonly WatchedPoint[],
): Map<string, PlannedWatch> {
  const byKey = new Map(points.map((point) => [point.key, [point]]));
  const byClassMetric = Map.groupBy(points, (point) => `${point.deviceClass}/${point.metric}`);
  const bySpaceMetric = new Map<string, WatchedPoint[]>();
  for (const point of points) {
    for (const named of point.spaceMetrics) {
      const list = bySpaceMetric.get(named);
      if (list === undefined) bySpaceMetric.set(named, [point]);
      else list.push(point);
    }
  }
  const planned = new Map<string, PlannedWatch>();
  for (const rule of rules) {
    if (!rule.body.enabled) continue;
    const { keys, classMetrics, spaceMetrics } = namedBy([rule.body.target]);
    const named = [
      ...keys.flatMap((key) => byKey.get(key) ?? []),
      ...classMetrics.flatMap((key) => byClassMetric.get(key) ?? []),
      ...spaceMetrics.flatMap((key) => bySpaceMetric.get(key) ?? []),
    ];
    for (const point of named) planned.set(watchKey(rule.body.id, point.pointId), { rule, point });
  }
  return planned;
}

/** What targets name, as the store looks it up. */
export function namedBy(targets: readonly AlarmTarget[]): NamedPoints {
  const keys: string[] = [];
  const classMetrics: string[] = [];
  const spaceMetrics: string[] = [];
  for (const target of targets) {
    if ('point' in target) keys.push(target.point);
    else if ('device' in target) keys.push(`${target.device}.${target.metric}`);
    else if ('space' in target) spaceMetrics.push(`${target.space}/${target.deviceClass}/${target.metric}`);
    else classMetrics.push(`${target.deviceClass}/${target.metric}`);
  }
  return { keys, classMetrics, spaceMetrics };
}

/** A rule as the judge knows it, at a point of this metric. */
export function judgedRule(condition: AlarmCondition, point: WatchedPoint): JudgedRule {
  const metric = metricOf(point);
  return {
    condition,
    unit: metric?.unit ?? '',
    states: metric?.states?.map((state) => state.key) ?? [],
  };
}

/** Of its class, or the point's own. */
export function metricOf(
  point: Pick<WatchedPoint, 'deviceClass' | 'metric' | 'definition'>,
): MetricDefinition | undefined {
  return deviceClasses.get(point.deviceClass)?.metrics[point.metric] ?? point.definition ?? undefined;
}

/** Whether two versions judge alike: a new name or advice does not end what is active. */
export function judgesAlike(one: RuleVersion, other: RuleVersion): boolean {
  const judged = ({ body }: RuleVersion) => JSON.stringify([body.target, body.condition, body.severity]);
  return one.version === other.version || judged(one) === judged(other);
}

/** The version a state is stored with: while something is active, the one that raised it. */
export function storedVersion({ state, rule, raisedVersion }: Watch): number {
  return state.phase === 'active' || state.phase === 'clearing' ? raisedVersion : rule.version;
}

export function watchKey(ruleId: string, pointId: number): string {
  return `${pointId} ${ruleId}`;
}

/** Who is watched, what was judged and is not yet committed; in memory, no input or output. */
export class WatchBook {
  readonly #watches = new Map<string, Watch>();
  readonly #byPoint = new Map<number, Watch[]>();
  readonly #withTimer = new Set<Watch>();
  #soonestMs = Infinity;
  readonly #uncommitted = new Map<Watch, OccurrenceChange[]>();

  get size(): number {
    return this.#watches.size;
  }

  /** Takes up a state that was stored, judged by the version it was stored with. */
  restore(stored: StoredState, rule: RuleVersion): void {
    this.#add({
      pointId: stored.pointId,
      rule,
      judged: { condition: rule.body.condition, unit: '', states: [] },
      raisedVersion: stored.ruleVersion,
      state: stored.state,
      dirty: false,
      ended: false,
    });
  }

  /**
   * Goes over to what the rules in force watch: ends what they do not, with the reason, keeps what they judge alike.
   * A new watch knows no reading yet: see {@link unprimed}.
   */
  replan(planned: ReadonlyMap<string, PlannedWatch>, rules: readonly RuleVersion[], nowMs: number): void {
    const current = new Map(rules.map((rule) => [rule.body.id, rule]));
    for (const [key, watch] of this.#watches) {
      const plan = planned.get(key);
      if (plan === undefined || !judgesAlike(watch.rule, plan.rule)) {
        this.#end(watch, endReason(watch.rule, current.get(watch.rule.body.id)), nowMs);
      }
    }
    for (const [key, { rule, point }] of planned) {
      const known = this.#watches.get(key);
      if (known !== undefined) this.#remove(known);
      const watch: Watch = {
        pointId: point.pointId,
        rule,
        judged: judgedRule(rule.body.condition, point),
        raisedVersion: known?.raisedVersion ?? rule.version,
        state: known?.state ?? initialState,
        dirty: known === undefined || known.dirty || known.rule.version !== rule.version,
        ended: false,
      };
      const waiting = known === undefined ? undefined : this.#uncommitted.get(known);
      if (known !== undefined && waiting !== undefined) {
        this.#uncommitted.delete(known);
        this.#uncommitted.set(watch, waiting);
      }
      this.#add(watch);
      if (known === undefined) this.#judge(watch, { kind: 'listening' }, nowMs);
    }
  }

  /** From now on we listen, after a time in which we did not: silence before proves nothing. */
  listen(nowMs: number): void {
    for (const watch of this.#watches.values()) this.#judge(watch, { kind: 'listening' }, nowMs);
  }

  /**
   * Judges a reading by every rule that watches its point.
   * @returns how many those are
   */
  sample(reading: CommittedReading, nowMs: number): number {
    const { timeMs, value, quality, pointId } = reading;
    const watches = this.#byPoint.get(pointId) ?? [];
    for (const watch of watches) this.#judge(watch, { kind: 'sample', timeMs, value, quality }, nowMs);
    return watches.length;
  }

  /** Judges the newest reading by a rule that knows none yet. */
  prime(watch: Watch, reading: CommittedReading, nowMs: number): void {
    const { timeMs, value, quality } = reading;
    if (!watch.ended) this.#judge(watch, { kind: 'sample', timeMs, value, quality }, nowMs);
  }

  /** Runs the timers that are due. */
  tick(nowMs: number): void {
    this.#soonestMs = Infinity;
    for (const watch of this.#withTimer) {
      this.#judge(watch, { kind: 'timer' }, nowMs);
      if (watch.state.dueMs !== null) this.#soonestMs = Math.min(this.#soonestMs, watch.state.dueMs);
    }
  }

  /** Points with a timer that is due. */
  duePoints(nowMs: number): Set<number> {
    const due = new Set<number>();
    if (this.#soonestMs > nowMs) return due;
    this.#soonestMs = Infinity;
    for (const { state, pointId } of this.#withTimer) {
      if (state.dueMs === null) continue;
      this.#soonestMs = Math.min(this.#soonestMs, state.dueMs);
      if (state.dueMs <= nowMs) due.add(pointId);
    }
    return due;
  }

  /** No timer is due before; null when none runs. Readings move timers on, so it may be too early, never too late. */
  nextDueMs(): number | null {
    return this.#withTimer.size === 0 || this.#soonestMs === Infinity ? null : this.#soonestMs;
  }

  /** Points with how far all their rules have judged. */
  handled(): { pointId: number; handledToMs: number }[] {
    return [...this.#byPoint].flatMap(([pointId, watches]) => {
      const times = watches.map((watch) => watch.state.handledToMs).filter((time) => time !== null);
      return times.length === 0 ? [] : [{ pointId, handledToMs: Math.min(...times) }];
    });
  }

  /** Watches that have judged nothing yet. */
  unprimed(): Watch[] {
    return this.#watches
      .values()
      .filter((watch) => watch.state.handledToMs === null)
      .toArray();
  }

  /** Watches with changes to commit, oldest first; all changes of a watch go with its state. */
  uncommitted(limit: number): { watch: Watch; changes: readonly OccurrenceChange[] }[] {
    return [...this.#uncommitted.entries().take(limit)].map(([watch, changes]) => ({ watch, changes }));
  }

  hasUncommitted(): boolean {
    return this.#uncommitted.size > 0;
  }

  /** Whether an alarm of silence is active. */
  hasSilent(): boolean {
    return this.#watches
      .values()
      .some(({ state, judged }) => state.phase === 'active' && judged.condition.kind === 'stale');
  }

  dirty(limit: number): Watch[] {
    return this.#watches
      .values()
      .filter((watch) => watch.dirty)
      .take(limit)
      .toArray();
  }

  /** What stands in the database now. */
  committed(watches: readonly Watch[]): void {
    for (const watch of watches) {
      this.#uncommitted.delete(watch);
      watch.dirty = false;
    }
  }

  #judge(watch: Watch, input: JudgeInput, nowMs: number): void {
    const { state, changes } = evaluate(watch.judged, watch.state, { ...input, nowMs });
    if (state === watch.state) return;
    watch.state = state;
    watch.dirty = true;
    this.#time(watch);
    this.#note(watch, changes);
  }

  #end(watch: Watch, reason: string, nowMs: number): void {
    const { changes } = evaluate(watch.judged, watch.state, { kind: 'end', reason, nowMs });
    watch.ended = true;
    this.#remove(watch);
    // Noted even without a change: its stored state must go.
    this.#uncommitted.set(watch, this.#uncommitted.get(watch) ?? []);
    this.#note(watch, changes);
  }

  #note(watch: Watch, changes: readonly AlarmChange[]): void {
    if (changes.length === 0) return;
    const noted = this.#uncommitted.get(watch) ?? [];
    const { body, version } = watch.rule;
    for (const change of changes) {
      if (change.kind === 'raised') watch.raisedVersion = version;
      noted.push({
        ...change,
        ruleId: body.id,
        ruleVersion: watch.raisedVersion,
        pointId: watch.pointId,
        severity: body.severity,
        limit: limitOf(body.condition),
      });
    }
    this.#uncommitted.set(watch, noted);
  }

  #add(watch: Watch): void {
    this.#watches.set(watchKey(watch.rule.body.id, watch.pointId), watch);
    const ofPoint = this.#byPoint.get(watch.pointId);
    if (ofPoint === undefined) this.#byPoint.set(watch.pointId, [watch]);
    else ofPoint.push(watch);
    this.#time(watch);
  }

  #time(watch: Watch): void {
    const { dueMs } = watch.state;
    if (dueMs === null) {
      this.#withTimer.delete(watch);
      return;
    }
    this.#withTimer.add(watch);
    if (dueMs < this.#soonestMs) this.#soonestMs = dueMs;
  }

  #remove(watch: Watch): void {
    this.#watches.delete(watchKey(watch.rule.body.id, watch.pointId));
    this.#withTimer.delete(watch);
    const left = (this.#byPoint.get(watch.pointId) ?? []).filter((other) => other !== watch);
    if (left.length === 0) this.#byPoint.delete(watch.pointId);
    else this.#byPoint.set(watch.pointId, left);
  }
}

/** The figure that was reached, where the rule has one. */
function limitOf(condition: AlarmCondition): number | null {
  if (condition.kind === 'count') return condition.count;
  return 'limit' in condition ? condition.limit : null;
}

function endReason(old: RuleVersion, current: RuleVersion | undefined): string {
  if (current === undefined) return 'rule removed';
  if (!current.body.enabled) return `rule disabled by ${current.author}: ${current.reason}`;
  if (!judgesAlike(old, current)) return `rule changed by ${current.author}: ${current.reason}`;
  return 'point is no longer in service';
}
