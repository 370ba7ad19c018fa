import type { LimitCondition } from '#schemas/alarm.ts';
import type { Severity } from '#schemas/device-class.ts';
import type { AlarmRule, AlarmRuleCreate } from '../../app/api.ts';

/** A limit rule as the form holds it: delays in seconds, target in parts. */
export interface RuleForm {
  readonly id: string;
  readonly name: string;
  readonly watch: 'point' | 'class';
  readonly point?: string;
  readonly deviceClass?: string;
  readonly metric?: string;
  readonly side: LimitCondition['side'];
  readonly limit: number;
  readonly deadband: number;
  readonly onDelayS: number;
  readonly offDelayS: number;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly recommendedAction: string;
  readonly reason: string;
}

const secondMs = 1_000;

export function emptyRule(): Partial<RuleForm> {
  return {
    watch: 'point',
    side: 'high',
    deadband: 0,
    onDelayS: 0,
    offDelayS: 0,
    severity: 'medium',
    enabled: true,
    recommendedAction: '',
  };
}

export function toForm({ id, name, target, condition, severity, enabled, recommendedAction }: AlarmRule) {
  const { side, limit, deadband, onDelayMs, offDelayMs } = condition;
  const watched =
    'point' in target
      ? { watch: 'point' as const, point: target.point }
      : { watch: 'class' as const, deviceClass: target.deviceClass, metric: target.metric };
  const delays = { onDelayS: onDelayMs / secondMs, offDelayS: offDelayMs / secondMs };
  return { id, name, ...watched, side, limit, deadband, ...delays, severity, enabled, recommendedAction };
}

/** What the API takes of a filled form. */
export function fromForm(form: RuleForm): AlarmRuleCreate {
  const { id, name, severity, enabled, recommendedAction, reason, side, limit, deadband } = form;
  return {
    id,
    name,
    severity,
    enabled,
    recommendedAction,
    reason,
    target:
      form.watch === 'point'
        ? { point: form.point ?? '' }
        : { deviceClass: form.deviceClass ?? '', metric: form.metric ?? '' },
    condition: {
      kind: 'limit',
      side,
      limit,
      deadband,
      onDelayMs: Math.round(form.onDelayS * secondMs),
      offDelayMs: Math.round(form.offDelayS * secondMs),
    },
  };
}
