import { useEffect, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate } from 'react-router';
import { api } from '../../app/api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { ApiProblem } from '../../app/client.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { startLive, useLive } from '../../app/live.ts';
import { byUrgency } from '../../app/open-alarms.ts';
import { keys } from '../../app/queries.ts';
import { SessionContext, useSession } from '../../app/session.ts';
import { MobileAlarm } from './mobile-alarm.tsx';
import './mobile.css';

const renewMs = 20_000;
const most = 200;
const tabs = ['mine', 'unacknowledged', 'all'] as const;

/** The phone of an engineer: what is mine, what nobody has acknowledged; large targets, plain elements. */
export function MobilePage() {
  const t = useWords();
  const me = useQuery({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity });
  useEffect(() => {
    document.title = `${t('mobile.title')} · ${t('product.name')}`;
  }, [t]);
  if (me.error instanceof ApiProblem && me.error.status === 401)
    return <Navigate to="/login?next=/m" replace />;
  if (me.data === undefined) {
    return (
      <div className="mobile">
        <main role="status">{me.error === null ? t('common.loading') : t('error.offline')}</main>
      </div>
    );
  }
  if (me.data.user.mustChangePassword) return <Navigate to="/login?next=/m" replace />;
  return (
    <SessionContext value={me.data}>
      <Alarms />
    </SessionContext>
  );
}

function Alarms() {
  const t = useWords();
  const client = useQueryClient();
  const { user } = useSession();
  const { values, set } = useFilters(['tab', 'alarm'] as const);
  const connection = useLive((live) => live.connection);
  useEffect(() => {
    const live = startLive(client);
    return () => live[Symbol.dispose]();
  }, [client]);
  const load = (name: (typeof tabs)[number]) => {
    const query =
      name === 'mine'
        ? { state: 'open', order: 'urgency', assignee: user.username, limit: most }
        : { state: name === 'all' ? 'open' : 'unacknowledged', order: 'urgency', limit: most };
    return {
      queryKey: [...keys.alarms, 'mobile', name],
      queryFn: () => alarmApi.list(query),
      refetchInterval: renewMs,
    };
  };
  const lists = {
    mine: useQuery(load('mine')),
    unacknowledged: useQuery(load('unacknowledged')),
    all: useQuery(load('all')),
  };
  // Who has nothing of their own begins with what nobody has taken up; decided once, so that nothing moves later.
  const [first, setFirst] = useState<(typeof tabs)[number] | null>(null);
  const mineCount = lists.mine.data?.items.length;
  useEffect(() => {
    if (mineCount !== undefined)
      setFirst((decided) => decided ?? (mineCount === 0 ? 'unacknowledged' : 'mine'));
  }, [mineCount]);
  const tab = tabs.find((each) => each === values.tab) ?? first ?? 'mine';
  const list = lists[tab];
  const items = (list.data?.items ?? []).toSorted(byUrgency);
  const count = (name: (typeof tabs)[number]) => {
    const { data } = lists[name];
    return data === undefined ? '' : ` ${data.items.length}${data.nextCursor === null ? '' : '+'}`;
  };
  return (
    <div className="mobile">
      <header>
        <div className="row">
          <h1>{t('mobile.title')}</h1>
          <span className="soft small cut grow">{user.displayName}</span>
          <span className={connection === 'off' ? 'tag alert' : 'tag'} role="status">
            {t(connection === 'on' ? 'live.on' : connection === 'off' ? 'live.off' : 'live.connecting')}
          </span>
        </div>
        <div className="tabs" role="tablist">
          {tabs.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              aria-selected={each === tab}
              onClick={() => set({ tab: each === 'mine' ? null : each, alarm: null })}
            >
              {t(`mobile.${each}`)}
              <span className="num">{count(each)}</span>
            </button>
          ))}
        </div>
      </header>
      <main>
        {list.error === null ? null : <div role="alert">{t('alarmBar.unavailable')}</div>}
        {list.data !== undefined && items.length === 0 ? (
          <div className="state-box">
            <strong>{t('mobile.nothing')}</strong>
            <span>{t('mobile.nothingHint')}</span>
          </div>
        ) : null}
        {items.map((alarm) => (
          <MobileAlarm
            key={alarm.id}
            alarm={alarm}
            open={values.alarm === alarm.id}
            onToggle={() => set({ alarm: values.alarm === alarm.id ? null : alarm.id })}
          />
        ))}
      </main>
      <footer>
        <Link className="target" to="/alarms">
          {t('mobile.console')}
        </Link>
      </footer>
    </div>
  );
}
