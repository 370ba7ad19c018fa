import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Space, Timeline } from 'antd';
import type { AlarmDryRun } from '#schemas/api/alarms.ts';
import type { AlarmRule, AlarmRuleCreate } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { ApiProblem } from '../../app/client.ts';
import { useWords } from '../../app/i18n.ts';
import { useReason } from '../../app/reason.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Refusal } from '../../components/refusal.tsx';
import { Loaded } from '../../components/states.tsx';
import { changedFields } from './rule-form.ts';

const spansDays = [1, 7, 30] as const;
/** More of what would have been raised are counted, not listed. */
const listed = 50;

interface RuleTrialProps {
  /** What is filled in, once it is whole enough to be tried. */
  readonly draft: () => Promise<Pick<AlarmRuleCreate, 'target' | 'condition' | 'schedule'>>;
  /** Grows with every change of the form: an answer is of what it was asked for. */
  readonly typed: number;
  readonly onRefused: (error: Error) => void;
}

/** What a rule as it is filled in would have raised in the last days; nothing is saved. */
export function RuleTrial({ draft, typed, onRefused }: RuleTrialProps) {
  const t = useWords();
  const trial = useMutation({
    mutationFn: async (asked: { days: number; typed: number }) => {
      const { target, condition, schedule } = await draft();
      const body = { target, condition, days: asked.days, ...(schedule === undefined ? {} : { schedule }) };
      return { ...asked, answer: await api.tryAlarmRule(body) };
    },
    onError: onRefused,
  });
  return (
    <section className="stack" data-testid="trial">
      <Space wrap>
        <b>{t('ruleForm.trial')}</b>
        {spansDays.map((days) => (
          <Button
            key={days}
            size="small"
            loading={trial.isPending}
            onClick={() => trial.mutate({ days, typed })}
          >
            {t('rules.trialDays', { days })}
          </Button>
        ))}
      </Space>
      {trial.error instanceof ApiProblem ? <Refusal error={trial.error} /> : null}
      {trial.data === undefined ? null : <TrialAnswer {...trial.data} isStale={trial.data.typed !== typed} />}
    </section>
  );
}

function TrialAnswer({ days, answer, isStale }: { days: number; answer: AlarmDryRun; isStale: boolean }) {
  const t = useWords();
  const parkTime = useParkTime();
  const tellWhy = useReason();
  const { count, readings, points, pointsWithoutData, occurrences } = answer;
  return (
    <>
      <b className="num">{t('ruleForm.trialCount', { days, alarms: count })}</b>
      <span className="soft small num">
        {t('ruleForm.trialBasis', { readings, objects: points, silent: pointsWithoutData })}
      </span>
      {isStale ? <span className="tag strong">{t('ruleForm.trialStale')}</span> : null}
      <div className="trial-list">
        {occurrences.slice(0, listed).map((each) => (
          <div key={`${each.object} ${each.raisedAt}`} className="small num">
            <span className="soft">{parkTime(each.raisedAt)}</span>{' '}
            <span className="mono">{each.object}</span> {tellWhy(each)}
          </div>
        ))}
      </div>
      {count > listed ? (
        <span className="soft small">{t('ruleForm.trialListed', { count: listed })}</span>
      ) : null}
    </>
  );
}

/** Every version of a rule with its author and reason, newest first. */
export function RuleVersions({ rule }: { rule: AlarmRule }) {
  const t = useWords();
  const parkTime = useParkTime();
  const query = useQuery({
    queryKey: [...keys.alarmRules, 'versions', rule.id, rule.version],
    queryFn: () => api.alarmRuleVersions(rule.id),
  });
  const changesOf = (after: AlarmRule, before: AlarmRule | undefined) =>
    before === undefined
      ? t('ruleForm.created')
      : t('ruleForm.changed', { fields: changedFields(before, after).join(t('common.listSign')) });
  return (
    <Loaded query={query}>
      {({ items }) => (
        <Timeline
          items={items.map((each, at) => ({
            key: String(each.version),
            content: (
              <div>
                <b>{t('rules.version', { version: each.version })}</b>{' '}
                <span className="soft num">
                  {t('rules.author', { author: each.author, time: parkTime(each.validFrom, 'minute') })}
                </span>
                <div>{each.reason}</div>
                <div className="soft small">{changesOf(each, items[at + 1])}</div>
              </div>
            ),
          }))}
        />
      )}
    </Loaded>
  );
}
