import { Link } from 'react-router';
import type { Overview } from '../../app/api.ts';
import { formatCount } from '../../app/format.ts';
import { useClassNames } from '../../app/lookups.ts';
import { useWords } from '../../app/i18n.ts';

const statuses = ['online', 'offline', 'silent'] as const;

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
function CountLink({ row, status }: { row: Row; status: (typeof statuses)[number] }) {
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

/** Largest class first; a name leads to the board of the class, every count to exactly the devices it counts. */
export function ClassTable({ rows }: { rows: Overview['devices'] }) {
  const t = useWords();
  const className = useClassNames();
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{t('common.class')}</th>
          <th className="right">{t('common.total')}</th>
          {statuses.map((status) => (
            <th key={status} className="right">
              {t(`overview.${status}`)}
            </th>
          ))}
          <th>{t('overview.availability')}</th>
        </tr>
      </thead>
      <tbody>
        {rows
          .toSorted((a, b) => b.total - a.total)
          .map((row) => (
            <tr key={row.class}>
              <td className="nowrap">
                <Link to={`/boards/${row.class}`}>{className(row.class)}</Link>
              </td>
              <td className="right num">{formatCount(row.total)}</td>
              {statuses.map((status) => (
                <td key={status} className="right">
                  <CountLink row={row} status={status} />
                </td>
              ))}
              <td>
                <ShareBar row={row} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
