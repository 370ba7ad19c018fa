import { lazy, Suspense, useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import type { BoardPeriod, BoardTrend, ClassBoardAnswer } from '#schemas/api/class-board.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { classBoardApi } from '../../app/class-board-api.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useMetrics } from '../../app/lookups.ts';
import { useSession } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { Quantity } from '../../components/quantity.tsx';
import { EmptyState, Loaded, Loading } from '../../components/states.tsx';
import { bucketMs, toTrend } from '../device/trend.ts';
import { useLook } from '../device/use-look.ts';
import { nightBase } from './periods.ts';

const TrendChart = lazy(async () => ({ default: (await import('../device/trend-chart.tsx')).TrendChart }));

const periods: readonly BoardPeriod[] = ['24h', '7d', '30d'];
const renewMs = 60_000;

export interface BoardScope {
  readonly answer: ClassBoardAnswer;
  readonly space: string;
}

function Chart({ trend, title }: { trend: BoardTrend; title: string }) {
  const t = useWords();
  const both = useBilingual();
  const metric = useMetrics()({ metric: trend.metric });
  const [fromMs, toMs] = [Date.parse(trend.from), Date.parse(trend.to)];
  const point = useMemo(
    () => ({
      key: trend.metric,
      deviceId: '',
      metric: trend.metric,
      name: metric.name,
      kind: 'gauge' as const,
      unit: trend.unit,
      decimals: 1,
      states: [],
      abnormal: {},
      expectedIntervalS: bucketMs[trend.resolution] / 1_000,
    }),
    [metric, trend],
  );
  const data = useMemo(() => {
    const series = { t: trend.t, v: trend.v, q: trend.q, count: trend.count };
    const drawn = toTrend(series, 1.5 * bucketMs[trend.resolution]);
    return { resolution: trend.resolution, pending: trend.pending, series, drawn };
  }, [trend]);
  const look = useLook(point, data, toMs - fromMs);
  const content = useMemo(
    () => ({ trend: data.drawn, fromMs, toMs, limits: [], spans: [], states: [] }),
    [data, fromMs, toMs],
  );
  if (trend.t.length === 0) {
    return <EmptyState title={t('device.noReadings')} hint={t('device.noReadingsHint')} />;
  }
  return (
    <div className="chart-box">
      <Suspense fallback={<Loading />}>
        <TrendChart content={content} look={look} label={title} />
      </Suspense>
      <div className="legend num">
        <span>
          <i />
          {both(metric.name)} · {t(`boards.fold.${trend.fold}`)}
        </span>
        <span>{t('device.resolution', { resolution: trend.resolution })}</span>
        <span>{t('boards.devices', { count: trend.devices })}</span>
        {trend.pending ? <span>{t('common.pending')}</span> : null}
      </div>
    </div>
  );
}

function NightBase({ trend, answer }: { trend: BoardTrend; answer: ClassBoardAnswer }) {
  const t = useWords();
  const { timeZone } = useSession();
  const hours = answer.board.nightBase;
  const found = useMemo(
    () => (hours === undefined ? null : nightBase(trend, hours, localCalendar(timeZone))),
    [hours, timeZone, trend],
  );
  // Days hold a night and a day in one.
  if (hours === undefined || found === null || trend.resolution === '1d') return null;
  return (
    <p className="row wrap" data-testid="night-base">
      <span>{t('boards.nightBase')}</span>
      <span className="value num">
        <Quantity value={found.value} unit={trend.unit} decimals={1} />
      </span>
      <span className="soft small num">
        {t('boards.nightBaseHint', {
          ...hours,
          resolution: trend.resolution,
          share: found.share === null ? '—' : formatLoose(100 * found.share, 0),
        })}
      </span>
    </p>
  );
}

/** All devices of a board in one line. */
export function BoardTrendPanel({ answer, space }: BoardScope) {
  const t = useWords();
  const both = useBilingual();
  const { values, set } = useFilters(['period'] as const);
  const period = periods.find((each) => each === values.period) ?? '24h';
  const metric = answer.board.trend?.metric ?? '';
  const query = useQuery({
    queryKey: ['class-board', answer.class, 'trend', space, period],
    queryFn: () => classBoardApi.trend(answer.class, { space, period }),
    refetchInterval: renewMs,
  });
  const name = useMetrics()({ metric, deviceClass: answer.class }).name;
  const title = t(answer.board.trend?.fold === 'sum' ? 'boards.loadCurve' : 'boards.trend', {
    name: both(name),
  });
  const save = ({ t: times, v, q, count, unit }: BoardTrend) =>
    downloadCsv(`${answer.class}-${metric}`, [
      ['time', `${metric} (${unit})`, 'quality', 'devices'],
      ...times.map((timeMs, at) => [new Date(timeMs).toISOString(), v[at], q[at], count[at]]),
    ]);
  return (
    <Panel
      title={title}
      actions={
        <span className="row">
          <Segmented
            size="small"
            aria-label={title}
            value={period}
            options={periods.map((each) => ({ value: each, label: t(`boards.period.${each}`) }))}
            onChange={(chosen) => set({ period: chosen === '24h' ? null : chosen })}
          />
          <Button
            size="small"
            disabled={query.data === undefined}
            onClick={() => query.data && save(query.data)}
          >
            {t('common.download')}
          </Button>
        </span>
      }
    >
      <Loaded query={query}>
        {(trend) => (
          <>
            <NightBase trend={trend} answer={answer} />
            <Chart trend={trend} title={title} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
