import { useState } from 'react';
import { App, Button, Upload } from 'antd';
import { DeleteOutlined, PaperClipOutlined } from '@ant-design/icons';
import type { DocumentRef } from '#schemas/api/registers.ts';
import { assessors } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import { attachmentUrl, registerApi } from '../../app/register-api.ts';
import { useMay } from '../../app/session.ts';
import { useNotify } from '../../components/notify.ts';

/** Attachments by name; those who may read them get a link that saves the file. */
export function Documents({ documents }: { documents: readonly DocumentRef[] }) {
  const mayRead = useMay(assessors);
  if (documents.length === 0) return <span className="soft">—</span>;
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {documents.map(({ sha256, name }) => (
        <li key={sha256}>
          <PaperClipOutlined aria-hidden /> {mayRead ? <a href={attachmentUrl(sha256)}>{name}</a> : name}
        </li>
      ))}
    </ul>
  );
}

interface DocumentsFieldProps {
  /** Given by the form around it. */
  readonly value?: readonly DocumentRef[];
  readonly onChange?: (documents: readonly DocumentRef[]) => void;
}

/** Attachments of a form: a file is kept as soon as it is chosen, and belongs to nothing until the form is saved. */
export function DocumentsField({ value = [], onChange }: DocumentsFieldProps) {
  const t = useWords();
  const notify = useNotify();
  const { message } = App.useApp();
  const [sending, setSending] = useState(false);
  const add = async (file: File) => {
    setSending(true);
    try {
      const { sha256 } = await registerApi.attach(file);
      if (value.some((known) => known.sha256 === sha256)) void message.info(file.name);
      else onChange?.([...value, { sha256, name: file.name }]);
    } catch (error) {
      notify.failed(error);
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="lines">
      {value.map((document) => (
        <div key={document.sha256} className="row">
          <PaperClipOutlined aria-hidden /> {document.name}
          <Button
            type="text"
            size="small"
            icon={<DeleteOutlined />}
            aria-label={`${t('claim.withdraw')} ${document.name}`}
            onClick={() => onChange?.(value.filter(({ sha256 }) => sha256 !== document.sha256))}
          />
        </div>
      ))}
      <Upload
        accept=".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.pptx,.ofd"
        showUploadList={false}
        beforeUpload={(file) => {
          void add(file);
          return false;
        }}
      >
        <Button loading={sending}>{t('record.addDocument')}</Button>
      </Upload>
      <span className="soft small">{t('record.documentHint')}</span>
    </div>
  );
}
