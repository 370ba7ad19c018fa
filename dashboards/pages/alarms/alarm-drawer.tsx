import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Button, Drawer, Timeline } from 'antd';
import { Link } from 'react-router';
import type { AlarmDetail } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { nowMs } from '../../app/clock.ts';
import { formatSpan, quantityText } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { pointsApi } from '../../app/points-api.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { useScale } from '../../app/theme.ts';
import { AlarmState } from '../../components/alarm-state.tsx';
import { Age, ProvenanceMark } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { Loaded } from '../../components/states.tsx';
import { TrendPanel } from '../device/trend-panel.tsx';
import { AlarmNotices } from '../notify/alarm-notices.tsx';
import { useActor, useReason } from '../../app/reason.ts';
import { actOf, acts, mayAct, type Act } from './acts.ts';
import { AlarmContext } from './alarm-context.tsx';
import { AlarmValue } from './alarm-value.tsx';

/** How much is shown before and after the onset. */
const aroundMs = 30 * 60_000;

function Facts({ alarm }: { alarm: AlarmDetail }) {
  const t = useWords();
  const inLanguage = useBilingual();
  const action = inLanguage({
    zh: alarm.recommendedAction,
    en: alarm.recommendedActionEn ?? alarm.recommendedAction,
  });
  const parkTime = useParkTime();
  const tellWhy = useReason(alarm);
  const endMs = alarm.clearedAt === null ? nowMs() : Date.parse(alarm.clearedAt);
  return (
    <dl className="facts">
      <dt>{t('alarm.state')}</dt>
      <dd>
        <AlarmState alarm={alarm} />
      </dd>
      <dt>{t('alarm.device')}</dt>
      <dd className="row wrap">
        <Link to={`/devices/${alarm.deviceId}?point=${alarm.point?.split('.')[1] ?? ''}`}>
          {alarm.deviceName}
        </Link>
        <span className="soft">{alarm.spaceName}</span>
        <ProvenanceMark provenance={alarm.provenance} />
      </dd>
      <dt>{t('rules.point')}</dt>
      <dd title={alarm.object}>
        {alarm.metricName === null ? (
          <span className="mono">{alarm.object}</span>
        ) : alarm.point === null ? (
          inLanguage(alarm.metricName)
        ) : (
          <Link to={`/points/${alarm.point}`}>{inLanguage(alarm.metricName)}</Link>
        )}
      </dd>
      <dt>{t('alarm.value')}</dt>
      <dd className="value num">
        <AlarmValue alarm={alarm} />
        {alarm.limit === null ? null : (
          <span className="soft">
            {' '}
            · {t('alarm.limit')} {quantityText(t, { value: alarm.limit, unit: alarm.unit })}
          </span>
        )}
      </dd>
      <dt>{t('alarm.reason')}</dt>
      <dd>{tellWhy(alarm)}</dd>
      <dt>{t('alarm.raisedAt')}</dt>
      <dd className="num">
        {parkTime(alarm.raisedAt)}{' '}
        <span className="soft">
          (<Age time={alarm.raisedAt} />)
        </span>
      </dd>
      <dt>{t('alarm.clearedAt')}</dt>
      <dd className="num">{parkTime(alarm.clearedAt)}</dd>
      <dt>{t('alarm.duration')}</dt>
      <dd className="num">{formatSpan(t, endMs - Date.parse(alarm.raisedAt))}</dd>
      <Held alarm={alarm} />
      <dt>{t('alarm.action')}</dt>
      <dd>{action === '' ? t('alarm.noAction') : action}</dd>
    </dl>
  );
}

/** Who has it, and why it disturbs nobody at the moment. */
function Held({ alarm }: { alarm: AlarmDetail }) {
  const t = useWords();
  const parkTime = useParkTime();
  const tellWhy = useReason(alarm);
  const { assignee, shelved, suppressed, outOfService } = alarm;
  return (
    <>
      {assignee === null ? null : (
        <>
          <dt>{t('act.assignee')}</dt>
          <dd>{assignee}</dd>
        </>
      )}
      {shelved === null ? null : (
        <>
          <dt>{t('alarm.shelved')}</dt>
          <dd>
            {shelved.reason}{' '}
            <span className="soft">
              {shelved.actor}, {t('act.until', { time: parkTime(shelved.until, 'minute') })}
            </span>
          </dd>
        </>
      )}
      {suppressed === null ? null : (
        <>
          <dt>{t('alarm.suppressed')}</dt>
          <dd>{tellWhy(suppressed)}</dd>
        </>
      )}
      {outOfService === null ? null : (
        <>
          <dt>{t('alarm.out-of-service')}</dt>
          <dd>
            {outOfService.reason} <span className="soft">{outOfService.actor}</span>
          </dd>
        </>
      )}
    </>
  );
}

