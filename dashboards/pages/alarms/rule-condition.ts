import type { AlarmCondition } from '#schemas/alarm.ts';
import { formatLoose, formatSpan } from '../../app/format.ts';
import type { useWords } from '../../app/i18n.ts';

type OtherCondition = Exclude<AlarmCondition, { kind: 'limit' }>;

/** What a rule without a limit waits for, in one line of words. */
export function tellCondition(t: ReturnType<typeof useWords>, condition: OtherCondition): string {
  if (condition.kind === 'stale') return t('rules.noData', { span: formatSpan(t, condition.noDataMs) });
  if (condition.kind === 'state') {
    const states = condition.states.join(', ');
    return t(condition.test === 'equals' ? 'rules.stateEquals' : 'rules.stateLeaves', { states });
  }
  if (condition.kind === 'count') {
    const { count, states, windowMs } = condition;
    return t('rules.countOf', { times: count, states: states.join(', '), span: formatSpan(t, windowMs) });
  }
  const rate = {
    rising: 'rules.rateRising',
    falling: 'rules.rateFalling',
    either: 'rules.rateEither',
  } as const;
  const per = { second: 'rules.perSecond', minute: 'rules.perMinute', hour: 'rules.perHour' } as const;
  return t(rate[condition.direction], {
    limit: formatLoose(condition.limit),
    per: t(per[condition.per]),
    span: formatSpan(t, condition.windowMs),
  });
}
