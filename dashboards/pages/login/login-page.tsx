import { useEffect } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router';
import type { Me } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { LoginForm } from './login-form.tsx';
import { LoginPanel } from './login-panel.tsx';
import { PasswordForm } from './password-form.tsx';
import { safeNext } from './safe-next.ts';

/** Login; and, for a one-time password, the choice of one's own before anything else. */
export function LoginPage() {
  const t = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const next = safeNext(parameters.get('next'));
  const me = useQuery({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity, retry: false });
  useEffect(() => {
    document.title = `${t('login.title')} · ${t('product.name')}`;
  }, [t]);
  const enter = async () => {
    await client.resetQueries();
    const answer = await client.fetchQuery<Me>({ queryKey: keys.me, queryFn: api.me });
    if (!answer.user.mustChangePassword) await navigate(next);
  };
  const user = me.isError ? undefined : me.data?.user;
  if (user?.mustChangePassword === false) return <Navigate to={next} replace />;
  return (
    <LoginPanel>
      {user === undefined ? (
        <LoginForm onDone={enter} />
      ) : (
        <>
          <h2>{t('login.changeTitle')}</h2>
          <p className="soft">{t('login.changeHint')}</p>
          <PasswordForm userId={user.id} onDone={enter} />
        </>
      )}
      <p className="small" style={{ marginBottom: 0 }}>
        <Link to="/board">{t('login.board')}</Link>
      </p>
    </LoginPanel>
  );
}
