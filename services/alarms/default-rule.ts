import type {
  AlarmCategory,
  AlarmRuleBody,
  CombinationCondition,
  CountCondition,
  EventCondition,
  LimitCondition,
  RateCondition,
} from '#schemas/alarm.ts';
import type { Schedule } from '#schemas/alarm-schedule.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayS = 86_400;

export interface DefaultRule {
  readonly name: string;
  readonly nameEn: string;
  /** `class/metric`, or the class alone where whole devices are judged. */
  readonly of: string;
  readonly severity: AlarmRuleBody['severity'];
  readonly action: string;
  readonly actionEn: string;
  /** Exactly one of these. */
  readonly limit?: Partial<LimitCondition> & Pick<LimitCondition, 'side' | 'limit'>;
  readonly state?: {
    readonly in: readonly string[];
    readonly onDelayMs?: number;
    readonly offDelayMs?: number;
  };
  readonly rate?: Omit<RateCondition, 'kind' | 'deadband' | 'offDelayMs'>;
  readonly count?: Omit<CountCondition, 'kind'>;
  readonly noDataMs?: number;
  /** Beside `noDataMs`: not every device of the class measures it. */
  readonly onceHeard?: true;
  readonly event?: Pick<EventCondition, 'type'> & Partial<EventCondition>;
  readonly combination?: Pick<CombinationCondition, 'match' | 'of'> & Partial<CombinationCondition>;
  readonly isReported?: true;
  readonly schedule?: Schedule;
  /** In Chinese and English: why it happens, what follows when nobody acts, where the figure comes from. */
  readonly cause?: Both;
  readonly consequence?: Both;
  readonly basis?: Both;
}

type Both = readonly [zh: string, en: string];

/** What kind of trouble the devices of a class have, unless they fall silent. */
const categories: Readonly<Record<string, AlarmCategory>> = {
  'fire-panel': 'fire',
  elevator: 'safety',
  'access-door': 'security',
  'perimeter-sensor': 'security',
  camera: 'video',
  recorder: 'video',
  'energy-meter': 'power',
  'pv-inverter': 'power',
  battery: 'power',
  charger: 'power',
  'water-meter': 'water',
  'gas-meter': 'gas',
  'environment-station': 'environment',
  gateway: 'communication',
  'network-node': 'communication',
};

export function conditionOf({
  limit,
  state,
  rate,
  count,
  noDataMs,
  onceHeard,
  event,
  combination,
  isReported,
}: DefaultRule): AlarmRuleBody['condition'] {
  if (isReported) return { kind: 'reported' };
  if (event !== undefined) {
    const usual = { where: {}, count: 1, windowMs: 10 * minuteMs, clearAfterMs: 10 * minuteMs };
    return { kind: 'event', ...usual, ...event };
  }
  if (combination !== undefined) {
    return { kind: 'combination', maxAgeMs: 15 * minuteMs, onDelayMs: 0, offDelayMs: 0, ...combination };
  }
  if (limit !== undefined) return { kind: 'limit', deadband: 0, onDelayMs: 0, offDelayMs: 0, ...limit };
  if (rate !== undefined) return { kind: 'rate', deadband: 0, offDelayMs: minuteMs, ...rate };
  if (count !== undefined) return { kind: 'count', ...count };
  if (state === undefined) {
    return { kind: 'stale', noDataMs: noDataMs ?? hourMs, ...(onceHeard === undefined ? {} : { onceHeard }) };
  }
  const { in: states, onDelayMs = 0, offDelayMs = 0 } = state;
  return { kind: 'state', test: 'equals', states: [...states], onDelayMs, offDelayMs };
}

export function rule(id: string, given: DefaultRule): AlarmRuleBody {
  const [deviceClass = '', metric] = given.of.split('/');
  return {
    id,
    name: given.name,
    nameEn: given.nameEn,
    target: metric === undefined ? { deviceClass } : { deviceClass, metric },
    condition: conditionOf(given),
    ...(given.schedule === undefined ? {} : { schedule: given.schedule }),
    severity: given.severity,
    enabled: true,
    category: given.noDataMs === undefined ? (categories[deviceClass] ?? 'equipment') : 'communication',
    ...both('cause', given.cause),
    ...both('consequence', given.consequence),
    ...both('basis', given.basis),
    // Who answers for it is the park's own to say.
    team: '',
    recommendedAction: given.action,
    recommendedActionEn: given.actionEn,
  };
}

function both<K extends 'cause' | 'consequence' | 'basis'>(
  key: K,
  words: Both | undefined,
): { [key in K]: string } & { [key in `${K}En`]?: string } {
  const [zh, en] = words ?? ['', undefined];
  return { [key]: zh, ...(en === undefined ? {} : { [`${key}En`]: en }) } as ReturnType<typeof both<K>>;
}

export type Words = readonly [name: string, nameEn: string, action: string, actionEn: string];

/** Rules that need no figure: a state, or silence. */
export function inState(
  id: string,
  [of, severity, states, onDelayMs]: readonly [
    DefaultRule['of'],
    AlarmRuleBody['severity'],
    readonly string[],
    number,
  ],
  [name, nameEn, action, actionEn]: Words,
): AlarmRuleBody {
  return rule(id, { of, severity, name, nameEn, action, actionEn, state: { in: states, onDelayMs } });
}

export function silent(
  id: string,
  [of, severity, noDataMs]: readonly [DefaultRule['of'], AlarmRuleBody['severity'], number],
  [name, nameEn]: readonly [string, string],
  more: Pick<DefaultRule, 'onceHeard'> = {},
): AlarmRuleBody {
  const action = '检查设备供电、通信线路与网关。';
  const actionEn = 'Check power, line and gateway of the device.';
  return rule(id, { of, severity, name, nameEn, action, actionEn, noDataMs, ...more });
}

/** A device that says it is offline: given two minutes for a passing break. */
export function offline(
  id: string,
  deviceClass: string,
  [severity, name, nameEn]: readonly [AlarmRuleBody['severity'], string, string],
): AlarmRuleBody {
  const words: Words = [name, nameEn, '检查设备供电与网络。', 'Check power and network of the device.'];
  return inState(id, [`${deviceClass}/online`, severity, ['off'], 2 * minuteMs], words);
}
