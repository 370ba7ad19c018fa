import { NavLink } from 'react-router';
import { alarmHandlers } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/session.ts';

const pages = [
  { key: 'list', path: '/alarms' },
  { key: 'figures', path: '/alarms/figures' },
  { key: 'report', path: '/alarms/report' },
  { key: 'maintenance', path: '/alarms/maintenance' },
  { key: 'handover', path: '/alarms/handover' },
  { key: 'rules', path: '/alarms/rules' },
  { key: 'notRaised', path: '/alarms/not-raised' },
  { key: 'desks', path: '/alarms/desks' },
  { key: 'notify', path: '/alarms/notify' },
] as const;

/** The pages about alarms, beside the title of each. */
export function AlarmNav() {
  const t = useWords();
  const mayHandle = useMay(alarmHandlers);
  const shown = pages.filter(({ key }) => key !== 'notify' || mayHandle);
  return (
    <nav className="page-nav" aria-label={t('alarmNav.title')}>
      {shown.map(({ key, path }) => (
        <NavLink key={key} to={path} end>
          {t(`alarmNav.${key}`)}
        </NavLink>
      ))}
    </nav>
  );
}
