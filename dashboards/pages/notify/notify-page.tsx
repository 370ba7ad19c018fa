import { useWords } from '../../app/i18n.ts';
import { Page } from '../../components/page.tsx';
import { UrlTabs } from '../../components/url-tabs.tsx';
import { AlarmNav } from '../alarms/alarm-nav.tsx';
import { Channels } from './channels.tsx';
import { Deliveries } from './deliveries.tsx';
import { Reports } from './reports.tsx';
import { Rosters } from './rosters.tsx';
import { Routes } from './routes.tsx';
import { Teams } from './teams.tsx';
import './notify.css';

/** Who is told of alarms: routes, who is on call, channels, teams, and what was sent. */
export function NotifyPage() {
  const t = useWords();
  return (
    <Page fill title={t('notify.title')} beside={<AlarmNav />}>
      <UrlTabs
        tabs={[
          { key: 'routes', label: t('notify.routes'), children: <Routes /> },
          { key: 'rosters', label: t('notify.rosters'), children: <Rosters /> },
          { key: 'channels', label: t('notify.channels'), children: <Channels /> },
          { key: 'teams', label: t('notify.teams'), children: <Teams /> },
          { key: 'reports', label: t('notify.reports'), children: <Reports /> },
          { key: 'log', label: t('notify.log'), children: <Deliveries /> },
        ]}
      />
    </Page>
  );
}
