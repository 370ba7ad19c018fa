import { useWords } from '../../app/i18n.ts';
import { Page } from '../../components/page.tsx';
import { UrlTabs } from '../../components/url-tabs.tsx';
import { AlarmNav } from '../alarms/alarm-nav.tsx';
import { ParkCalendar } from './calendar.tsx';
import { OperatorPositions } from './positions.tsx';
import './desks.css';

/** Who sits where, and on which days the park does not follow the weekday. */
export function DesksPage() {
  const t = useWords();
  return (
    <Page title={t('desks.title')} beside={<AlarmNav />}>
      <UrlTabs
        tabs={[
          { key: 'positions', label: t('desks.positions'), children: <OperatorPositions /> },
          { key: 'calendar', label: t('desks.calendar'), children: <ParkCalendar /> },
        ]}
      />
    </Page>
  );
}
