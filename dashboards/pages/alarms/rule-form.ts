import type { LimitCondition } from '#schemas/alarm.ts';
import type { Severity } from '#schemas/device-class.ts';
import type { AlarmRule, AlarmRuleCreate, AlarmRulePatch } from '../../app/api.ts';

/** A limit rule as the form holds it: delays in seconds, target in parts. */
export interface RuleForm {
  readonly id: string;
  readonly name: string;
  readonly nameEn?: string | undefined;
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
  readonly requiresConfirm: boolean;
  readonly recommendedAction: string;
  readonly recommendedActionEn?: string | undefined;
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
    requiresConfirm: false,
    recommendedAction: '',
  };
}

/** A rule whose target and condition the form can hold; of others it changes the rest. */
export type FormRule = AlarmRule & {
  readonly target: { point: string } | { deviceClass: string; metric: string };
  readonly condition: LimitCondition;
};

export function isFormRule(rule: AlarmRule): rule is FormRule {
  const { target, condition } = rule;
  return condition.kind === 'limit' && !('space' in target) && !('device' in target);
}

/** What every rule has: name, severity, advice. */
export function toCommonForm(rule: AlarmRule) {
  const { id, name, nameEn, severity, enabled, recommendedAction, recommendedActionEn } = rule;
  const { requiresConfirm = false } = rule;
  return { id, name, nameEn, severity, enabled, requiresConfirm, recommendedAction, recommendedActionEn };
}

export function toForm({ target, condition, ...rule }: FormRule) {
  const { id, name, nameEn, severity, enabled, recommendedAction, recommendedActionEn } = rule;
  const { requiresConfirm = false } = rule;
  const { side, limit, deadband, onDelayMs, offDelayMs } = condition;
  const watched =
    'point' in target
      ? { watch: 'point' as const, point: target.point }
      : { watch: 'class' as const, deviceClass: target.deviceClass, metric: target.metric };
  const delays = { onDelayS: onDelayMs / secondMs, offDelayS: offDelayMs / secondMs };
  const words = { name, nameEn, recommendedAction, recommendedActionEn };
  return { id, ...words, ...watched, side, limit, deadband, ...delays, severity, enabled, requiresConfirm };
}

/** What the API takes of a filled form for a rule whose target and condition stay. */
export function fromCommonForm(form: RuleForm): AlarmRulePatch {
  const { name, nameEn, severity, enabled, recommendedAction, recommendedActionEn, reason } = form;
  return {
    name,
    severity,
    enabled,
    requiresConfirm: form.requiresConfirm,
    recommendedAction,
    ...(nameEn ? { nameEn } : {}),
    ...(recommendedActionEn ? { recommendedActionEn } : {}),
    reason,
  };
}

/** What the API takes of a filled form. */
export function fromForm(form: RuleForm): AlarmRuleCreate {
  const { id, name, severity, enabled, recommendedAction, reason, side, limit, deadband } = form;
  return {
    id,
    name,
    severity,
    enabled,
    requiresConfirm: form.requiresConfirm,
    recommendedAction,
    ...(form.nameEn ? { nameEn: form.nameEn } : {}),
    ...(form.recommendedActionEn ? { recommendedActionEn: form.recommendedActionEn } : {}),
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
