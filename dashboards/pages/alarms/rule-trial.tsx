import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Space, Timeline } from 'antd';
import type { AlarmRule } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useReason } from '../../app/reason.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Refusal } from '../../components/refusal.tsx';
import { Loaded } from '../../components/states.tsx';

const spansDays = [1, 7, 30] as const;
/** More of what would have been raised are counted, not listed. */
const listed = 50;

/** What a rule as it is stored would have raised in the last days. */
export function RuleTrial({ rule }: { rule: AlarmRule }) {
  const t = useWords();
  const parkTime = useParkTime();
  const tellWhy = useReason();
  const { target, condition, schedule } = rule;
  const trial = useMutation({
    mutationFn: (days: number) =>
      api.tryAlarmRule({ target, condition, days, ...(schedule === undefined ? {} : { schedule }) }),
  });
  return (
    <section className="stack">
      <Space wrap>
        <b>{t('rules.trial')}</b>
        {spansDays.map((days) => (
          <Button key={days} size="small" loading={trial.isPending} onClick={() => trial.mutate(days)}>
            {t('rules.trialDays', { days })}
          </Button>
        ))}
      </Space>
      <Refusal error={trial.error} />
      {trial.data === undefined ? null : (
        <>
          <div className="num">
            {t('rules.trialAnswer', {
              alarms: trial.data.count,
              readings: trial.data.readings,
              objects: trial.data.points,
              silent: trial.data.pointsWithoutData,
            })}
          </div>
          {trial.data.occurrences.slice(0, listed).map((each) => (
            <div key={`${each.object} ${each.raisedAt}`} className="small num">
              <span className="soft">{parkTime(each.raisedAt)}</span>{' '}
              <span className="mono">{each.object}</span> {tellWhy(each)}
            </div>
          ))}
        </>
      )}
    </section>
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
  return (
    <Loaded query={query}>
      {({ items }) => (
        <Timeline
          items={items.map((each) => ({
            key: String(each.version),
            content: (
              <div>
                <b>{t('rules.version', { version: each.version })}</b>{' '}
                <span className="soft num">
                  {t('rules.author', { author: each.author, time: parkTime(each.validFrom, 'minute') })}
                </span>
                <div>{each.reason}</div>
              </div>
            ),
          }))}
        />
      )}
    </Loaded>
  );
}
