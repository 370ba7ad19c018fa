import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Table, Upload } from 'antd';
import { Link, useParams } from 'react-router';
import type { RegisterImportAnswer, RegisterSummary } from '#schemas/api/registers.ts';
import type { RecordField, RecordValue } from '#schemas/registers/field.ts';
import { ApiProblem } from '../../app/client.ts';
import { formatCount } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { usePreferences } from '../../app/preferences.ts';
import { keys } from '../../app/queries.ts';
import { recordExportUrl, registerApi } from '../../app/register-api.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { EmptyState, Loading } from '../../components/states.tsx';
import { RecordValueView } from './values.tsx';
import { Faults } from '../import/faults.tsx';

type Change = RegisterImportAnswer['changes'][number];

/** A value of the file in words, where its field is known. */
function Shown({ field, value }: { field: RecordField | undefined; value: unknown }) {
  if (value === null || value === undefined) return <>—</>;
  if (field !== undefined) return <RecordValueView field={field} value={value as RecordValue} />;
  return <>{typeof value === 'string' ? value : JSON.stringify(value)}</>;
}

function Changes({
  register,
  answer,
}: {
  register: RegisterSummary | undefined;
  answer: RegisterImportAnswer;
}) {
  const t = useWords();
  const both = useBilingual();
  const labelOf = (field: string) => {
    const label = register?.fields[field]?.label;
    if (label !== undefined) return both(label);
    return field === 'from' ? t('record.from') : field === 'until' ? t('record.until') : field;
  };
  return (
    <Panel flush>
      <Table<Change & { readonly row: number }>
        size="small"
        rowKey="row"
        pagination={answer.changes.length > 100 ? { pageSize: 100 } : false}
        dataSource={answer.changes.map((change, row) => ({ ...change, row }))}
        columns={[
          {
            title: t('record.code'),
            key: 'code',
            width: '18%',
            render: (_, { code }) => <span className="mono">{code === '' ? '—' : code}</span>,
          },
          {
            title: t('import.what'),
            key: 'change',
            width: '12%',
            render: (_, { change }) => t(change === 'create' ? 'record.create' : 'import.change'),
          },
          {
            title: t('record.importFields'),
            key: 'fields',
            render: (_, { change, fields }) => (
              <div className="lines small">
                {fields.map(({ field, before, after }) => (
                  <div key={field}>
                    <span className="soft">{labelOf(field)}</span>{' '}
                    {change === 'create' ? null : (
                      <>
                        <del className="soft">
                          <Shown field={register?.fields[field]} value={before} />
                        </del>{' '}
                        →{' '}
                      </>
                    )}
                    <Shown field={register?.fields[field]} value={after} />
                  </div>
                ))}
              </div>
            ),
          },
        ]}
      />
    </Panel>
  );
}

/** A file becomes records in two steps: what it would change, then the change. */
export function RecordImportPage() {
  const t = useWords();
  const both = useBilingual();
  const { kind = '' } = useParams();
  const client = useQueryClient();
  const language = usePreferences((preferences) => preferences.language);
  const registers = useQuery({ queryKey: keys.registers, queryFn: registerApi.registers });
  const register = registers.data?.items.find((each) => each.kind === kind);
  const [file, setFile] = useState<File | null>(null);
  const preview = useMutation({ mutationFn: (chosen: File) => registerApi.import(kind, chosen, true) });
  const apply = useMutation({
    mutationFn: (chosen: File) => registerApi.import(kind, chosen, false),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.registers }),
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    preview.reset();
    apply.reset();
    if (chosen !== null) preview.mutate(chosen);
  };
  const refused = apply.error ?? preview.error;
  const faults = refused instanceof ApiProblem && refused.code === 'invalid-import' ? refused : null;
  const plan = preview.data;
  const planned = plan === undefined ? 0 : plan.created + plan.changed;
  const counts = ({ created, changed, unchanged }: RegisterImportAnswer) => ({
    created: formatCount(created),
    changed: formatCount(changed),
    unchanged: formatCount(unchanged),
  });
  return (
    <Page
      title={t('record.importTitle', { name: register === undefined ? kind : both(register.name) })}
      actions={
        <span className="row">
          <Link to={`/registers/${kind}`}>{register === undefined ? kind : both(register.name)}</Link>
          {file === null ? null : <Button onClick={() => choose(null)}>{t('import.again')}</Button>}
          {file !== null && planned > 0 && apply.data === undefined && faults === null ? (
            <Button type="primary" loading={apply.isPending} onClick={() => apply.mutate(file)}>
              {t('record.importApply', { count: planned })}
            </Button>
          ) : null}
        </span>
      }
    >
      {file === null ? (
        <Panel>
          <Upload.Dragger
            accept=".xlsx,.csv"
            showUploadList={false}
            beforeUpload={(chosen) => {
              choose(chosen);
              return false;
            }}
          >
            <p>{t('record.importDrop')}</p>
            <p className="soft small">{t('record.importHint')}</p>
          </Upload.Dragger>
          <p className="soft">
            {t('record.importTemplate')}:{' '}
            {(['xlsx', 'csv'] as const).map((format) => (
              <span key={format}>
                <a href={recordExportUrl(kind, format, language === 'en' ? 'en' : 'zh')}>
                  {t(`import.${format}`)}
                </a>{' '}
              </span>
            ))}
          </p>
        </Panel>
      ) : null}
      {preview.isPending ? <Loading /> : null}
      {apply.data === undefined ? null : (
        <Alert type="success" showIcon title={t('record.importDone', counts(apply.data))} />
      )}
      {file !== null && faults !== null ? <Faults name={file.name} problem={faults} /> : null}
      {faults === null ? <Refusal error={refused} /> : null}
      {plan === undefined || faults !== null ? null : planned === 0 ? (
        <EmptyState title={t('record.importNothing')} />
      ) : (
        <>
          <p className="num">{t('record.importCounts', counts(plan))}</p>
          <Changes register={register} answer={plan} />
        </>
      )}
    </Page>
  );
}
