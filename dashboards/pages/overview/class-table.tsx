import { Table } from 'antd';
import { Link } from 'react-router';
import type { Overview } from '../../app/api.ts';
import { formatCount } from '../../app/format.ts';
import { useClassNames } from '../../app/lookups.ts';
import { useWords } from '../../app/i18n.ts';

type Row = Overview['devices'][number];

/** Online, offline and silent as parts of one bar; nothing is drawn for what is normal but its length. */
function ShareBar({ row }: { row: Row }) {
  const t = useWords();
  const width = (count: number) => ({ width: `${row.total === 0 ? 0 : (count / row.total) * 100}%` });
  const words = `${t('overview.online')} ${row.online}, ${t('overview.offline')} ${row.offline}, ${t('overview.silent')} ${row.silent}`;
  return (
    <div className="share" role="img" aria-label={words} title={words}>
      <i className="part-main" style={width(row.online)} />
      <i className="part-off" style={width(row.offline)} />
      <i className="part-silent" style={width(row.silent)} />
    </div>
  );
}

/** A count that is a link to exactly the devices it counts. */
function CountLink({ row, status }: { row: Row; status: 'online' | 'offline' | 'silent' }) {
  const count = row[status];
  const colour = status === 'offline' ? 'severity high' : 'severity medium';
  return (
    <Link
      to={`/devices?class=${row.class}&status=${status}`}
      className={`num ${status === 'online' ? '' : count > 0 ? colour : 'soft'}`}
    >
      {formatCount(count)}
    </Link>
  );
}

export function ClassTable({ rows }: { rows: Overview['devices'] }) {
  const t = useWords();
  const className = useClassNames();
  return (
    <Table<Row>
      size="small"
      rowKey="class"
      pagination={false}
      dataSource={rows.toSorted((a, b) => b.total - a.total)}
      columns={[
        {
          title: t('common.class'),
          key: 'class',
          render: (_, row) => <Link to={`/devices?class=${row.class}`}>{className(row.class)}</Link>,
        },
        { title: t('common.total'), dataIndex: 'total', align: 'right', className: 'num' },
        ...(['online', 'offline', 'silent'] as const).map((status) => ({
          title: t(`overview.${status}`),
          key: status,
          align: 'right' as const,
          render: (_: unknown, row: Row) => <CountLink row={row} status={status} />,
        })),
        {
          title: t('overview.availability'),
          key: 'share',
          width: '28%',
          render: (_, row) => <ShareBar row={row} />,
        },
      ]}
    />
  );
}
