import { useEffect, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useNavigate } from 'react-router';
import { api } from '../../app/api.ts';
import { invitationApi } from '../../app/invitation-api.ts';
import { useWords } from '../../app/i18n.ts';
import { Refusal } from '../../components/refusal.tsx';
import { EmptyState } from '../../components/states.tsx';
import { LoginPanel } from './login-panel.tsx';
import { NextPasswordFields, type NextPassword } from './next-password.tsx';

/** Who was invited chooses the password, once; then the console opens. */
function ChoiceForm({ token }: { token: string }) {
  const t = useWords();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: async ({ next }: NextPassword) => {
      const { username } = await invitationApi.accept({ token, password: next });
      await api.login({ username, password: next });
      await navigate('/assessment', { replace: true });
    },
  });
  return (
    <Form<NextPassword> layout="vertical" requiredMark={false} onFinish={(values) => accept.mutate(values)}>
      <NextPasswordFields autoFocus />
      <Refusal error={accept.error} />
      <Button type="primary" htmlType="submit" block loading={accept.isPending}>
        {t('invitation.accept')}
      </Button>
    </Form>
  );
}

export function InvitationPage() {
  const t = useWords();
  // The token stays out of the address bar, its history, and every log.
  const [token] = useState(() => location.hash.slice(1));
  useEffect(() => {
    document.title = `${t('invitation.pageTitle')} · ${t('product.name')}`;
    history.replaceState(history.state, '', location.pathname);
  }, [t]);
  return (
    <LoginPanel>
      <h2>{t('invitation.pageTitle')}</h2>
      {token === '' ? (
        <EmptyState title={t('invitation.noToken')} hint={t('invitation.noTokenHint')} />
      ) : (
        <>
          <p className="soft">{t('invitation.pageHint')}</p>
          <ChoiceForm token={token} />
        </>
      )}
    </LoginPanel>
  );
}
