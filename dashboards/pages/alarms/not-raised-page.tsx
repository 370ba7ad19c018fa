import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { Link } from 'react-router';
import { alarmApi } from '../../app/alarm-api.ts';
import { api } from '../../app/api.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AlarmNav } from './alarm-nav.tsx';

/** Rules by their ids, in the language of the reader; null where there is no such rule any more. */
function useRuleNames(): (id: string) => string | null {
  const both = useBilingual();
  const rules = useQuery({ queryKey: keys.alarmRules, queryFn: api.alarmRules });
  const names = new Map(
    rules.data?.items.map(({ id, name, nameEn }) => [id, both({ zh: name, en: nameEn ?? name })]),
  );
  return (id) => names.get(id) ?? null;
}

/** What late or old data would have raised: noted, and nobody was disturbed. */
export function NotRaisedPage() {
  const t = useWords();
  const parkTime = useParkTime();
  const ruleName = useRuleNames();
  const query = useQuery({
    queryKey: [...keys.alarmRules, 'not-raised'],
    queryFn: () => alarmApi.notRaised(),
  });
  return (
    <Page title={t('notRaised.title')} beside={<AlarmNav />}>
      <p className="soft">{t('notRaised.hint')}</p>
      <Panel flush>
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t('notRaised.empty')} hint={t('notRaised.emptyHint')} />
            ) : (
              <Table
                size="small"
                rowKey={(row) => `${row.ruleId} ${row.object} ${row.kind} ${row.time}`}
                pagination={items.length > 100 ? { pageSize: 100 } : false}
                dataSource={[...items]}
                columns={[
                  { title: t('notRaised.time'), key: 'time', render: (_, row) => parkTime(row.time) },
                  {
                    title: t('notRaised.rule'),
                    key: 'rule',
                    render: (_, row) => (
                      <>
                        <div>{ruleName(row.ruleId)}</div>
                        <span className="mono soft small">{row.ruleId}</span>
                      </>
                    ),
                  },
                  {
                    title: t('notRaised.object'),
                    key: 'object',
                    render: (_, row) => (
                      <Link className="mono" to={`/devices/${row.object.split(/[.#]/)[0]}`}>
                        {row.object}
                      </Link>
                    ),
                  },
                  {
                    title: t('notRaised.value'),
                    key: 'value',
                    align: 'right',
                    className: 'num',
                    render: (_, row) => (row.value === null ? '—' : formatLoose(row.value)),
                  },
                  { title: t('notRaised.why'), key: 'why', render: (_, row) => t(`notRaised.${row.kind}`) },
                  { title: t('notRaised.notedAt'), key: 'noted', render: (_, row) => parkTime(row.notedAt) },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}
