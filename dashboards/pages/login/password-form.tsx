import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { Refusal } from '../../components/refusal.tsx';
import { NextPasswordFields, type NextPassword } from './next-password.tsx';

interface Change extends NextPassword {
  readonly current: string;
}

/** One's own password: the current one, and the next one twice. */
export function PasswordForm({ userId, onDone }: { userId: string; onDone: () => Promise<void> | void }) {
  const t = useWords();
  const [form] = Form.useForm<Change>();
  const change = useMutation({
    mutationFn: async ({ current, next }: Change) => {
      await api.setPassword(userId, { current, next });
      form.resetFields();
      await onDone();
    },
  });
  const required = { required: true, message: t('common.required') };
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => change.mutate(values)}>
      <Form.Item name="current" label={t('login.current')} rules={[required]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <NextPasswordFields />
      <Refusal error={change.error} />
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {t('login.change')}
      </Button>
    </Form>
  );
}
