import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { ConsumptionAnswer } from '#schemas/api/consumption.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { nowMs } from '../../app/clock.ts';
import { consumptionApi } from '../../app/consumption-api.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useSession } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import type { BoardScope } from './board-trend.tsx';
import type { Stretch } from './periods.ts';
import { comparedStretches, comparisons, ranking, totalOf } from './periods.ts';

const renewMs = 5 * 60_000;
const shown = 10;
const rankedDays = 7;

const consumptionOf = (points: readonly string[], { fromMs, toMs }: Stretch): Promise<ConsumptionAnswer> =>
  consumptionApi.of({
    points: points.join(','),
    // The coarsest: whole days and months are kept ready, only the edges are computed.
    interval: '1mo',
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  });

const percent = (share: number) => `${share > 0 ? '+' : ''}${formatLoose(100 * share, 1)} %`;

function Amount({ total }: { total: ReturnType<typeof totalOf> }) {
  const t = useWords();
  if (total === null) return <>—</>;
  return (
    <>
      {formatLoose(total.value, 1)} <span className="unit">{unitSign(total.unit)}</span>
      {total.whole ? null : <div className="soft small">{t('boards.incomplete')}</div>}
      {total.whole && total.estimated ? <div className="soft small">{t('boards.estimated')}</div> : null}
    </>
  );
}

/** Today, this week and this month against the same part of the one before. */
export function ConsumptionCompared({ answer }: BoardScope) {
  const t = useWords();
  const { timeZone } = useSession();
  const { top, total } = answer.counters;
  const query = useQuery({
    queryKey: ['class-board', answer.class, 'compared', top],
    enabled: top.length > 0,
    refetchInterval: renewMs,
    queryFn: async () => {
      const calendar = localCalendar(timeZone);
      const rows: {
        comparison: (typeof comparisons)[number];
        now: ReturnType<typeof totalOf>;
        before: ReturnType<typeof totalOf>;
      }[] = [];
      // One after the other: six answers at once would be computed at the cost of everybody else.
      for (const comparison of comparisons) {
        const stretches = comparedStretches(calendar, nowMs(), comparison);
        const now = stretches && totalOf(await consumptionOf(top, stretches.now));
        const before = stretches && totalOf(await consumptionOf(top, stretches.before));
        rows.push({ comparison, now, before });
      }
      return rows;
    },
  });
  return (
    <Panel title={t('boards.consumption')}>
      <p className="soft small">{t('boards.consumptionHint')}</p>
      {answer.counters.all.length < total ? (
        <p className="note">{t('boards.tooMany', { count: answer.counters.all.length })}</p>
      ) : null}
      {top.length === 0 ? (
        <EmptyState title={t('boards.empty')} />
      ) : (
        <Loaded query={query}>
          {(rows) => (
            <table className="plain-table" data-testid="compared">
              <thead>
                <tr>
                  <th>{t('boards.period3')}</th>
                  <th className="right">{t('boards.now')}</th>
                  <th className="right">{t('boards.earlier')}</th>
                  <th className="right">{t('boards.change')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ comparison, now, before }) => (
                  <tr key={comparison}>
                    <td>{t(`boards.so.${comparison}`)}</td>
                    <td className="right num">
                      <Amount total={now} />
                    </td>
                    <td className="right num" title={t(`boards.before.${comparison}`)}>
                      <Amount total={before} />
                    </td>
                    <td className="right num">
                      {now?.whole === true && before?.whole === true && before.value > 0
                        ? percent(now.value / before.value - 1)
                        : '—'}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Loaded>
      )}
    </Panel>
  );
}

/** Who used most within the last whole days; sub-meters stand beside their meters. */
export function TopConsumers({ answer, names }: BoardScope & { names: ReadonlyMap<string, string> }) {
  const t = useWords();
  const { timeZone } = useSession();
  const { all } = answer.counters;
  const query = useQuery({
    queryKey: ['class-board', answer.class, 'top', all],
    enabled: all.length > 0,
    refetchInterval: renewMs,
    queryFn: async () => {
      const calendar = localCalendar(timeZone);
      const today = calendar.dayOf(nowMs());
      const fromMs = calendar.startOf(shiftDay(today, -rankedDays));
      return ranking(await consumptionOf(all, { fromMs, toMs: calendar.startOf(today) }));
    },
  });
  if (all.length === 0) return null;
  return (
    <Panel title={t('boards.top')}>
      <p className="soft small">{t('boards.topHint')}</p>
      <Loaded query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t('consumption.none')} />
          ) : (
            <table className="plain-table" data-testid="top">
              <tbody>
                {rows.slice(0, shown).map(({ point, value, unit }) => {
                  const deviceId = point.slice(0, point.lastIndexOf('.'));
                  const width = {
                    width: `${(100 * value) / Math.max(rows[0]?.value ?? 1, Number.MIN_VALUE)}%`,
                  };
                  return (
                    <tr key={point}>
                      <td>
                        <Link to={`/devices/${deviceId}`}>{names.get(deviceId) ?? deviceId}</Link>
                      </td>
                      <td className="right num nowrap">
                        {formatLoose(value, 1)} {unitSign(unit)}
                      </td>
                      <td style={{ width: '35%' }}>
                        <div className="share">
                          <i className="part-main" style={width} />
                        </div>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Panel>
  );
}
