import { useWords } from '../../app/i18n.ts';
import { useSession } from '../../app/session.ts';
import { useNotify } from '../../components/notify.ts';
import { Page, Panel } from '../../components/page.tsx';
import { PasswordForm } from '../login/password-form.tsx';
import { PreferencesPanel } from '../notify/preferences-panel.tsx';
import { Sessions } from './sessions.tsx';
import { Tokens } from './tokens.tsx';

/** One's own password, sessions and tokens. */
export function AccountPage() {
  const t = useWords();
  const notify = useNotify();
  const { user } = useSession();
  return (
    <Page
      title={t('account.title')}
      beside={
        <>
          <span className="mono">{user.username}</span>
          <span className="tag">{t(`role.${user.role}`)}</span>
        </>
      }
    >
      <PreferencesPanel />
      <Sessions />
      <Tokens />
      <Panel title={t('account.password')}>
        <div className="narrow-form">
          <PasswordForm userId={user.id} onDone={() => notify.done(t('login.changed'))} />
        </div>
      </Panel>
    </Page>
  );
}
