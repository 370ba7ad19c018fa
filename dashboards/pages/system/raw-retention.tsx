import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import type { RawRetention } from '#schemas/api/retention.ts';
import { admins } from '#schemas/roles.ts';
import { api } from '../../app/api.ts';
import { formatCount, formatLoose, formatMib } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { RawKeepForm } from './raw-keep-form.tsx';

type ClassRetention = RawRetention['classes'][number];

/** How far back raw readings reach, and what each class takes of the disk. */
export function RawRetentionPanel() {
  const t = useWords();
  const query = useQuery({ queryKey: keys.rawRetention, queryFn: api.rawRetention });
  const [edited, setEdited] = useState<string | null>(null);
  return (
    <Loaded query={query}>
      {(retention) => {
        const { horizonDays, bytes, keptBytes, bytesPerReading, classes } = retention;
        const of = classes.find((row) => row.class === edited);
        return (
          <Panel title={t('system.rawRetention')}>
            <p>
              {t('system.rawKept', { days: horizonDays, size: formatMib(bytes) })}{' '}
              {classes.some((row) => row.keptSince !== null)
                ? `${t('rawKeep.copies', { size: formatMib(keptBytes) })} `
                : ''}
              {bytesPerReading === null
                ? t('system.rawUnmeasured')
                : t('system.rawEach', { each: formatLoose(bytesPerReading, 1) })}
            </p>
            {classes.length === 0 ? <p className="soft">{t('system.rawNone')}</p> : null}
            <ClassTable classes={classes} onEdit={setEdited} />
            <p className="soft small">{t('system.rawHint')}</p>
            {of === undefined ? null : (
              <RawKeepForm retention={retention} of={of} onClose={() => setEdited(null)} />
            )}
          </Panel>
        );
      }}
    </Loaded>
  );
}

interface ClassTableProps {
  readonly classes: readonly ClassRetention[];
  readonly onEdit: (name: string) => void;
}

function ClassTable({ classes, onEdit }: ClassTableProps) {
  const t = useWords();
  const className = useClassNames();
  const mayEdit = useMay(admins);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{t('common.class')}</th>
          <th className="right">{t('system.rawPoints')}</th>
          <th className="right">{t('system.rawPerDay')}</th>
          <th>{t('rawKeep.kept')}</th>
          <th className="right">{t('system.rawEstimate')}</th>
          {mayEdit ? <th>{t('common.actions')}</th> : null}
        </tr>
      </thead>
      <tbody>
        {classes.map((row) => (
          <tr key={row.class}>
            <td className="nowrap">{className(row.class)}</td>
            <td className="right num">{formatCount(row.points)}</td>
            <td className="right num">{formatCount(Math.round(row.readingsPerDay))}</td>
            <td>
              <Kept row={row} />
            </td>
            <td className="right num">{formatMib(row.bytes)}</td>
            {mayEdit ? (
              <td>
                <Button
                  size="small"
                  aria-label={t('rawKeep.title', { name: className(row.class) })}
                  onClick={() => onEdit(row.class)}
                >
                  {t('common.edit')}
                </Button>
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Days, since when copies are there, and who set it. */
function Kept({ row: { days, keptSince, setting } }: { row: ClassRetention }) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <>
      <span className="nowrap num">{t('rawKeep.daysOf', { days })}</span>
      {keptSince === null ? null : (
        <div className="soft small">{t('rawKeep.since', { time: parkTime(keptSince, 'day') })}</div>
      )}
      {setting === null ? null : (
        <div className="soft small">
          {t('rawKeep.setting', {
            author: setting.author,
            time: parkTime(setting.at, 'minute'),
            reason: setting.reason,
          })}
        </div>
      )}
    </>
  );
}
