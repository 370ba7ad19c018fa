import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useProblemText } from '../../components/states.tsx';

interface Change {
  readonly current: string;
  readonly next: string;
  readonly repeat: string;
}

const shortest = 10;

/** One's own password: the current one, and the next one twice. */
export function PasswordForm({ userId, onDone }: { userId: string; onDone: () => Promise<void> | void }) {
  const t = useWords();
  const problem = useProblemText();
  const [form] = Form.useForm<Change>();
  const change = useMutation({
    mutationFn: async ({ current, next }: Change) => {
      await api.setPassword(userId, { current, next });
      form.resetFields();
      await onDone();
    },
  });
  const required = { required: true, message: t('common.required') };
  const failure = change.error === null ? null : problem(change.error);
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => change.mutate(values)}>
      <Form.Item name="current" label={t('login.current')} rules={[required]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item
        name="next"
        label={t('login.next')}
        extra={t('login.rule')}
        rules={[required, { min: shortest, message: t('login.rule') }]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t('login.repeat')}
        dependencies={['next']}
        rules={[
          required,
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('next')
                ? Promise.resolve()
                : Promise.reject(new Error(t('login.mismatch'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      {failure === null ? null : (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 16 }}
          title={failure.title}
          description={`${failure.detail} ${t('error.code', { code: failure.code })}`}
        />
      )}
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {t('login.change')}
      </Button>
    </Form>
  );
}
