import { useEffect } from 'react';
import { Button } from 'antd';
import { AudioMutedOutlined, SoundOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Age, ProvenanceMark } from '../components/marks.tsx';
import { SeverityMark } from '../components/severity.tsx';
import type { Alarm } from './api.ts';
import { api } from './api.ts';
import { useWords } from './i18n.ts';
import { useRuleName } from './rule-name.ts';
import { usePreferences } from './preferences.ts';
import { keys } from './queries.ts';
import { useAlarmSound } from './sound.ts';
import { byUrgency } from './open-alarms.ts';
import { severityOrder } from './theme.ts';

const renewMs = 30_000;
const mostShown = 1_000;

export function useUnacknowledged() {
  return useQuery({
    queryKey: [...keys.alarms, 'unacknowledged'],
    queryFn: () => api.alarms({ state: 'unacknowledged', limit: mostShown }),
    refetchInterval: renewMs,
  });
}

/** Counts by severity, each a link to the alarms it counts. */
function Counts() {
  const t = useWords();
  const { data } = useQuery({ queryKey: keys.overview, queryFn: api.overview, refetchInterval: renewMs });
  if (data === undefined) return null;
  return (
    <div className="counts">
      {severityOrder.map((severity) => {
        const { active, unacknowledged } = data.alarms[severity] ?? { active: 0, unacknowledged: 0 };
        const words = t('alarmBar.counts', { active, unacknowledged });
        return (
          <Link key={severity} to={`/alarms?severity=${severity}`} title={words}>
            {active + unacknowledged === 0 ? (
              <span className="soft">
                {t(`severity.${severity}`)} <b className="num">0</b>
              </span>
            ) : (
              <span className="row">
                <SeverityMark severity={severity} acknowledged={unacknowledged === 0} />
                <b className="num">{active}</b>
              </span>
            )}
          </Link>
        );
      })}
    </div>
  );
}

function SoundSwitch({ alarm }: { alarm: Alarm | undefined }) {
  const t = useWords();
  const { sound, set } = usePreferences();
  const waiting = useAlarmSound(sound, alarm);
  const words = t(sound ? (waiting ? 'alarmBar.soundWaiting' : 'alarmBar.soundOn') : 'alarmBar.soundOff');
  return (
    <Button
      type="text"
      aria-pressed={sound}
      aria-label={words}
      title={words}
      icon={sound && !waiting ? <SoundOutlined /> : <AudioMutedOutlined />}
      onClick={() => set({ sound: !sound })}
    />
  );
}

/** On every page: the highest unacknowledged alarm, counts by severity, the sound. */
export function AlarmBar() {
  const t = useWords();
  const ruleName = useRuleName();
  const { data, isError } = useUnacknowledged();
  const items = data?.items ?? [];
  const first = items.toSorted(byUrgency)[0];
  useEffect(() => {
    document.documentElement.dataset['unacknowledged'] = String(items.length);
  }, [items.length]);
  return (
    <section className="alarm-bar" aria-label={t('alarmBar.title')} aria-live="polite">
      <div className="row grow">
        {isError ? <span className="severity high">{t('alarmBar.unavailable')}</span> : null}
        {first === undefined ? (
          isError || data === undefined ? null : (
            <span className="soft">{t('alarmBar.quiet')}</span>
          )
        ) : (
          <>
            <SeverityMark severity={first.severity} blink />
            <Link className="cut" to={`/alarms?alarm=${first.id}`} title={t('alarmBar.open')}>
              <b>{ruleName(first)}</b> · {first.deviceName}
            </Link>
            {first.provenance === 'field' ? null : <ProvenanceMark provenance={first.provenance} />}
            <span className="soft small">
              <Age time={first.raisedAt} />
            </span>
            {items.length > 1 ? (
              <Link className="small num" to="/alarms?state=unacknowledged">
                {t('alarmBar.more', { count: items.length - 1 })}
              </Link>
            ) : null}
          </>
        )}
      </div>
      <Counts />
      <SoundSwitch alarm={first} />
    </section>
  );
}
