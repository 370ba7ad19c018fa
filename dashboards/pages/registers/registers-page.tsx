import { useQuery } from '@tanstack/react-query';
import { Input, Table } from 'antd';
import { Link, useNavigate } from 'react-router';
import type { RegisterSummary } from '#schemas/api/registers.ts';
import { useFilters } from '../../app/filters.ts';
import { formatCount } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

const groups = ['enterprises', 'services', 'people', 'facilities', 'assurance'] as const;

/** A number that asks for somebody: a link to the records it is of. */
function Due({ row, state, count }: { row: RegisterSummary; state: string; count: number }) {
  if (count === 0) return <span className="soft">—</span>;
  return (
    <Link to={`/registers/${row.kind}?state=${state}`} className="tag alert num">
      {formatCount(count)}
    </Link>
  );
}

function Group({ rows }: { rows: readonly RegisterSummary[] }) {
  const t = useWords();
  const both = useBilingual();
  const navigate = useNavigate();
  const serves = ({ serves: items }: RegisterSummary) => Object.values(items).flat().length;
  return (
    <Table<RegisterSummary>
      size="small"
      rowKey="kind"
      pagination={false}
      tableLayout="fixed"
      dataSource={[...rows]}
      rowClassName="clickable"
      onRow={(row) => ({
        onClick: (event) => {
          if (event.target instanceof Element && event.target.closest('a') === null) {
            void navigate(`/registers/${row.kind}`);
          }
        },
      })}
      columns={[
        {
          title: t('common.name'),
          key: 'name',
          render: (_, row) => (
            <>
              <Link to={`/registers/${row.kind}`}>{both(row.name)}</Link>
              <div className="soft small">
                {both(row.about)}
                {serves(row) === 0 ? '' : ` · ${t('registers.serves', { count: serves(row) })}`}
              </div>
            </>
          ),
        },
        {
          title: t('registers.records'),
          key: 'records',
          width: '11%',
          align: 'right',
          render: (_, row) => (
            <span className={row.records === 0 ? 'soft num' : 'num'}>{formatCount(row.records)}</span>
          ),
        },
        {
          title: t('registers.expiring'),
          key: 'expiring',
          width: '11%',
          align: 'right',
          render: (_, row) => <Due row={row} state="expiring" count={row.expiring} />,
        },
        {
          title: t('registers.ended'),
          key: 'ended',
          width: '11%',
          align: 'right',
          render: (_, row) => <Due row={row} state="past" count={row.ended} />,
        },
        {
          title: t('registers.reviewDue'),
          key: 'review',
          width: '11%',
          align: 'right',
          render: (_, row) => <Due row={row} state="review-due" count={row.reviewDue} />,
        },
      ]}
    />
  );
}

/** Every book that people keep, by its part, with what runs out. */
export function RegistersPage() {
  const t = useWords();
  const { values, set } = useFilters(['q'] as const);
  const registers = useQuery({ queryKey: keys.registers, queryFn: registerApi.registers });
  const wanted = values.q.trim().toLowerCase();
  const matches = ({ kind, name, about }: RegisterSummary) =>
    [kind, name.zh, name.en, about.zh, about.en].some((text) => text.toLowerCase().includes(wanted));
  return (
    <Page title={t('registers.title')} actions={<Link to="/claims">{t('registers.claims')}</Link>}>
      <Input.Search
        allowClear
        style={{ maxWidth: 320 }}
        placeholder={t('registers.search')}
        aria-label={t('registers.search')}
        defaultValue={values.q}
        onChange={(event) => set({ q: event.target.value })}
      />
      <Loaded query={registers}>
        {({ items }) => {
          const shown = items.filter(matches);
          if (shown.length === 0) return <EmptyState title={t('registers.noMatch')} />;
          return groups.map((group) => {
            const rows = shown.filter((row) => row.group === group);
            return rows.length === 0 ? null : (
              <Panel key={group} title={t(`registers.group.${group}`)}>
                <Group rows={rows} />
              </Panel>
            );
          });
        }}
      </Loaded>
    </Page>
  );
}
