import {
  MoonOutlined,
  QuestionCircleOutlined,
  SearchOutlined,
  SunOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Dropdown, Segmented, Tooltip } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api } from './api.ts';
import { useNow } from './clock.ts';
import { switchLanguage, useWords } from './i18n.ts';
import { useLive } from './live.ts';
import { languages, usePreferences } from './preferences.ts';
import { useParkTime, useSession } from './session.ts';
import { useMode } from './theme.ts';

/** Whether what the page shows is live, said in words. */
function LiveMark() {
  const t = useWords();
  const connection = useLive((live) => live.connection);
  const words = t(connection === 'on' ? 'live.on' : connection === 'off' ? 'live.off' : 'live.connecting');
  return (
    <Tooltip title={connection === 'off' ? t('live.offHint') : ''}>
      <span className={connection === 'off' ? 'tag alert' : 'tag'} role="status">
        {words}
      </span>
    </Tooltip>
  );
}

export function LanguageSwitch() {
  const t = useWords();
  const language = usePreferences((preferences) => preferences.language);
  return (
    <Segmented
      aria-label={t('language.title')}
      value={language}
      options={languages.map((each) => ({ value: each, label: t(`language.${each}`) }))}
      onChange={(chosen) => void switchLanguage(chosen)}
    />
  );
}

export function ModeSwitch() {
  const t = useWords();
  const mode = useMode();
  const set = usePreferences((preferences) => preferences.set);
  const words = t(mode === 'dark' ? 'mode.toLight' : 'mode.toDark');
  return (
    <Button
      type="text"
      aria-label={words}
      title={words}
      icon={mode === 'dark' ? <SunOutlined /> : <MoonOutlined />}
      onClick={() => set({ mode: mode === 'dark' ? 'light' : 'dark' })}
    />
  );
}

function UserMenu() {
  const t = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const logout = async () => {
    await api.logout().catch(() => undefined);
    client.clear();
    await navigate('/login');
  };
  const who = `${user.displayName} · ${t(`role.${user.role}`)}`;
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'account', label: t('nav.account'), onClick: () => void navigate('/account') },
          { key: 'board', label: t('nav.board'), onClick: () => void navigate('/board') },
          { type: 'divider' },
          { key: 'logout', label: t('login.logout'), onClick: () => void logout() },
        ],
      }}
    >
      <Button type="text" icon={<UserOutlined />} aria-label={who}>
        <span className="text">{who}</span>
      </Button>
    </Dropdown>
  );
}

function ParkClock() {
  const t = useWords();
  const { timeZone } = useSession();
  const parkTime = useParkTime();
  return (
    <time className="num soft" title={t('product.zone', { zone: timeZone })}>
      {parkTime(useNow())}
    </time>
  );
}

export function Header({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  const t = useWords();
  const { parkId } = useSession();
  return (
    <header>
      <Link className="brand" to="/" aria-label={t('product.name')}>
        <img src="/icon.svg" alt="" />
        <span className="text">{t('product.name')}</span>
      </Link>
      <span className="soft cut">{t('product.park', { park: parkId })}</span>
      <LiveMark />
      <span className="grow" />
      <ParkClock />
      <Button icon={<SearchOutlined />} aria-label={t('common.search')} onClick={onSearch}>
        <span className="text">
          {t('common.search')} <kbd>/</kbd>
        </span>
      </Button>
      <LanguageSwitch />
      <ModeSwitch />
      <Button
        type="text"
        icon={<QuestionCircleOutlined />}
        aria-label={t('keys.help')}
        title={t('keys.help')}
        onClick={onHelp}
      />
      <UserMenu />
    </header>
  );
}
