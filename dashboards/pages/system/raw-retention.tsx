import { useQuery } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { formatCount, formatLoose } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';

const mib = 1024 * 1024;

function formatMib(bytes: number | null): string {
  return bytes === null ? '—' : `${formatLoose(bytes / mib, 1)} MiB`;
}

/** How far back raw readings reach, and what each class takes of the disk. */
export function RawRetentionPanel() {
  const t = useWords();
  const className = useClassNames();
  const query = useQuery({ queryKey: ['raw-retention'], queryFn: api.rawRetention });
  return (
    <Loaded query={query}>
      {({ horizonDays, bytes, bytesPerReading, classes }) => (
        <Panel title={t('system.rawRetention')}>
          <p>
            {t('system.rawKept', { days: horizonDays, size: formatMib(bytes) })}{' '}
            {bytesPerReading === null
              ? t('system.rawUnmeasured')
              : t('system.rawEach', { each: formatLoose(bytesPerReading, 1) })}
          </p>
          {classes.length === 0 ? <p className="soft">{t('system.rawNone')}</p> : null}
          <table className="plain-table">
            <thead>
              <tr>
                <th>{t('common.class')}</th>
                <th className="right">{t('system.rawPoints')}</th>
                <th className="right">{t('system.rawPerDay')}</th>
                <th className="right">{t('system.rawEstimate')}</th>
              </tr>
            </thead>
            <tbody>
              {classes.map((row) => (
                <tr key={row.class}>
                  <td className="nowrap">{className(row.class)}</td>
                  <td className="right num">{formatCount(row.points)}</td>
                  <td className="right num">{formatCount(Math.round(row.readingsPerDay))}</td>
                  <td className="right num">{formatMib(row.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="soft small">{t('system.rawHint')}</p>
        </Panel>
      )}
    </Loaded>
  );
}
