import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, Outlet, useLocation } from 'react-router';
import { ErrorState, Loading } from '../components/states.tsx';
import { AlarmBar } from './alarm-bar.tsx';
import { api } from './api.ts';
import { ApiProblem } from './client.ts';
import { Header } from './header.tsx';
import { useWords } from './i18n.ts';
import { Inbox } from './inbox.tsx';
import { useKeyboard } from './keyboard.ts';
import { startLive } from './live.ts';
import { Menu } from './menu.tsx';
import { keys } from './queries.ts';
import { SessionContext } from './session.ts';

// Fetched when first asked for: the first page shows sooner without them.
const KeyHelp = lazy(async () => ({ default: (await import('./key-help.tsx')).KeyHelp }));
const SearchBox = lazy(async () => ({ default: (await import('./search-box.tsx')).SearchBox }));

/** What stands around every page behind the login: header, menu, alarm bar; and who is logged in. */
export function Shell() {
  const location = useLocation();
  const me = useQuery({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity });
  const here = `${location.pathname}${location.search}`;
  const toLogin = `/login${here === '/' ? '' : `?next=${encodeURIComponent(here)}`}`;
  if (me.error instanceof ApiProblem && me.error.status === 401) return <Navigate to={toLogin} replace />;
  if (me.error !== null && me.data === undefined) return <ErrorState error={me.error} onRetry={me.refetch} />;
  if (me.data === undefined) return <Loading />;
  if (me.data.user.mustChangePassword) return <Navigate to={toLogin} replace />;
  return (
    <SessionContext value={me.data}>
      <Frame key={me.data.user.id} />
    </SessionContext>
  );
}

/** A session that ends while the page is open is noticed by any request that is refused. */
function useEndOfSession(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ query, type }) => {
        const { error } = query.state;
        const ended = error instanceof ApiProblem && error.status === 401 && query.queryKey[0] !== keys.me[0];
        if (type === 'updated' && ended) void client.resetQueries({ queryKey: keys.me });
      }),
    [client],
  );
}

function Frame() {
  const t = useWords();
  const client = useQueryClient();
  const [open, setOpen] = useState<'search' | 'help' | null>(null);
  const actions = useMemo(() => ({ search: () => setOpen('search'), help: () => setOpen('help') }), []);
  useKeyboard(actions);
  useEndOfSession();
  useEffect(() => {
    const live = startLive(client);
    return () => live[Symbol.dispose]();
  }, [client]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <Header onSearch={actions.search} onHelp={actions.help} />
      <Menu />
      <AlarmBar />
      <Inbox />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense fallback={null}>
        {open === 'search' ? <SearchBox onClose={() => setOpen(null)} /> : null}
        {open === 'help' ? <KeyHelp onClose={() => setOpen(null)} /> : null}
      </Suspense>
    </div>
  );
}
