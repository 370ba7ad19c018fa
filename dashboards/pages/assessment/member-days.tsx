import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { Loaded } from '../../components/states.tsx';

const marks = { good: '■', missing: '□', out: '·', blind: '×' } as const;

/** The days of one member: which had data, as the measure counted them; each leads to that day's readings. */
export function MemberDays({
  of,
  member,
  point,
}: {
  of: ItemOfPeriod;
  member: string;
  point: string | null;
}) {
  const t = useWords();
  const query = useQuery({
    queryKey: [...keys.assessment, of, 'member', member],
    queryFn: () => assessorApi.memberDays(of, member),
  });
  return (
    <Loaded query={query}>
      {({ devices }) => (
        <div className="lines">
          {devices.map(({ deviceId, days }) => {
            const served = days?.filter(({ state }) => state !== 'out') ?? [];
            const missing = served.filter(({ state }) => state !== 'good');
            return (
              <div key={deviceId}>
                <Link to={`/devices/${deviceId}`} className="mono">
                  {deviceId}
                </Link>{' '}
                {point?.startsWith(`${deviceId}.`) === true ? (
                  <Link to={`/points/${encodeURIComponent(point)}`}>{t('assessor.point')}</Link>
                ) : null}{' '}
                {days === null ? (
                  <span className="soft">{t('assessor.noDays')}</span>
                ) : (
                  <>
                    <span className="num">
                      {t('assessor.missingDays', { missing: missing.length, of: served.length })}
                    </span>
                    <div className="mono" aria-hidden style={{ overflowWrap: 'anywhere' }}>
                      {days.map(({ day, state }) => (
                        <span key={day} title={`${day} ${t(`assessor.day.${state}`)}`}>
                          {marks[state]}
                        </span>
                      ))}
                    </div>
                    {missing.length === 0 ? null : (
                      <div className="soft small num">{missing.map(({ day }) => day).join(' ')}</div>
                    )}
                    <div className="soft small">
                      {(['good', 'missing', 'out', 'blind'] as const)
                        .map((state) => `${marks[state]} ${t(`assessor.day.${state}`)}`)
                        .join('  ')}
                    </div>
                  </>
                )}
              </div>
            );
          })}
        </div>
      )}
    </Loaded>
  );
}
