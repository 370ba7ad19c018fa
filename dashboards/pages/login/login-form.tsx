import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useProblemText } from '../../components/states.tsx';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function LoginForm({ onDone }: { onDone: () => Promise<void> }) {
  const t = useWords();
  const problem = useProblemText();
  const login = useMutation({
    mutationFn: async (credentials: Credentials) => {
      await api.login(credentials);
      await onDone();
    },
  });
  const failure = login.error === null ? null : problem(login.error);
  return (
    <Form<Credentials> layout="vertical" requiredMark={false} onFinish={(values) => login.mutate(values)}>
      <Form.Item
        name="username"
        label={t('login.username')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('login.password')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      {failure === null ? null : (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 16 }}
          title={failure.title}
          description={t('error.code', { code: failure.code })}
        />
      )}
      <Button type="primary" htmlType="submit" block loading={login.isPending}>
        {t('login.submit')}
      </Button>
      <p className="soft small">{t('login.firstStart')}</p>
    </Form>
  );
}
