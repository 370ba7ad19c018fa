import { Alert, App, Button, Input, Modal, Space } from 'antd';
import { useWords } from '../app/i18n.ts';
import { useNotify } from './notify.ts';

interface SecretProps {
  readonly title: string;
  /** That it is shown once, and for whom. */
  readonly warning: string;
  readonly secret: string;
  readonly note?: string;
  readonly onClose: () => void;
}

/** A secret that is shown exactly once; the dialog does not close by a stray click. */
export function Secret({ title, warning, secret, note, onClose }: SecretProps) {
  const t = useWords();
  const notify = useNotify();
  const { message } = App.useApp();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      void message.success(t('common.copied'));
    } catch (error) {
      notify.failed(error);
    }
  };
  return (
    <Modal
      open
      title={title}
      mask={{ closable: false }}
      keyboard={false}
      closable={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('common.close')}
        </Button>
      }
    >
      <Alert type="warning" showIcon title={warning} style={{ marginBottom: 16 }} />
      <Space.Compact block>
        <Input
          readOnly
          className="mono"
          value={secret}
          data-testid="secret"
          onFocus={(event) => event.target.select()}
        />
        <Button onClick={() => void copy()}>{t('common.copy')}</Button>
      </Space.Compact>
      {note === undefined ? null : <p className="soft small num">{note}</p>}
    </Modal>
  );
}
