import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { AlarmCondition, AlarmTarget, RuleOverride } from '#schemas/alarm.ts';
import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import type { MetricDefinition, Severity } from '#schemas/device-class.ts';
import type { Schedule } from '#schemas/alarm-schedule.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { valuesOf } from './combination.ts';
import type { JudgedRule, JudgedValue } from './judge.ts';
import { spansOf, type Holidays, type Spans } from './schedule.ts';
import type { RuleVersion } from './state-store.ts';
import type { NamedTargets, WatchedDevice, WatchedPoint } from './target-store.ts';

/** Where one device differs from a rule. */
export interface Override {
  readonly ruleId: string;
  readonly deviceId: string;
  readonly author: string;
  readonly reason: string;
  readonly definition: RuleOverride;
}

/** One rule at one object: what it is judged by, after what its device changes. */
export interface PlannedWatch {
  readonly rule: RuleVersion;
  /** A point's key, or a device. */
  readonly object: string;
  readonly deviceId: string;
  /** Null where a device as a whole is judged. */
  readonly pointId: number | null;
  readonly severity: Severity;
  readonly judged: JudgedRule;
  /** What decides, as text: two plans with the same judge alike. */
  readonly digest: string;
  /** Who changed it last, and why. */
  readonly by: { readonly author: string; readonly reason: string };
}

/** What rules are planned on. */
export interface Ground {
  readonly points: readonly WatchedPoint[];
  readonly devices: readonly WatchedDevice[];
  /** By {@link overrideKey}. */
  readonly overrides: ReadonlyMap<string, Override>;
  readonly calendar: LocalCalendar;
  readonly holidays: Holidays;
}

/** Every enabled rule at everything it names, by {@link watchKey}. Pure. */
export function planWatches(rules: readonly RuleVersion[], ground: Ground): Map<string, PlannedWatch> {
  const planner = new Planner(ground);
  const planned = new Map<string, PlannedWatch>();
  for (const rule of rules) {
    if (!rule.body.enabled) continue;
    for (const watch of planner.plan(rule)) planned.set(watchKey(rule.body.id, watch.object), watch);
  }
  return planned;
}

export function watchKey(ruleId: string, object: string): string {
  return `${object} ${ruleId}`;
}

/** Why a rule no longer judges something as it did, as the journal tells it. */
export function endFacts(
  { ruleId, deviceId }: { readonly ruleId: string; readonly deviceId: string },
  now: {
    readonly rules: ReadonlyMap<string, RuleVersion>;
    readonly overrides: ReadonlyMap<string, Override>;
    readonly planned: PlannedWatch | undefined;
  },
): AlarmFacts {
  const rule = now.rules.get(ruleId);
  if (rule === undefined) return { code: 'rule-removed' };
  if (!rule.body.enabled) return { code: 'rule-disabled', author: rule.author, why: rule.reason };
  if (now.planned !== undefined) {
    const { author, reason: why } = now.planned.by;
    return { code: 'rule-changed', author, why };
  }
  const override = now.overrides.get(overrideKey(ruleId, deviceId));
  if (override?.definition.mode === 'disable') {
    return { code: 'rule-disabled', author: override.author, why: override.reason };
  }
  return { code: 'not-watched' };
}

export function overrideKey(ruleId: string, deviceId: string): string {
  return `${ruleId} ${deviceId}`;
}

/** Whether a rule judges devices as a whole. */
export function isOfDevice({ kind }: AlarmCondition): boolean {
  return kind === 'event' || kind === 'reported' || kind === 'combination';
}

/** The points that a watch judges, with their place in a combination. */
export function seatsOf({
  pointId,
  judged,
}: PlannedWatch): { readonly pointId: number; readonly of: number | undefined }[] {
  if (pointId !== null) return [{ pointId, of: undefined }];
  return (judged.inputs ?? []).map((input, of) => ({ pointId: input.pointId, of }));
}

export function pointsOf(watch: PlannedWatch): number[] {
  return [...new Set(seatsOf(watch).map((seat) => seat.pointId))];
}

