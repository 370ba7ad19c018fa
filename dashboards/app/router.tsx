import { createBrowserRouter, useRouteError } from 'react-router';
import { EmptyState, ErrorState, Loading } from '../components/states.tsx';
import { useWords } from './i18n.ts';
import { Shell } from './shell.tsx';

function Crash() {
  return <ErrorState error={useRouteError()} onRetry={() => location.reload()} />;
}

function NoPage() {
  const t = useWords();
  return <EmptyState title={t('error.notFoundPage')} hint={t('error.notFoundHint')} />;
}

/** Every page is a script of its own, fetched when it is first visited. */
export function createRouter() {
  return createBrowserRouter([
    {
      path: '/login',
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      lazy: async () => ({ Component: (await import('../pages/login/login-page.tsx')).LoginPage }),
    },
    {
      path: '/board',
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      lazy: async () => ({ Component: (await import('../pages/board/board-page.tsx')).BoardPage }),
    },
    {
      path: '/',
      Component: Shell,
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      children: [{ ErrorBoundary: Crash, children: [...pages, { path: '*', Component: NoPage }] }],
    },
  ]);
}

const pages = [
  {
    index: true,
    lazy: async () => ({ Component: (await import('../pages/overview/overview-page.tsx')).OverviewPage }),
  },
];
