import type { AlarmCondition, CombinationInput } from '#schemas/alarm.ts';
import type { AlarmRule } from '../../app/api.ts';
import { formatSpan, quantityText } from '../../app/format.ts';
import type { Translate } from '../../app/i18n.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useMetrics } from '../../app/lookups.ts';
import type { Metric } from '../../app/metrics.ts';

/** Names what a rule watches, as {@link useMetrics} asks for it. */
export function watchedMetric({ target }: Pick<AlarmRule, 'target'>): {
  metric: string;
  deviceClass?: string;
} {
  if ('point' in target) return { metric: target.point.split('.')[1] ?? target.point };
  const { metric = '' } = target;
  const deviceClass = 'deviceClass' in target ? target.deviceClass : undefined;
  return deviceClass === undefined ? { metric } : { metric, deviceClass };
}

interface Words {
  readonly t: Translate;
  readonly both: ReturnType<typeof useBilingual>;
}

/** What a rule waits for, in one line of words. */
export function tellCondition({ t, both }: Words, condition: AlarmCondition, metric: Metric): string {
  const named = (keys: readonly string[]) =>
    keys
      .map((key) => {
        const name = metric.states.find((state) => state.key === key)?.name;
        return name === undefined ? key : both(name);
      })
      .join(t('common.listSign'));
  const quantity = (value: number) => quantityText(t, { value, unit: metric.unit });
  if (condition.kind === 'limit') {
    const { side, limit, deadband } = condition;
    const beyond = side === 'high' || side === 'high-high' ? 'rules.above' : 'rules.below';
    const parts = [t(`rules.${side}`), t(beyond, { limit: quantity(limit) })];
    return [...parts, `${t('rules.deadband')} ${quantity(deadband)}`].join(' · ');
  }
  if (condition.kind === 'stale') return t('rules.noData', { span: formatSpan(t, condition.noDataMs) });
  if (condition.kind === 'state') {
    const states = named(condition.states);
    return t(condition.test === 'equals' ? 'rules.stateEquals' : 'rules.stateLeaves', { states });
  }
  if (condition.kind === 'count') {
    const { count, states, windowMs } = condition;
    return t('rules.countOf', { times: count, states: named(states), span: formatSpan(t, windowMs) });
  }
  if (condition.kind !== 'rate') return tellDeviceCondition(t, condition);
  const rate = {
    rising: 'rules.rateRising',
    falling: 'rules.rateFalling',
    either: 'rules.rateEither',
  } as const;
  const per = { second: 'rules.perSecond', minute: 'rules.perMinute', hour: 'rules.perHour' } as const;
  return t(rate[condition.direction], {
    limit: quantity(condition.limit),
    per: t(per[condition.per]),
    span: formatSpan(t, condition.windowMs),
  });
}

/** What is judged of whole devices: events, what they report, several values at once. */
function tellDeviceCondition(
  t: Translate,
  condition: Extract<AlarmCondition, { kind: 'event' | 'reported' | 'combination' }>,
): string {
  if (condition.kind === 'reported') {
    const { keyPrefix } = condition;
    return keyPrefix === undefined ? t('rules.reportedAll') : t('rules.reportedOf', { prefix: keyPrefix });
  }
  if (condition.kind === 'event') {
    const { type, count, windowMs } = condition;
    if (count === 1) return t('rules.eventOf', { type });
    return t('rules.eventsOf', { type, times: count, span: formatSpan(t, windowMs) });
  }
  const tests = condition.of.map((each) => ('test' in each ? tellInput(each) : tellGroup(t, each)));
  return tests.join(` ${t(condition.match === 'all' ? 'rules.and' : 'rules.or')} `);
}

function tellGroup(t: Translate, { match, of }: { match: 'all' | 'any'; of: CombinationInput[] }): string {
  return `(${of.map(tellInput).join(` ${t(match === 'all' ? 'rules.and' : 'rules.or')} `)})`;
}

function tellInput({ of, test }: CombinationInput): string {
  const name = 'point' in of ? of.point : of.metric;
  if (test.kind === 'state')
    return `${name} ${test.test === 'equals' ? '∈' : '∉'} {${test.states.join(', ')}}`;
  return `${name} ${test.side === 'high' || test.side === 'high-high' ? '≥' : '≤'} ${test.limit}`;
}

/** The exact numbers of a condition whose words round them. */
export function exactCondition(condition: AlarmCondition, { unit }: Metric): string | undefined {
  return 'limit' in condition ? `${condition.limit} ${unit}`.trim() : undefined;
}

/** What a rule waits for, in the chosen language. */
export function useConditionWords(): (rule: Pick<AlarmRule, 'target' | 'condition'>) => {
  readonly text: string;
  readonly exact: string | undefined;
} {
  const t = useWords();
  const both = useBilingual();
  const metricOf = useMetrics();
  return (rule) => {
    const metric = metricOf(watchedMetric(rule));
    const { condition } = rule;
    return {
      text: tellCondition({ t, both }, condition, metric),
      exact: exactCondition(condition, metric),
    };
  };
}
