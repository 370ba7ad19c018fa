import {
  AlertOutlined,
  ApiOutlined,
  ApartmentOutlined,
  AuditOutlined,
  BookOutlined,
  CloudOutlined,
  DashboardOutlined,
  ExperimentOutlined,
  HddOutlined,
  KeyOutlined,
  LineChartOutlined,
  MenuFoldOutlined,
  MenuUnfoldOutlined,
  SettingOutlined,
  ThunderboltOutlined,
  VerticalAlignMiddleOutlined,
  VideoCameraOutlined,
} from '@ant-design/icons';
import { Button } from 'antd';
import { NavLink } from 'react-router';
import { destinations } from './destinations.ts';
import { useWords } from './i18n.ts';
import { usePreferences } from './preferences.ts';
import { useSession } from './session.ts';

const icons = {
  overview: DashboardOutlined,
  alarms: AlertOutlined,
  spaces: ApartmentOutlined,
  devices: HddOutlined,
  energy: ThunderboltOutlined,
  water: ExperimentOutlined,
  video: VideoCameraOutlined,
  elevators: VerticalAlignMiddleOutlined,
  environment: CloudOutlined,
  access: KeyOutlined,
  history: LineChartOutlined,
  assessment: AuditOutlined,
  registers: BookOutlined,
  gateways: ApiOutlined,
  system: SettingOutlined,
};

export function Menu() {
  const t = useWords();
  const { user } = useSession();
  const { narrowMenu, set } = usePreferences();
  return (
    <nav className={narrowMenu ? 'narrow' : ''} aria-label={t('nav.main')}>
      {destinations
        .filter(({ roles }) => roles.includes(user.role))
        .map(({ key, path }) => {
          const Icon = icons[key];
          return (
            <NavLink key={key} to={path} end={path === '/'} title={t(`nav.${key}`)}>
              <Icon aria-hidden />
              {narrowMenu ? null : t(`nav.${key}`)}
            </NavLink>
          );
        })}
      <span className="grow" />
      <Button
        type="text"
        aria-label={t(narrowMenu ? 'nav.expand' : 'nav.collapse')}
        title={t(narrowMenu ? 'nav.expand' : 'nav.collapse')}
        icon={narrowMenu ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
        onClick={() => set({ narrowMenu: !narrowMenu })}
      />
    </nav>
  );
}
