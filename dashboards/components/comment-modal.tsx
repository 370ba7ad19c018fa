import { useMutation } from '@tanstack/react-query';
import { Alert, Form, Input, Modal } from 'antd';
import { useWords } from '../app/i18n.ts';
import { useFirstField } from './first-field.ts';
import { useProblemText } from './states.tsx';

interface CommentModalProps {
  readonly title: string;
  /** Names the object and what happens to it. */
  readonly body: string;
  readonly label: string;
  readonly hint: string;
  readonly action: string;
  readonly onClose: () => void;
  /** The dialog closes when it resolves. */
  readonly onSubmit: (comment: string) => Promise<void>;
}

const longest = 2_000;

/** Asks for the comment without which something is not done. */
export function CommentModal({ title, body, label, hint, action, onClose, onSubmit }: CommentModalProps) {
  const t = useWords();
  const problem = useProblemText();
  const { fields, afterOpenChange } = useFirstField();
  const [form] = Form.useForm<{ comment: string }>();
  const submit = useMutation({
    mutationFn: ({ comment }: { comment: string }) => onSubmit(comment.trim()),
    onSuccess: onClose,
  });
  const failure = submit.error === null ? null : problem(submit.error);
  return (
    <Modal
      open
      afterOpenChange={afterOpenChange}
      title={title}
      okText={action}
      cancelText={t('common.cancel')}
      confirmLoading={submit.isPending}
      onCancel={onClose}
      onOk={() => form.submit()}
    >
      <p>{body}</p>
      <div ref={fields}>
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => submit.mutate(values)}>
          <Form.Item
            name="comment"
            label={label}
            extra={hint}
            rules={[{ required: true, whitespace: true, message: t('alarm.commentRequired') }]}
          >
            <Input.TextArea rows={3} maxLength={longest} />
          </Form.Item>
        </Form>
      </div>
      {failure === null ? null : (
        <Alert
          type="error"
          showIcon
          title={failure.title}
          description={[failure.detail, t('error.code', { code: failure.code })].join(' ')}
        />
      )}
    </Modal>
  );
}
