import type { ReactNode } from 'react';
import { useMutation } from '@tanstack/react-query';
import { Form, Modal } from 'antd';
import { useWords } from '../app/i18n.ts';
import { useScale } from '../app/theme.ts';
import { useFirstField } from './first-field.ts';
import { Refusal } from './refusal.tsx';

interface FormModalProps<T> {
  readonly title: string;
  readonly action: string;
  readonly initial?: Partial<T>;
  /** Where it is not the usual one, px on an ordinary screen. */
  readonly width?: number;
  readonly onClose: () => void;
  /** The dialog closes when it resolves and shows the problem when it rejects. */
  readonly onSubmit: (values: T) => Promise<void>;
  readonly children: ReactNode;
}

const usualWidth = 520;

/** A small form in a dialog; a refusal of the server is shown inside, nothing typed is lost. */
export function FormModal<T extends object>(props: FormModalProps<T>) {
  const { title, action, initial = {}, width = usualWidth, onClose, onSubmit, children } = props;
  const t = useWords();
  const scale = useScale();
  const { fields, opening } = useFirstField();
  const [form] = Form.useForm<T>();
  const submit = useMutation({ mutationFn: onSubmit, onSuccess: onClose });
  return (
    <Modal
      open
      {...opening}
      width={width * scale}
      title={title}
      okText={action}
      cancelText={t('common.cancel')}
      confirmLoading={submit.isPending}
      onCancel={onClose}
      onOk={() => form.submit()}
    >
      <div
        ref={fields}
        role="presentation"
        onKeyDown={(event) => {
          // In a text of several lines Enter alone begins the next one.
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          form.submit();
        }}
      >
        <Form<T>
          form={form}
          layout="vertical"
          requiredMark={false}
          scrollToFirstError={{ focus: true }}
          initialValues={initial}
          onFinish={(values) => submit.mutate(values)}
        >
          {children}
        </Form>
      </div>
      <Refusal error={submit.error} />
    </Modal>
  );
}
