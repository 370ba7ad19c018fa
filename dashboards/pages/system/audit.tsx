import { useState } from 'react';
import { Button, Input, Modal } from 'antd';
import type { AuditEntry } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { ListTable } from '../../components/list-table.tsx';
import { EmptyState } from '../../components/states.tsx';

const names = ['actor', 'action', 'object'] as const;
const renewMs = 10_000;

function Changes({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <Modal open footer={null} width="min(90vw, 60em)" title={t('system.changes')} onCancel={onClose}>
      <dl className="facts">
        <dt>{t('common.time')}</dt>
        <dd className="num">{parkTime(entry.at)}</dd>
        <dt>{t('system.actor')}</dt>
        <dd>{entry.actor}</dd>
        <dt>{t('system.action')}</dt>
        <dd className="mono">{entry.action}</dd>
        <dt>{t('system.object')}</dt>
        <dd className="mono">{entry.object}</dd>
        <dt>{t('common.reason')}</dt>
        <dd>{entry.reason ?? '—'}</dd>
        <dt>{t('system.before')}</dt>
        <dd>
          <pre className="payload mono">{JSON.stringify(entry.before ?? null, null, 2)}</pre>
        </dd>
        <dt>{t('system.after')}</dt>
        <dd>
          <pre className="payload mono">{JSON.stringify(entry.after ?? null, null, 2)}</pre>
        </dd>
      </dl>
    </Modal>
  );
}

/** Who changed what, and why; every entry is sealed. */
export function Audit() {
  const t = useWords();
  const parkTime = useParkTime();
  const filters = useFilters(names);
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const list = usePages<AuditEntry>({
    queryKey: keys.audit,
    load: api.audit,
    query: filters.values,
    refetchIntervalMs: renewMs,
  });
  return (
    <>
      <div className="filters">
        {names.map((name) => (
          <Input.Search
            key={`${name}/${filters.values[name]}`}
            allowClear
            style={{ width: '13.6em' }}
            defaultValue={filters.values[name]}
            placeholder={t(`system.${name}`)}
            aria-label={t(`system.${name}`)}
            onSearch={(text) => filters.set({ [name]: text.trim() })}
          />
        ))}
        {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
      </div>
      <ListTable
        list={list}
        steady
        onOpen={setShown}
        empty={<EmptyState title={t('system.noAudit')} />}
        columns={[
          {
            title: t('common.time'),
            key: 'at',
            width: 175,
            render: (_, entry) => <span className="num">{parkTime(entry.at)}</span>,
          },
          { title: t('system.actor'), dataIndex: 'actor', width: '14%', ellipsis: true },
          {
            title: t('system.action'),
            key: 'action',
            width: '16%',
            ellipsis: true,
            render: (_, entry) => <span className="mono">{entry.action}</span>,
          },
          {
            title: t('system.object'),
            key: 'object',
            ellipsis: true,
            render: (_, entry) => <span className="mono">{entry.object}</span>,
          },
          {
            title: t('common.reason'),
            key: 'reason',
            ellipsis: true,
            render: (_, entry) => entry.reason ?? '—',
          },
          {
            title: t('system.sealSeq'),
            key: 'seq',
            width: 110,
            align: 'right',
            render: (_, entry) =>
              entry.seq === null ? (
                <span className="soft">{t('system.notSealed')}</span>
              ) : (
                <span className="num">{entry.seq}</span>
              ),
          },
        ]}
      />
      {shown === null ? null : <Changes entry={shown} onClose={() => setShown(null)} />}
    </>
  );
}
