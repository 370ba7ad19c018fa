import type { AlarmRuleBody, CountCondition, LimitCondition, RateCondition } from '#schemas/alarm.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayS = 86_400;

export interface DefaultRule {
  readonly name: string;
  readonly nameEn: string;
  readonly of: `${string}/${string}`;
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
}

export function conditionOf({
  limit,
  state,
  rate,
  count,
  noDataMs,
}: DefaultRule): AlarmRuleBody['condition'] {
  if (limit !== undefined) return { kind: 'limit', deadband: 0, onDelayMs: 0, offDelayMs: 0, ...limit };
  if (rate !== undefined) return { kind: 'rate', deadband: 0, offDelayMs: minuteMs, ...rate };
  if (count !== undefined) return { kind: 'count', ...count };
  if (state === undefined) return { kind: 'stale', noDataMs: noDataMs ?? hourMs };
  const { in: states, onDelayMs = 0, offDelayMs = 0 } = state;
  return { kind: 'state', test: 'equals', states: [...states], onDelayMs, offDelayMs };
}

export function rule(id: string, given: DefaultRule): AlarmRuleBody {
  const [deviceClass = '', metric = ''] = given.of.split('/');
  return {
    id,
    name: given.name,
    nameEn: given.nameEn,
    target: { deviceClass, metric },
    condition: conditionOf(given),
    severity: given.severity,
    enabled: true,
    category: 'other',
    cause: '',
    consequence: '',
    team: '',
    basis: '',
    recommendedAction: given.action,
    recommendedActionEn: given.actionEn,
  };
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
): AlarmRuleBody {
  const action = '检查设备供电、通信线路与网关。';
  const actionEn = 'Check power, line and gateway of the device.';
  return rule(id, { of, severity, name, nameEn, action, actionEn, noDataMs });
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
