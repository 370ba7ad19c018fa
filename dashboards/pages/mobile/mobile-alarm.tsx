import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { alarmHandlers } from '#schemas/roles.ts';
import type { Alarm } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { quantityText } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useActor, useReason } from '../../app/reason.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { useMay, useParkTime, useSession } from '../../app/session.ts';
import { AlarmState } from '../../components/alarm-state.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { problemText } from '../../components/states.tsx';

interface MobileAlarmProps {
  readonly alarm: Alarm;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** One alarm as a card; touched, it shows what to do and what was done. */
export function MobileAlarm({ alarm, open, onToggle }: MobileAlarmProps) {
  const t = useWords();
  const both = useBilingual();
  const ruleName = useRuleName();
  const parkTime = useParkTime();
  const { value, state, unit } = alarm;
  const told = state === null ? (value === null ? '' : quantityText(t, { value, unit })) : both(state.name);
  return (
    <article className="card">
      <button type="button" className="plain" aria-expanded={open} onClick={onToggle}>
        <span className="row wrap">
          <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} blink={alarm.active} />
          <AlarmState alarm={alarm} />
        </span>
        <b>{ruleName(alarm)}</b> <span className="num">{told}</span>
        <div>{alarm.deviceName}</div>
        <div className="soft small num">
          {alarm.spaceName} {parkTime(alarm.raisedAt, 'minute')} {alarm.assignee}
        </div>
      </button>
      {open ? <Opened alarm={alarm} /> : null}
    </article>
  );
}

function Opened({ alarm }: { alarm: Alarm }) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const tellWhy = useReason(alarm);
  const actorName = useActor();
  const mayHandle = useMay(alarmHandlers);
  const { data } = useQuery({
    queryKey: [...keys.alarms, 'one', alarm.id],
    queryFn: () => api.alarm(alarm.id),
  });
  const action =
    data === undefined
      ? ''
      : both({ zh: data.recommendedAction, en: data.recommendedActionEn ?? data.recommendedAction });
  return (
    <>
      <p className="flat">{tellWhy(alarm)}</p>
      {alarm.suppressed === null ? null : (
        <p>
          <span className="soft">{t('alarm.suppressed')}</span> {tellWhy(alarm.suppressed)}
        </p>
      )}
      {action === '' ? null : (
        <p>
          <span className="soft">{t('alarm.action')}</span> {action}
        </p>
      )}
      {(data?.journal ?? []).slice(-5).map((entry) => (
        <div key={entry.id} className="small">
          <b>{t(`alarm.${entry.kind}`)}</b>{' '}
          <span className="soft num">
            {actorName(entry.actor)} {parkTime(entry.time, 'minute')}
          </span>{' '}
          {entry.kind === 'raised' ? '' : tellWhy(entry)}
        </div>
      ))}
      {mayHandle ? <Acts alarm={alarm} /> : null}
    </>
  );
}

/** Acknowledge with a word, comment, take it. */
function Acts({ alarm }: { alarm: Alarm }) {
  const t = useWords();
  const both = useBilingual();
  const client = useQueryClient();
  const { user } = useSession();
  const [comment, setComment] = useState('');
  const act = useMutation({
    mutationFn: async (kind: 'acknowledge' | 'comment' | 'take'): Promise<void> => {
      if (kind === 'acknowledge') await api.acknowledge(alarm.id, { comment: comment.trim() });
      else if (kind === 'comment') await alarmApi.comment(alarm.id, { comment: comment.trim() });
      else {
        const reason = t('mobile.assignReason');
        await alarmApi.assign(alarm.id, { assignee: user.username, reason });
      }
      if (kind !== 'take') setComment('');
      await client.invalidateQueries({ queryKey: keys.alarms });
    },
  });
  const empty = comment.trim() === '' || act.isPending;
  const problem = act.error === null ? null : problemText(act.error, { t, both });
  return (
    <>
      <textarea
        aria-label={t('mobile.comment')}
        placeholder={t('mobile.comment')}
        maxLength={2_000}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="acts">
        {alarm.acknowledged ? null : (
          <button
            type="button"
            className="primary"
            disabled={empty}
            onClick={() => act.mutate('acknowledge')}
          >
            {t('mobile.acknowledge')}
          </button>
        )}
        <button type="button" disabled={empty} onClick={() => act.mutate('comment')}>
          {t('mobile.send')}
        </button>
        {alarm.assignee === user.username ? null : (
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('take')}>
            {t('mobile.take')}
          </button>
        )}
      </div>
      {problem === null ? null : (
        <div role="alert">
          {problem.title} {problem.detail}
        </div>
      )}
      {act.isSuccess ? <div role="status">{t('mobile.done')}</div> : null}
    </>
  );
}
