import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Button, Dropdown, Input, Select } from 'antd';
import { UploadOutlined } from '@ant-design/icons';
import { Link, useParams } from 'react-router';
import type { RegisterSummary } from '#schemas/api/registers.ts';
import { engineers } from '#schemas/roles.ts';
import { useFilters } from '../../app/filters.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { usePreferences } from '../../app/preferences.ts';
import { keys } from '../../app/queries.ts';
import { recordExportUrl, registerApi, type RecordListRow } from '../../app/register-api.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { ListTable } from '../../components/list-table.tsx';
import { ProvenanceMark } from '../../components/marks.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { daysText, RecordDrawer } from './record-drawer.tsx';
import { RecordForm } from './record-form.tsx';
import { StateMark } from './state-mark.tsx';
import { RecordValueView } from './values.tsx';

const names = ['q', 'state', 'open'] as const;
const states = ['current', 'in-force', 'expiring', 'past', 'future', 'review-due', 'withdrawn'] as const;
const pageRows = 200;
/** Fields that a list shows beside the title. */
const shownFields = 4;

function useColumns({ title, fields }: RegisterSummary): TableColumnsType<RecordListRow> {
  const t = useWords();
  const both = useBilingual();
  const shown = Object.entries(fields)
    .filter(
      ([key, field]) => key !== title && field.personal !== true && !(field.type === 'text' && field.lines),
    )
    .slice(0, shownFields);
  return [
    {
      title: both(fields[title]?.label ?? { zh: title, en: title }),
      key: 'title',
      ellipsis: true,
      render: (_, record) => (
        <>
          {record.title}{' '}
          {record.provenance === 'field' ? null : <ProvenanceMark provenance={record.provenance} />}
          <div className="soft small mono">{record.code}</div>
        </>
      ),
    },
    ...shown.map(([key, field]) => ({
      title: both(field.label),
      key,
      width: '13%',
      ellipsis: true,
      render: (_: unknown, record: RecordListRow) => (
        <RecordValueView field={field} value={record.fields[key]} />
      ),
    })),
    {
      title: t('record.days'),
      key: 'days',
      width: 180,
      render: (_, record) => <span className="num small">{daysText(record)}</span>,
    },
    {
      title: t('record.state'),
      key: 'state',
      width: 110,
      render: (_, record) => <StateMark record={record} />,
    },
  ];
}

/** New records, by a form or a file, and the file to begin with. */
function Commission({ register }: { register: RegisterSummary }) {
  const t = useWords();
  const parkTime = useParkTime();
  const mayEdit = useMay(engineers);
  const language = usePreferences((preferences) => preferences.language);
  const [adding, setAdding] = useState(false);
  const lang = language === 'en' ? 'en' : 'zh';
  const exports = (['xlsx', 'csv'] as const).map((format) => ({
    key: format,
    label: <a href={recordExportUrl(register.kind, format, lang)}>{t(`import.${format}`)}</a>,
  }));
  return (
    <span className="row">
      {mayEdit ? (
        <>
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('record.add')}
          </Button>
          <Link to={`/registers/${register.kind}/import`}>
            <Button icon={<UploadOutlined />}>{t('record.import')}</Button>
          </Link>
        </>
      ) : null}
      <Dropdown menu={{ items: exports }}>
        <Button>{t('record.export')}</Button>
      </Dropdown>
      {adding ? (
        <RecordForm
          register={register}
          today={parkTime(Date.now(), 'day')}
          onClose={() => setAdding(false)}
        />
      ) : null}
    </span>
  );
}

function Records({ register }: { register: RegisterSummary }) {
  const t = useWords();
  const both = useBilingual();
  const { values, set, any } = useFilters(names);
  const list = usePages<RecordListRow>({
    queryKey: [...keys.registers, register.kind, 'list'],
    load: registerApi.records,
    query: { kind: register.kind, q: values.q.trim(), state: values.state },
    limit: pageRows,
  });
  const columns = useColumns(register);
  const isFiltered = any && (values.q !== '' || values.state !== '');
  return (
    <Page
      fill
      title={both(register.name)}
      beside={<span className="soft">{both(register.about)}</span>}
      actions={<Commission register={register} />}
    >
      <div className="row">
        <Link to="/registers">{t('registers.title')}</Link>
        <Input.Search
          allowClear
          style={{ width: '17.1em' }}
          placeholder={t('record.search')}
          aria-label={t('record.search')}
          defaultValue={values.q}
          onSearch={(q) => set({ q })}
        />
        <Select
          style={{ width: '12.9em' }}
          aria-label={t('record.state')}
          value={values.state === '' ? 'current' : values.state}
          onChange={(state) => set({ state: state === 'current' ? null : state })}
          options={states.map((state) => ({ value: state, label: t(`record.${state}`) }))}
        />
      </div>
      <ListTable
        list={list}
        columns={columns}
        onOpen={(record) => set({ open: record.code })}
        empty={
          <EmptyState
            title={t(isFiltered ? 'record.emptyFilter' : 'record.empty')}
            hint={isFiltered ? undefined : t('record.emptyHint')}
          />
        }
      />
      {values.open === '' ? null : (
        <RecordDrawer register={register} code={values.open} onClose={() => set({ open: null })} />
      )}
    </Page>
  );
}

/** One register: its records, what runs out, and how each is kept. */
export function RecordsPage() {
  const t = useWords();
  const { kind = '' } = useParams();
  const registers = useQuery({ queryKey: keys.registers, queryFn: registerApi.registers });
  return (
    <Loaded query={registers}>
      {({ items }) => {
        const register = items.find((each) => each.kind === kind);
        return register === undefined ? (
          <EmptyState title={t('registers.noMatch')} hint={kind} />
        ) : (
          <Records key={kind} register={register} />
        );
      }}
    </Loaded>
  );
}
