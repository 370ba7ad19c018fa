import { Link } from 'react-router';
import type { HandoverState as State } from '../../app/alarm-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { useParkTime } from '../../app/session.ts';
import { SeverityMark } from '../../components/severity.tsx';

/** How the alarms stood at an instant. */
export function HandoverState({ state }: { state: State }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { open, shelved, outOfService, suppressed, maintenance, floods } = state;
  return (
    <div className="stack">
      <div className="row wrap soft num">
        <span>{parkTime(state.at)}</span>
        <span>
          {t('handover.suppressedNow')} {suppressed.count}
        </span>
        {floods.length === 0 ? null : <span className="tag alert">{t('handover.floods')}</span>}
      </div>
      <Alarms title={t('handover.open')} list={open} />
      <Alarms title={t('handover.shelved')} list={shelved} />
      <Alarms title={t('handover.outOfService')} list={outOfService} />
      <div>
        <b>{t('handover.maintenance')}</b> <span className="num">{maintenance.length}</span>
        {maintenance.map((window) => (
          <div key={window.id} className="small">
            {window.name} · {window.reason}{' '}
            <span className="soft num">{t('act.until', { time: parkTime(window.until, 'minute') })}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

const shown = 20;

function Alarms({ title, list }: { title: string; list: State['open'] }) {
  const t = useWords();
  const ruleName = useRuleName();
  const parkTime = useParkTime();
  const items = list.items.slice(0, shown);
  return (
    <div>
      <b>{title}</b> <span className="num">{list.count}</span>
      {items.map((alarm) => (
        <div key={alarm.id} className="row small">
          <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} />
          <Link className="cut grow" to={`/alarms?alarm=${alarm.id}`}>
            {ruleName(alarm)} · {alarm.deviceName}
            {alarm.reason === null ? '' : ` · ${alarm.reason}`}
          </Link>
          {alarm.assignee === null ? null : <span className="tag">{alarm.assignee}</span>}
          <span className={alarm.active ? 'tag strong' : 'tag'}>
            {t(alarm.active ? 'alarm.active' : 'alarm.cleared')}
          </span>
          <span className="soft num">
            {alarm.until === null
              ? parkTime(alarm.raisedAt, 'minute')
              : t('act.until', { time: parkTime(alarm.until, 'minute') })}
          </span>
        </div>
      ))}
      {list.count > items.length ? (
        <div className="soft small">{t('handover.more', { count: list.count - items.length })}</div>
      ) : null}
    </div>
  );
}