/** Looks things up for one plan. */
class Planner {
  readonly #ground: Ground;
  readonly #byKey: ReadonlyMap<string, WatchedPoint>;
  readonly #byName = new Map<string, WatchedPoint[]>();
  readonly #devicesByName = new Map<string, WatchedDevice[]>();
  readonly #overrides: ReadonlyMap<string, Override>;
  /** Rules with the same schedule share what they remember of it. */
  readonly #spans = new Map<string, Spans>();

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#byKey = new Map(ground.points.map((point) => [point.key, point]));
    for (const point of ground.points) {
      for (const name of point.names) add(this.#byName, name, point);
    }
    for (const device of ground.devices) {
      for (const name of device.names) add(this.#devicesByName, name, device);
    }
    this.#overrides = ground.overrides;
  }

  plan(rule: RuleVersion): PlannedWatch[] {
    const { target, condition } = rule.body;
    const name = nameOf(target, isOfDevice(condition));
    if (isOfDevice(condition)) {
      return (this.#devicesByName.get(name) ?? []).flatMap((device) => this.#watch(rule, device) ?? []);
    }
    return (this.#byName.get(name) ?? []).flatMap(
      (point) => this.#watch(rule, { deviceId: point.deviceId, deviceClass: point.deviceClass }, point) ?? [],
    );
  }

  #watch(
    rule: RuleVersion,
    device: Pick<WatchedDevice, 'deviceId' | 'deviceClass'>,
    point?: WatchedPoint,
  ): PlannedWatch | undefined {
    const { deviceId } = device;
    const override = this.#overrides.get(overrideKey(rule.body.id, deviceId));
    if (override?.definition.mode === 'disable') return undefined;
    const { condition, severity, schedule } = overridden(rule, override?.definition);
    const inputs = condition.kind === 'combination' ? this.#values(deviceId, condition) : [];
    // A value that there is not is not judged without: the combination would mean something else.
    if (inputs === undefined) return undefined;
    const judged: JudgedRule = {
      ...judgedRule(condition, point),
      inputs,
      spans: schedule === undefined ? undefined : this.#spansOf(schedule),
    };
    return {
      rule,
      object: point?.key ?? deviceId,
      deviceId,
      pointId: point?.pointId ?? null,
      severity,
      judged,
      digest: digestOf({ target: rule.body.target, condition, severity, schedule }),
      by: override ?? rule,
    };
  }

  #values(
    deviceId: string,
    condition: Extract<AlarmCondition, { kind: 'combination' }>,
  ): JudgedValue[] | undefined {
    const values = valuesOf(condition).map(({ of, test }) => {
      const key = 'point' in of ? of.point : `${deviceId}.${of.metric}`;
      const point = this.#byKey.get(key);
      if (point === undefined) return undefined;
      const name = 'point' in of ? of.point : of.metric;
      return { pointId: point.pointId, name, states: statesOf(metricOf(point)), test };
    });
    return values.every((value) => value !== undefined) ? values : undefined;
  }

  #spansOf(schedule: Schedule): Spans {
    const key = JSON.stringify(schedule);
    const known = this.#spans.get(key) ?? spansOf(schedule, this.#ground);
    this.#spans.set(key, known);
    return known;
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** What a rule is at a device that may differ from it. */
function overridden(
  { body }: RuleVersion,
  definition: RuleOverride | undefined,
): { condition: AlarmCondition; severity: Severity; schedule: Schedule | undefined } {
  const { condition, severity, schedule } = body;
  if (definition?.mode !== 'override') return { condition, severity, schedule };
  return {
    condition: definition.condition ?? condition,
    severity: definition.severity ?? severity,
    schedule: definition.schedule === undefined ? schedule : (definition.schedule ?? undefined),
  };
}

/** What decides how a rule judges: a new name or advice does not end what is active. */
export function digestOf(judged: {
  readonly target: AlarmTarget;
  readonly condition: AlarmCondition;
  readonly severity: Severity;
  readonly schedule?: Schedule | undefined;
}): string {
  const { target, condition, severity, schedule } = judged;
  return JSON.stringify(
    schedule === undefined ? [target, condition, severity] : [target, condition, severity, schedule],
  );
}

/** How the store knows what a target names: `point:…`, or its parts with slashes between. */
export function nameOf(target: AlarmTarget, ofDevice: boolean): string {
  if ('point' in target) return `point:${target.point}`;
  const metric = ofDevice ? '' : (target.metric ?? '');
  if ('device' in target) return ofDevice ? `device:${target.device}` : `point:${target.device}.${metric}`;
  const ofClass = `${target.deviceClass ?? ''}/${metric}`;
  if ('space' in target) return `space:${target.space}/${ofClass}`;
  return 'tag' in target ? `tag:${target.tag}/${ofClass}` : `class:${ofClass}`;
}

/** Everything that rules name, as the store looks it up. */
export function namedBy(rules: readonly { target: AlarmTarget; condition: AlarmCondition }[]): NamedTargets {
  const points = new Set<string>();
  const devices = new Set<string>();
  /** Combinations take metrics of their devices by name. */
  const metrics = new Set<string>();
  for (const { target, condition } of rules) {
    const ofDevice = isOfDevice(condition);
    (ofDevice ? devices : points).add(nameOf(target, ofDevice));
    if (condition.kind !== 'combination') continue;
    for (const { of } of valuesOf(condition)) {
      if ('point' in of) points.add(`point:${of.point}`);
      else metrics.add(of.metric);
    }
  }
  return { points: [...points], devices: [...devices], metrics: [...metrics] };
}

/** A rule as the judge knows it, at a point of this metric. */
export function judgedRule(condition: AlarmCondition, point: WatchedPoint | undefined): JudgedRule {
  const metric = point === undefined ? undefined : metricOf(point);
  return { condition, unit: metric?.unit ?? '', states: statesOf(metric) };
}

function statesOf(metric: MetricDefinition | undefined): string[] {
  return metric?.states?.map((state) => state.key) ?? [];
}

/** Of its class, or the point's own. */
export function metricOf(
  point: Pick<WatchedPoint, 'deviceClass' | 'metric' | 'definition'>,
): MetricDefinition | undefined {
  return deviceClasses.get(point.deviceClass)?.metrics[point.metric] ?? point.definition ?? undefined;
}
