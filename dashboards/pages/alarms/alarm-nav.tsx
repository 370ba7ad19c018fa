import { NavLink } from 'react-router';
import { useWords } from '../../app/i18n.ts';

const pages = [
  { key: 'list', path: '/alarms' },
  { key: 'figures', path: '/alarms/figures' },
  { key: 'report', path: '/alarms/report' },
  { key: 'maintenance', path: '/alarms/maintenance' },
  { key: 'handover', path: '/alarms/handover' },
  { key: 'rules', path: '/alarms/rules' },
] as const;

/** The pages about alarms, beside the title of each. */
export function AlarmNav() {
  const t = useWords();
  return (
    <nav className="page-nav" aria-label={t('alarmNav.title')}>
      {pages.map(({ key, path }) => (
        <NavLink key={key} to={path} end>
          {t(`alarmNav.${key}`)}
        </NavLink>
      ))}
    </nav>
  );
}
