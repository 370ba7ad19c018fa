import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button, Modal, Select } from 'antd';
import type { Rejection } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useSaid } from '../../app/said.ts';
import { useParkTime } from '../../app/session.ts';
import { DeviceFilter } from '../../components/device-filter.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { RejectionReason, rejectionReasons } from '../../components/rejection-reason.tsx';
import { EmptyState } from '../../components/states.tsx';
import { useBookColumns } from './book-columns.tsx';

const names = ['device', 'reason', 'source'] as const;
const renewMs = 10_000;

function Filters({ filters }: { filters: ReturnType<typeof useFilters<(typeof names)[number]>> }) {
  const t = useWords();
  const { values, set } = filters;
  const sources = useQuery({ queryKey: keys.sources, queryFn: api.sources }).data?.items ?? [];
  return (
    <div className="filters">
      <Select
        allowClear
        showSearch
        aria-label={t('common.reason')}
        placeholder={t('gateways.anyReason')}
        style={{ width: '13.6em' }}
        value={values.reason === '' ? null : values.reason}
        options={rejectionReasons.map((reason) => ({ value: reason, label: t(`rejection.${reason}`) }))}
        onChange={(reason) => set({ reason })}
      />
      <Select
        allowClear
        aria-label={t('gateways.source')}
        placeholder={t('gateways.anySource')}
        style={{ width: '13.6em' }}
        value={values.source === '' ? null : values.source}
        options={sources.map(({ source }) => ({ value: source, label: source }))}
        onChange={(source) => set({ source })}
      />
      <DeviceFilter value={values.device} onSearch={(device) => set({ device })} />
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
    </div>
  );
}

function Payload({ rejection, onClose }: { rejection: Rejection; onClose: () => void }) {
  const t = useWords();
  const parkTime = useParkTime();
  const said = useSaid();
  return (
    <Modal
      open
      width="min(90vw, 60em)"
      footer={null}
      onCancel={onClose}
      title={t('gateways.payloadOf', { bytes: formatCount(rejection.payloadBytes) })}
    >
      <dl className="facts">
        <dt>{t('common.time')}</dt>
        <dd className="num">{parkTime(rejection.at)}</dd>
        <dt>{t('gateways.address')}</dt>
        <dd className="mono">{rejection.address}</dd>
        <dt>{t('common.reason')}</dt>
        <dd>
          <RejectionReason reason={rejection.reason} />
          <div>{said(rejection.said, rejection.detail)}</div>
        </dd>
        <dt>{t('gateways.metrics')}</dt>
        <dd className="mono">{rejection.metrics.length === 0 ? '—' : rejection.metrics.join(', ')}</dd>
      </dl>
      <pre className="payload mono">{rejection.payload}</pre>
    </Modal>
  );
}

/** Everything that was refused, with why and what it looked like. */
export function Rejections() {
  const t = useWords();
  const parkTime = useParkTime();
  const said = useSaid();
  const filters = useFilters(names);
  const columns = useBookColumns<Rejection>();
  const [shown, setShown] = useState<Rejection | null>(null);
  const list = usePages<Rejection>({
    queryKey: keys.rejections,
    load: api.rejections,
    query: filters.values,
    refetchIntervalMs: renewMs,
  });
  return (
    <>
      <Filters filters={filters} />
      <ListTable
        list={list}
        steady
        onOpen={setShown}
        empty={<EmptyState title={t('gateways.noRejections')} hint={t('gateways.noRejectionsHint')} />}
        columns={[
          {
            title: t('common.time'),
            key: 'at',
            width: 170,
            render: (_, row) => <span className="num">{parkTime(row.at)}</span>,
          },
          {
            title: t('common.reason'),
            key: 'reason',
            width: 170,
            render: (_, row) => <RejectionReason reason={row.reason} />,
          },
          {
            title: t('common.detail'),
            key: 'detail',
            ellipsis: true,
            render: (_, row) => said(row.said, row.detail),
          },
          columns.device,
          {
            title: t('gateways.address'),
            key: 'address',
            width: '22%',
            ellipsis: true,
            render: (_, row) => <span className="mono">{row.address}</span>,
          },
          columns.values,
        ]}
      />
      {shown === null ? null : <Payload rejection={shown} onClose={() => setShown(null)} />}
    </>
  );
}
