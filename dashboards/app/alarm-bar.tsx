import { lazy, Suspense, useEffect, useState } from 'react';
import { Button } from 'antd';
import { AudioMutedOutlined, SoundOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { alarmHandlers } from '#schemas/roles.ts';
import { Age, ProvenanceMark } from '../components/marks.tsx';
import { SeverityMark } from '../components/severity.tsx';
import type { Alarm } from './api.ts';
import { api } from './api.ts';
import { useNow } from './clock.ts';
import { useWords } from './i18n.ts';
import { useRuleName } from './rule-name.ts';
import { usePreferences } from './preferences.ts';
import { keys } from './queries.ts';
import { useMay, useParkTime } from './session.ts';
import { useAlarmSound } from './sound.ts';
import { byUrgency } from './open-alarms.ts';
import { severityOrder } from './theme.ts';

// Fetched when it is first asked for.
const Mute = lazy(async () => ({ default: (await import('./mute.tsx')).Mute }));

const renewMs = 30_000;
/** The most urgent ones; how many there are in all is counted by severity. */
const mostShown = 1_000;

export function useUnacknowledged() {
  return useQuery({
    queryKey: [...keys.alarms, 'unacknowledged'],
    queryFn: () => api.alarms({ state: 'unacknowledged', order: 'urgency', limit: mostShown }),
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

/** The most urgent alarm that is to be heard: muted severities are not. */
function useAudible(alarms: readonly Alarm[]): Alarm | undefined {
  const { mute } = usePreferences();
  const presentMs = useNow();
  const isMuted = mute !== null && Date.parse(mute.until) > presentMs;
  const from = isMuted ? severityOrder.indexOf(mute.upTo) : severityOrder.length;
  return alarms.find((alarm) => severityOrder.indexOf(alarm.severity) < from);
}

/** Off, on, or mute for a time: who handles alarms switches off only for a time, and that is noted. */
function SoundSwitch({ alarms }: { alarms: readonly Alarm[] }) {
  const t = useWords();
  const parkTime = useParkTime();
  const mayHandle = useMay(alarmHandlers);
  const { sound, mute, set } = usePreferences();
  const [muting, setMuting] = useState(false);
  const waiting = useAlarmSound(sound, useAudible(alarms));
  const mutedUntil = mute !== null && Date.parse(mute.until) > useNow() ? mute.until : null;
  const state = waiting ? t('alarmBar.soundWaiting') : t(mayHandle ? 'mute.sounding' : 'alarmBar.soundOn');
  const muted = mutedUntil === null ? null : t('mute.muted', { time: parkTime(mutedUntil, 'clock') });
  const words = sound ? (muted ?? state) : t('alarmBar.soundOff');
  const press = () => {
    if (!sound) set({ sound: true });
    else if (!mayHandle) set({ sound: false });
    else if (mutedUntil === null) setMuting(true);
    else set({ mute: null });
  };
  return (
    <>
      <Button
        type="text"
        aria-pressed={sound}
        aria-label={words}
        title={mutedUntil === null ? words : `${words} · ${t('mute.end')}`}
        icon={sound && !waiting && mutedUntil === null ? <SoundOutlined /> : <AudioMutedOutlined />}
        onClick={press}
      >
        {sound && muted !== null ? <span className="small num">{parkTime(mutedUntil, 'clock')}</span> : null}
      </Button>
      <Suspense fallback={null}>{muting ? <Mute onClose={() => setMuting(false)} /> : null}</Suspense>
    </>
  );
}

/** On every page: the highest unacknowledged alarm, counts by severity, the sound. */
export function AlarmBar() {
  const t = useWords();
  const ruleName = useRuleName();
  const { data, isError } = useUnacknowledged();
  const items = data?.items ?? [];
  const urgent = items.toSorted(byUrgency);
  const [first] = urgent;
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
                {t('alarmBar.more', { count: `${items.length - 1}${data?.nextCursor === null ? '' : '+'}` })}
              </Link>
            ) : null}
          </>
        )}
      </div>
      <Counts />
      <SoundSwitch alarms={urgent} />
    </section>
  );
}