function Journal({ alarm }: { alarm: AlarmDetail }) {
  const t = useWords();
  const parkTime = useParkTime();
  const tellWhy = useReason(alarm);
  const actorName = useActor();
  return (
    <Timeline
      items={alarm.journal.map((entry) => ({
        key: entry.id,
        content: (
          <div>
            <b>{t(`alarm.${entry.kind}`)}</b>{' '}
            <span className="soft num">
              {t('alarm.by', {
                actor: actorName(entry.actor),
                time: parkTime(entry.time),
              })}
            </span>
            <div>{tellWhy(entry)}</div>
          </div>
        ),
      }))}
    />
  );
}

/** The trend from half an hour before the onset to half an hour after it. */
function Onset({ alarm, point: key }: { alarm: AlarmDetail; point: string }) {
  const t = useWords();
  const query = useQuery({ queryKey: ['points', 'one', key], queryFn: () => pointsApi.point(key) });
  const onsetMs = Date.parse(alarm.raisedAt);
  return (
    <Loaded query={query}>
      {(point) => (
        <TrendPanel
          point={point}
          deviceClass={point.device.class}
          alarms={[alarm]}
          period={{ fromMs: onsetMs - aroundMs, toMs: onsetMs + aroundMs }}
          title={t('alarm.onset')}
        />
      )}
    </Loaded>
  );
}

interface ActsProps {
  readonly alarm: AlarmDetail;
  readonly onAct: (act: Act, alarm: AlarmDetail) => void;
}

/** True while something is typed, or a dialog stands over the drawer. */
function isBusy(target: EventTarget | null): boolean {
  const typing = target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
  const dialog = document.querySelector('.ant-modal');
  return typing || (dialog instanceof HTMLElement && dialog.checkVisibility());
}

/** What can be done with the alarm now, by button and by letter. */
function Acts({ alarm, onAct }: ActsProps) {
  const t = useWords();
  const { user } = useSession();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      const act = actOf(event.key, alarm, user.role);
      if (act === undefined) return;
      event.preventDefault();
      onAct(act, alarm);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [alarm, onAct, user.role]);
  const possible = acts.filter(({ key }) => mayAct(key, alarm, user.role));
  if (possible.length === 0) return null;
  return (
    <div className="row wrap">
      {possible.map(({ key, letter }) => (
        <Button
          key={key}
          type={key === 'acknowledge' || key === 'confirm' ? 'primary' : 'default'}
          aria-keyshortcuts={letter}
          onClick={() => onAct(key, alarm)}
        >
          {key === 'acknowledge' ? t('alarm.acknowledge') : t(`act.${key}`)} <kbd>{letter}</kbd>
        </Button>
      ))}
    </div>
  );
}

interface AlarmDrawerProps {
  readonly alarmId: string;
  readonly onClose: () => void;
  readonly onAct: (act: Act, alarm: AlarmDetail) => void;
}

/** One alarm: what, where, how long, what to do, and everything that happened to it. */
export function AlarmDrawer({ alarmId, onClose, onAct }: AlarmDrawerProps) {
  const t = useWords();
  const ruleName = useRuleName();
  const scale = useScale();
  const query = useQuery({ queryKey: [...keys.alarms, 'one', alarmId], queryFn: () => api.alarm(alarmId) });
  const alarm = query.data;
  return (
    <Drawer
      open
      size={720 * scale}
      onClose={onClose}
      title={
        alarm === undefined ? (
          t('alarm.details')
        ) : (
          <span className="row">
            <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} />
            {ruleName(alarm)}
          </span>
        )
      }
    >
      <Loaded query={query}>
        {(detail) => (
          <div className="stack">
            <Acts alarm={detail} onAct={onAct} />
            <Facts alarm={detail} />
            {detail.point === null ? null : <Onset alarm={detail} point={detail.point} />}
            <Panel title={t('alarm.journal')}>
              <Journal alarm={detail} />
            </Panel>
            <AlarmNotices alarmId={detail.id} />
            <AlarmContext alarm={detail} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}
