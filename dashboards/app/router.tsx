import { useEffect, useState } from 'react';
import { createBrowserRouter, useRouteError } from 'react-router';
import { EmptyState, ErrorState, Loading } from '../components/states.tsx';
import { useWords } from './i18n.ts';
import { useLive } from './live.ts';
import { Shell } from './shell.tsx';

/** A page whose script could not be fetched while the server was away comes by itself when it is back. */
function Crash() {
  const connection = useLive((live) => live.connection);
  const [away] = useState(connection === 'off');
  useEffect(() => {
    if (away && connection === 'on') location.reload();
  }, [away, connection]);
  return <ErrorState error={useRouteError()} onRetry={() => location.reload()} />;
}

function NoPage() {
  const t = useWords();
  return <EmptyState title={t('error.notFoundPage')} hint={t('error.notFoundHint')} />;
}

/** Pages behind the login: each is a script of its own, fetched when it is first visited. */
const pages = [
  {
    index: true,
    lazy: async () => ({ Component: (await import('../pages/overview/overview-page.tsx')).OverviewPage }),
  },
  {
    path: 'devices',
    lazy: async () => ({ Component: (await import('../pages/devices/devices-page.tsx')).DevicesPage }),
  },
  {
    path: 'devices/import',
    lazy: async () => ({ Component: (await import('../pages/import/import-page.tsx')).ImportPage }),
  },
  {
    path: 'devices/:deviceId',
    lazy: async () => ({ Component: (await import('../pages/device/device-page.tsx')).DevicePage }),
  },
  {
    path: 'points/:pointKey',
    lazy: async () => ({ Component: (await import('../pages/point/point-page.tsx')).PointPage }),
  },
  {
    path: 'boards/:classId',
    lazy: async () => ({
      Component: (await import('../pages/class-board/class-board-page.tsx')).ClassBoardPage,
    }),
  },
  {
    path: 'history',
    lazy: async () => ({ Component: (await import('../pages/history/history-page.tsx')).HistoryPage }),
  },
  {
    path: 'spaces',
    lazy: async () => ({ Component: (await import('../pages/spaces/spaces-page.tsx')).SpacesPage }),
  },
  {
    path: 'alarms',
    lazy: async () => ({ Component: (await import('../pages/alarms/alarms-page.tsx')).AlarmsPage }),
  },
  {
    path: 'alarms/figures',
    lazy: async () => ({ Component: (await import('../pages/alarms/figures-page.tsx')).FiguresPage }),
  },
  {
    path: 'alarms/report',
    lazy: async () => ({ Component: (await import('../pages/alarms/report-page.tsx')).ReportPage }),
  },
  {
    path: 'alarms/maintenance',
    lazy: async () => ({
      Component: (await import('../pages/alarms/maintenance-page.tsx')).MaintenancePage,
    }),
  },
  {
    path: 'alarms/handover',
    lazy: async () => ({ Component: (await import('../pages/alarms/handover-page.tsx')).HandoverPage }),
  },
  {
    path: 'alarms/rules',
    lazy: async () => ({ Component: (await import('../pages/alarms/rules-page.tsx')).RulesPage }),
  },
  {
    path: 'alarms/not-raised',
    lazy: async () => ({
      Component: (await import('../pages/alarms/not-raised-page.tsx')).NotRaisedPage,
    }),
  },
  {
    path: 'alarms/desks',
    lazy: async () => ({ Component: (await import('../pages/desks/desks-page.tsx')).DesksPage }),
  },
  {
    path: 'alarms/notify',
    lazy: async () => ({ Component: (await import('../pages/notify/notify-page.tsx')).NotifyPage }),
  },
  {
    path: 'gateways',
    lazy: async () => ({ Component: (await import('../pages/gateways/gateways-page.tsx')).GatewaysPage }),
  },
  {
    path: 'assessment',
    lazy: async () => ({ Component: (await import('../pages/assessment/rubrics-page.tsx')).RubricsPage }),
  },
  {
    path: 'assessment/:rubricId',
    lazy: async () => ({ Component: (await import('../pages/assessment/score-page.tsx')).ScorePage }),
  },
  {
    path: 'assessment/:rubricId/items/:item',
    lazy: async () => ({ Component: (await import('../pages/assessment/item-page.tsx')).ItemPage }),
  },
  {
    path: 'assessment/:rubricId/gaps',
    lazy: async () => ({ Component: (await import('../pages/assessment/gaps-page.tsx')).GapsPage }),
  },
  {
    path: 'assessment/:rubricId/trend',
    lazy: async () => ({ Component: (await import('../pages/assessment/trend-page.tsx')).TrendPage }),
  },
  {
    path: 'evidence/:evidenceId',
    lazy: async () => ({ Component: (await import('../pages/assessment/evidence-page.tsx')).EvidencePage }),
  },
  {
    path: 'registers',
    lazy: async () => ({
      Component: (await import('../pages/registers/registers-page.tsx')).RegistersPage,
    }),
  },
  {
    path: 'registers/:kind',
    lazy: async () => ({ Component: (await import('../pages/registers/records-page.tsx')).RecordsPage }),
  },
  {
    path: 'registers/:kind/import',
    lazy: async () => ({
      Component: (await import('../pages/registers/record-import-page.tsx')).RecordImportPage,
    }),
  },
  {
    path: 'claims',
    lazy: async () => ({ Component: (await import('../pages/claims/claims-page.tsx')).ClaimsPage }),
  },
  {
    path: 'system',
    lazy: async () => ({ Component: (await import('../pages/system/system-page.tsx')).SystemPage }),
  },
  {
    path: 'account',
    lazy: async () => ({ Component: (await import('../pages/account/account-page.tsx')).AccountPage }),
  },
];

export function createRouter() {
  return createBrowserRouter([
    {
      path: '/login',
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      lazy: async () => ({ Component: (await import('../pages/login/login-page.tsx')).LoginPage }),
    },
    {
      path: '/invitation',
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      lazy: async () => ({
        Component: (await import('../pages/login/invitation-page.tsx')).InvitationPage,
      }),
    },
    {
      path: '/board',
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      lazy: async () => ({ Component: (await import('../pages/board/board-page.tsx')).BoardPage }),
    },
    {
      path: '/m',
      ErrorBoundary: Crash,
      HydrateFallback: Loading,
      lazy: async () => ({ Component: (await import('../pages/mobile/mobile-page.tsx')).MobilePage }),
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
