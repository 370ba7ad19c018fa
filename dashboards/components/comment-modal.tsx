import { Form, Input } from 'antd';
import { useWords } from '../app/i18n.ts';
import { FormModal } from './form-modal.tsx';

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
  return (
    <FormModal<{ comment: string }>
      title={title}
      action={action}
      onClose={onClose}
      onSubmit={({ comment }) => onSubmit(comment.trim())}
    >
      <p>{body}</p>
      <Form.Item
        name="comment"
        label={label}
        extra={hint}
        rules={[{ required: true, whitespace: true, message: t('alarm.commentRequired') }]}
      >
        <Input.TextArea rows={3} maxLength={longest} />
      </Form.Item>
    </FormModal>
  );
}
