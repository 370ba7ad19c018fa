import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Table, Upload } from 'antd';
import { Link } from 'react-router';
import type { ImportAnswer, ImportChange } from '#schemas/api/registry.ts';
import { ApiProblem } from '../../app/client.ts';
import { downloadText } from '../../app/download.ts';
import { exportUrl, fieldApi } from '../../app/field-api.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { EmptyState, Loading } from '../../components/states.tsx';
import { Faults } from './faults.tsx';

const kinds = ['spaces', 'devices', 'points'] as const;
const sum = (counts: ImportAnswer['created']) => counts.spaces + counts.devices + counts.points;
const shown = (value: unknown) =>
  value === null || value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value);

function Choose({ onChoose }: { onChoose: (file: File) => void }) {
  const t = useWords();
  return (
    <Panel>
      <Upload.Dragger
        accept=".xlsx,.csv,.yaml,.yml,.json"
        showUploadList={false}
        beforeUpload={(file) => {
          onChoose(file);
          return false;
        }}
      >
        <p>{t('import.drop')}</p>
        <p className="soft small">{t('import.dropHint')}</p>
      </Upload.Dragger>
      <p className="soft">
        {t('import.template')}: <a href={exportUrl('xlsx')}>{t('import.xlsx')}</a> ·{' '}
        {kinds.map((kind) => (
          <span key={kind}>
            <a href={exportUrl('csv', kind)}>
              {t('import.csv')} {t(`import.${kind}`)}
            </a>{' '}
            ·{' '}
          </span>
        ))}
        <a href={exportUrl('yaml')}>{t('import.yaml')}</a>
      </p>
    </Panel>
  );
}

function Counts({ answer }: { answer: ImportAnswer }) {
  const t = useWords();
  return (
    <dl className="facts">
      {kinds.map((kind) => (
        <div key={kind} style={{ display: 'contents' }}>
          <dt>{t(`import.${kind}`)}</dt>
          <dd className="num">
            {(['created', 'changed', 'unchanged'] as const)
              .map((what) => `${formatCount(answer[what][kind])} ${t(`import.${what}`)}`)
              .join(' · ')}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Changes({ answer }: { answer: ImportAnswer }) {
  const t = useWords();
  const total = sum(answer.created) + sum(answer.changed);
  return (
    <Panel flush>
      <Table<ImportChange>
        size="small"
        rowKey={(row) => `${row.kind} ${row.id}`}
        pagination={answer.changes.length > 100 ? { pageSize: 100 } : false}
        dataSource={answer.changes}
        columns={[
          { title: t('import.kind'), key: 'kind', width: 90, render: (_, row) => t(`import.${row.kind}`) },
          { title: t('common.id'), key: 'id', render: (_, row) => <span className="mono">{row.id}</span> },
          {
            title: t('import.what'),
            key: 'change',
            width: 90,
            render: (_, row) => t(`import.${row.change}`),
          },
          {
            title: t('import.fields'),
            key: 'fields',
            width: '60%',
            render: (_, row) => (
              <div className="lines small">
                {row.fields
                  .filter(({ after }) => row.change === 'change' || after !== null)
                  .map(({ field, before, after }) => (
                    <div key={field}>
                      <span className="mono soft">{field}</span>{' '}
                      {row.change === 'change' ? (
                        <>
                          <del className="soft">{shown(before)}</del> →{' '}
                        </>
                      ) : null}
                      {shown(after)}
                    </div>
                  ))}
              </div>
            ),
          },
        ]}
      />
      {answer.changes.length < total ? (
        <p className="soft">{t('import.more', { count: answer.changes.length })}</p>
      ) : null}
    </Panel>
  );
}

function Undo({ answer }: { answer: ImportAnswer }) {
  const t = useWords();
  const { undo } = answer;
  const counts = {
    created: formatCount(sum(answer.created)),
    changed: formatCount(sum(answer.changed)),
  };
  return (
    <Alert
      type="success"
      showIcon
      title={t('import.applied', counts)}
      description={t('import.undoHint')}
      action={
        undo === null ? null : (
          <Button onClick={() => downloadText('undo.yaml', undo, 'application/yaml')}>
            {t('import.undo')}
          </Button>
        )
      }
    />
  );
}

/** A file becomes devices in two steps: what it would change, then the change. */
export function ImportPage() {
  const t = useWords();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const preview = useMutation({ mutationFn: (chosen: File) => fieldApi.import(chosen, true) });
  const apply = useMutation({
    mutationFn: (chosen: File) => fieldApi.import(chosen, false),
    onSuccess: () =>
      Promise.all(
        [keys.devices, keys.spaces, keys.overview, keys.deviceClasses].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    preview.reset();
    apply.reset();
    if (chosen !== null) preview.mutate(chosen);
  };
  const refused = apply.error ?? preview.error;
  const faults = refused instanceof ApiProblem && refused.code === 'invalid-import' ? refused : null;
  const planned = preview.data === undefined ? 0 : sum(preview.data.created) + sum(preview.data.changed);
  const ready = file !== null && preview.data !== undefined && apply.data === undefined && planned > 0;
  return (
    <Page
      title={file === null ? t('import.title') : t('import.preview', { name: file.name })}
      actions={
        <span className="row">
          <Link to="/devices">{t('devices.title')}</Link>
          {file === null ? null : <Button onClick={() => choose(null)}>{t('import.again')}</Button>}
          {ready ? (
            <Button type="primary" loading={apply.isPending} onClick={() => apply.mutate(file)}>
              {t('import.apply', { count: planned })}
            </Button>
          ) : null}
        </span>
      }
    >
      {file === null ? <Choose onChoose={choose} /> : null}
      {preview.isPending ? <Loading /> : null}
      {apply.data === undefined ? null : <Undo answer={apply.data} />}
      {file !== null && faults !== null ? <Faults name={file.name} problem={faults} /> : null}
      {faults === null ? <Refusal error={refused} /> : null}
      {preview.data === undefined || faults !== null ? null : (
        <>
          <Panel>
            <Counts answer={preview.data} />
          </Panel>
          {planned === 0 ? <EmptyState title={t('import.nothing')} /> : <Changes answer={preview.data} />}
        </>
      )}
    </Page>
  );
}
