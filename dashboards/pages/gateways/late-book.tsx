import { Button, Select } from 'antd';
import { lateOutcomes } from '#schemas/api/ingest.ts';
import type { LateEntry } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { DeviceFilter } from '../../components/device-filter.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { EmptyState } from '../../components/states.tsx';
import { useBookColumns } from './book-columns.tsx';

const names = ['device', 'outcome'] as const;
const renewMs = 10_000;

function Filters({ filters }: { filters: ReturnType<typeof useFilters<(typeof names)[number]>> }) {
  const t = useWords();
  const { values, set } = filters;
  return (
    <div className="filters">
      <Select
        allowClear
        aria-label={t('lateBook.outcome')}
        placeholder={t('lateBook.anyOutcome')}
        style={{ width: '17.1em' }}
        value={values.outcome === '' ? null : values.outcome}
        options={lateOutcomes.map((outcome) => ({ value: outcome, label: t(`lateBook.${outcome}`) }))}
        onChange={(outcome) => set({ outcome })}
      />
      <DeviceFilter value={values.device} onSearch={(device) => set({ device })} />
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
    </div>
  );
}

/** What came when it was older than the horizon: who sent it, for what time, and what was done with it. */
export function LateBook() {
  const t = useWords();
  const parkTime = useParkTime();
  const filters = useFilters(names);
  const columns = useBookColumns<LateEntry>();
  const list = usePages<LateEntry>({
    queryKey: keys.lateBook,
    load: api.lateBook,
    query: filters.values,
    refetchIntervalMs: renewMs,
  });
  return (
    <>
      <Filters filters={filters} />
      <ListTable
        list={list}
        steady
        empty={<EmptyState title={t('lateBook.none')} hint={t('lateBook.noneHint')} />}
        columns={[
          {
            title: t('lateBook.cameAt'),
            key: 'at',
            width: 170,
            render: (_, row) => <span className="num">{parkTime(row.at)}</span>,
          },
          {
            title: t('lateBook.span'),
            key: 'span',
            width: 180,
            render: (_, row) => (
              <>
                <div className="num">{parkTime(row.from)}</div>
                {row.from === row.to ? null : (
                  <div className="num">{t('lateBook.until', { to: parkTime(row.to) })}</div>
                )}
              </>
            ),
          },
          {
            title: t('lateBook.outcome'),
            key: 'outcome',
            width: 210,
            ellipsis: true,
            render: (_, row) => t(`lateBook.${row.outcome}`),
          },
          columns.device,
          {
            title: t('gateways.metrics'),
            key: 'metrics',
            ellipsis: true,
            render: (_, row) => <span className="mono">{row.metrics.join(', ')}</span>,
          },
          { title: t('gateways.source'), dataIndex: 'source', width: 90, ellipsis: true },
          columns.values,
        ]}
      />
    </>
  );
}
