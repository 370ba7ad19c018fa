import { Button, Table } from 'antd';
import { Link } from 'react-router';
import type { EvidenceSummary } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { usePeriodText } from './period.ts';

const pageRows = 50;

/** Every stored row, newest first; older periods and earlier runs stay readable. */
export function EvidenceList() {
  const t = useWords();
  const both = useBilingual();
  const periodText = usePeriodText();
  const parkTime = useParkTime();
  const list = usePages<EvidenceSummary>({
    queryKey: [...keys.evidence, 'list'],
    load: api.evidenceList,
    query: {},
    limit: pageRows,
  });
  return (
    <Panel title={t('evidence.list')}>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t('evidence.noList')} hint={t('evidence.noListHint')} />
          ) : (
            <Table<EvidenceSummary>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={[...rows]}
              columns={[
                {
                  title: t('assessment.item'),
                  key: 'item',
                  render: (_, row) => (
                    <>
                      <div>
                        <Link to={`/evidence/${row.id}`}>
                          {row.name === null ? row.item : both(row.name)}
                        </Link>
                      </div>
                      <span className="mono soft small">{row.item}</span>
                    </>
                  ),
                },
                {
                  title: t('assessment.period'),
                  key: 'period',
                  render: (_, row) => <span className="num">{periodText(row)}</span>,
                },
                {
                  title: t('common.time'),
                  key: 'storedAt',
                  render: (_, row) => <span className="num">{parkTime(row.storedAt)}</span>,
                },
                { title: t('evidence.storedBy'), dataIndex: 'storedBy' },
                {
                  title: t('evidence.seq'),
                  key: 'seq',
                  align: 'right',
                  render: (_, row) =>
                    row.seq === null ? (
                      <span className="soft">{t('evidence.waiting')}</span>
                    ) : (
                      <span className="num" title={row.hash ?? ''}>
                        {row.seq}
                      </span>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {list.hasMore ? (
        <Button loading={list.loadingMore} onClick={list.more}>
          {t('common.loadMore')}
        </Button>
      ) : null}
    </Panel>
  );
}
