import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { AlarmDetail } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import type { AlarmContext as Context } from '../../app/alarm-api.ts';
import { formatSpan, quantityText } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useActor } from '../../app/reason.ts';
import { useParkTime } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { useConditionWords } from './rule-condition.ts';

/** Its rule, how the same alarm went before, and the cameras of the place. */
export function AlarmContext({ alarm }: { alarm: AlarmDetail }) {
  const t = useWords();
  const query = useQuery({
    queryKey: [...keys.alarms, 'context', alarm.id],
    queryFn: () => alarmApi.context(alarm.id),
  });
  return (
    <>
      <Rule alarm={alarm} />
      <Loaded query={query}>
        {({ similar, cameras }) => (
          <>
            <Panel
              title={t('context.similar')}
              actions={
                <span className="soft">
                  {t('context.similarCount', { days: similar.days, count: similar.count })}
                </span>
              }
            >
              <Similar similar={similar} unit={alarm.unit} />
            </Panel>
            <Panel title={t('context.cameras')}>
              <Cameras cameras={cameras} />
            </Panel>
          </>
        )}
      </Loaded>
    </>
  );
}

function Rule({ alarm }: { alarm: AlarmDetail }) {
  const t = useWords();
  const tell = useConditionWords();
  const { data } = useQuery({ queryKey: keys.alarmRules, queryFn: api.alarmRules });
  const rule = data?.items.find(({ id }) => id === alarm.ruleId);
  if (rule === undefined) return null;
  return (
    <Panel title={t('context.rule')} actions={<Link to="/alarms/rules">{t('context.ruleVersion')}</Link>}>
      <div>{tell(rule).text}</div>
      <span className="soft small">
        <span className="mono">{rule.id}</span> · {t('rules.version', { version: rule.version })}
      </span>
    </Panel>
  );
}

function Similar({ similar, unit }: { similar: Context['similar']; unit: string }) {
  const t = useWords();
  const actorName = useActor();
  const parkTime = useParkTime();
  if (similar.items.length === 0) return <span className="soft">{t('context.noSimilar')}</span>;
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{t('alarm.raisedAt')}</th>
          <th className="right">{t('alarm.duration')}</th>
          <th className="right">{t('alarm.value')}</th>
          <th>{t('alarm.comment')}</th>
        </tr>
      </thead>
      <tbody>
        {similar.items.map((each) => (
          <tr key={each.id}>
            <td className="num">
              <Link to={`/alarms?alarm=${each.id}`}>{parkTime(each.raisedAt, 'minute')}</Link>
            </td>
            <td className="right num">
              {each.clearedAt === null
                ? t('alarm.active')
                : formatSpan(t, Date.parse(each.clearedAt) - Date.parse(each.raisedAt))}
            </td>
            <td className="right num">
              {each.value === null ? t('common.noData') : quantityText(t, { value: each.value, unit })}
            </td>
            <td>
              {each.acknowledgedBy === null ? (
                <span className="soft">{t('context.neverAcknowledged')}</span>
              ) : (
                <>
                  {each.comment} <span className="soft">{actorName(each.acknowledgedBy)}</span>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cameras({ cameras }: { cameras: Context['cameras'] }) {
  const t = useWords();
  if (cameras.length === 0) return <span className="soft">{t('context.noCameras')}</span>;
  return (
    <div className="lines">
      {cameras.map((camera) => (
        <div key={camera.id} className="row">
          <Link className="cut" to={`/devices/${camera.id}`}>
            {camera.name}
          </Link>
          <span className="soft cut">{camera.spaceName}</span>
          {camera.samePlace ? <span className="tag">{t('context.here')}</span> : null}
          <span className="grow" />
          <span className={camera.status === 'offline' ? 'severity high' : 'soft'}>
            {camera.status === null ? t('status.unknown') : t(`status.${camera.status}`)}
          </span>
        </div>
      ))}
    </div>
  );
}
