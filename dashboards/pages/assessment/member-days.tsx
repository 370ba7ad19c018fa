import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { MemberDayRow } from '#schemas/api/member-days.ts';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkText } from '../../app/session.ts';
import { Loaded } from '../../components/states.tsx';

const marks = { good: '■', few: '▤', missing: '□', out: '·', blind: '×' } as const;
const states = ['good', 'few', 'missing', 'out', 'blind'] as const;

function historyPath(point: string, range: { readonly from: string; readonly to: string }): string {
  return `/history?${new URLSearchParams({ points: point, from: range.from, to: range.to }).toString()}`;
}

/** The strip of days of one point, and each stretch that is not good with its reason and its readings. */
function DayRow({ row, days }: { row: MemberDayRow; days: readonly string[] }) {
  const t = useWords();
  const both = useBilingual();
  const said = useParkText();
  const { point, name, served, good, lacks } = row;
  return (
    <div data-testid={`days-${point}`}>
      <Link to={`/points/${encodeURIComponent(point)}`}>{both(name)}</Link>{' '}
      <span className="num">{t('assessor.missingDays', { missing: served - good, of: served })}</span>
      <div className="mono" aria-hidden style={{ overflowWrap: 'anywhere', letterSpacing: 2 }}>
        {row.states.map((state, index) => (
          <span key={days[index]} title={`${days[index]} ${t(`assessor.day.${state}`)}`}>
            {marks[state]}
          </span>
        ))}
      </div>
      {lacks.length === 0 ? null : (
        <ul style={{ listStyle: 'none', margin: 0, paddingInlineStart: 0 }}>
          {lacks.map((lack) => (
            <li key={lack.firstDay}>
              <span className="mono soft" aria-hidden>
                {marks[lack.state]}
              </span>{' '}
              <Link className="num" to={historyPath(point, lack)}>
                {lack.days === 1 ? lack.firstDay : `${lack.firstDay} – ${lack.lastDay}`}
              </Link>{' '}
              {lack.days === 1 ? null : (
                <span className="num soft">{t('assessor.dayCount', { count: lack.days })}</span>
              )}{' '}
              {said(lack.reason)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The days of one member: which had data, as the measure counted them, and why the others had none. */
export function MemberDays({ of, member }: { of: ItemOfPeriod; member: string }) {
  const t = useWords();
  const query = useQuery({
    queryKey: [...keys.assessment, of, 'member', member],
    queryFn: () => assessorApi.memberDays(of, member),
  });
  return (
    <Loaded query={query}>
      {({ days, devices, moreDevices }) => {
        const rows = devices.flatMap((device) => device.rows);
        const seen = new Set(rows.flatMap((row) => row.states));
        return (
          <div className="lines" data-testid={`member-${member}`}>
            {rows.length > 0 && rows.every(({ decides }) => !decides) ? (
              <p className="soft">{t('assessor.notByDays')}</p>
            ) : null}
            {devices.map(({ deviceId, heldS, rows: own }) => (
              <div key={deviceId}>
                <Link to={`/devices/${deviceId}`} className="mono">
                  {deviceId}
                </Link>{' '}
                {heldS === 0 ? null : (
                  <span className="tag">
                    {t('assessor.held', { hours: formatLoose(Math.ceil(heldS / 360) / 10, 1) })}
                  </span>
                )}
                {own.length === 0 ? <span className="soft">{t('assessor.noDays')}</span> : null}
                {own.map((row) => (
                  <DayRow key={`${row.point} ${row.states.join()}`} row={row} days={days} />
                ))}
              </div>
            ))}
            {moreDevices === 0 ? null : (
              <p className="soft">{t('assessor.moreDevices', { count: moreDevices })}</p>
            )}
            {rows.length === 0 ? null : (
              <div className="soft small">
                {states
                  .filter((state) => seen.has(state))
                  .map((state) => `${marks[state]} ${t(`assessor.day.${state}`)}`)
                  .join('  ')}
              </div>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
