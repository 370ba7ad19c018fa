import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Input, Modal, Upload } from 'antd';
import type { AlarmRuleImport } from '#schemas/api/alarm-rules.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { ApiProblem } from '../../app/client.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useNotify } from '../../components/notify.ts';
import { Refusal } from '../../components/refusal.tsx';

/** Where the rules in force are fetched as a file that import reads again. */
export const ruleExportUrl = '/api/v1/alarm-rules/export?format=yaml';
const modalWidth = 760;

const shown = (value: unknown) =>
  value === null || value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value);

function Differences({ answer }: { answer: AlarmRuleImport }) {
  const t = useWords();
  return (
    <div className="trial-list stack">
      {answer.created.map((id) => (
        <div key={id}>
          <span className="tag strong">{t('ruleFile.created')}</span> <span className="mono">{id}</span>
        </div>
      ))}
      {answer.changed.map(({ id, fields }) => (
        <div key={id}>
          <span className="tag">{t('ruleFile.changed')}</span> <span className="mono">{id}</span>
          {fields.map(({ field, from, to }) => (
            <div key={field} className="small">
              <span className="mono soft">{field}</span> <del className="soft">{shown(from)}</del> →{' '}
              {shown(to)}
            </div>
          ))}
        </div>
      ))}
      <span className="soft small">{t('ruleFile.unchanged', { count: answer.unchanged })}</span>
    </div>
  );
}

function Faults({ problem }: { problem: ApiProblem }) {
  const t = useWords();
  return (
    <div className="trial-list" role="alert">
      {problem.errors.map((each) => (
        <div key={`${each.line} ${each.column} ${each.path} ${each.message}`} className="small">
          {t('import.line')} {each.line ?? '—'} · <span className="mono soft">{each.path}</span>{' '}
          {each.message}
        </div>
      ))}
    </div>
  );
}

/** Takes rules from a file in two steps: what it would change, then the change. */
export function RuleImport({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const [file, setFile] = useState<File | null>(null);
  const [reason, setReason] = useState('');
  const preview = useMutation({
    mutationFn: (chosen: File) => alarmApi.importRules(chosen, { dryRun: true }),
  });
  const apply = useMutation({
    mutationFn: (chosen: File) => alarmApi.importRules(chosen, { dryRun: false, reason }),
    onSuccess: async ({ created, changed }) => {
      await client.invalidateQueries({ queryKey: keys.alarmRules });
      notify.done(t('ruleFile.done', { count: created.length + changed.length }));
      onClose();
    },
  });
  const planned = (preview.data?.created.length ?? 0) + (preview.data?.changed.length ?? 0);
  const refused = apply.error ?? preview.error;
  const faults = refused instanceof ApiProblem && refused.code === 'invalid-import' ? refused : null;
  return (
    <Modal
      open
      width={modalWidth}
      title={t('ruleFile.title')}
      okText={t('ruleFile.apply', { count: planned })}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: planned === 0 || reason.trim() === '' }}
      confirmLoading={apply.isPending}
      onCancel={onClose}
      onOk={() => {
        if (file !== null) apply.mutate(file);
      }}
    >
      <div className="stack">
        <Upload.Dragger
          accept=".yaml,.yml,.json"
          showUploadList={false}
          beforeUpload={(chosen) => {
            setFile(chosen);
            apply.reset();
            preview.mutate(chosen);
            return false;
          }}
        >
          <p>{file === null ? t('ruleFile.drop') : file.name}</p>
          <p className="soft small">{t('ruleFile.dropHint')}</p>
        </Upload.Dragger>
        {faults === null ? <Refusal error={refused} /> : <Faults problem={faults} />}
        {preview.data === undefined ? null : <Differences answer={preview.data} />}
        {preview.data !== undefined && planned === 0 ? <span>{t('ruleFile.nothing')}</span> : null}
        {planned === 0 ? null : (
          <Input
            aria-label={t('ruleFile.reason')}
            placeholder={t('ruleFile.reason')}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </div>
    </Modal>
  );
}
