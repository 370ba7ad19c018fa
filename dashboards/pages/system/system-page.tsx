import { admins, engineers } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/session.ts';
import { Page } from '../../components/page.tsx';
import { UrlTabs } from '../../components/url-tabs.tsx';
import { About } from './about.tsx';
import { Audit } from './audit.tsx';
import { Invitations } from './invitations.tsx';
import { Privacy } from './privacy.tsx';
import { RawRetentionPanel } from './raw-retention.tsx';
import { ReadinessPanel } from './readiness.tsx';
import { Users } from './users.tsx';

/** Users and audit for administrators; readiness and what this is for everyone. */
export function SystemPage() {
  const t = useWords();
  const admin = useMay(admins);
  const forAdmins = [
    {
      key: 'users',
      label: t('system.users'),
      children: (
        <>
          <Users />
          <Invitations />
        </>
      ),
    },
    { key: 'audit', label: t('system.audit'), children: <Audit /> },
  ];
  return (
    <Page fill title={t('system.title')}>
      <UrlTabs
        tabs={[
          ...(admin ? forAdmins : []),
          { key: 'readiness', label: t('system.readiness'), children: <ReadinessPanel /> },
          { key: 'storage', label: t('system.storage'), children: <RawRetentionPanel /> },
          ...(useMay(engineers) ? [{ key: 'privacy', label: t('privacy.tab'), children: <Privacy /> }] : []),
          { key: 'about', label: t('system.about'), children: <About /> },
        ]}
      />
    </Page>
  );
}
