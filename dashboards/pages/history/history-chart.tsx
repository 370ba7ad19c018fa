import { lazy, Suspense, useMemo } from 'react';
import { Link } from 'react-router';
import type { Resolution } from '../../app/api.ts';
import { formatSpan, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { StateTimeline } from '../../components/state-timeline.tsx';
import { EmptyState, Loading } from '../../components/states.tsx';
import type { Series } from '#schemas/api/readings.ts';
import { gapAfterMs, toTrend } from '../device/trend.ts';
import { resolutionWord, useLook } from '../device/use-look.ts';
import { gapFigures } from './history-query.ts';
import type { ChosenPoint } from './point-picker.tsx';

const TrendChart = lazy(async () => ({ default: (await import('../device/trend-chart.tsx')).TrendChart }));

interface HistoryChartProps extends ChosenPoint {
  readonly series: Series;
  /** The same point a period earlier. */
  readonly before: Series | undefined;
  readonly resolution: Resolution;
  readonly pending: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

/** One point over the period, in a panel of its own: points have units of their own, and share the axis of time. */
export function HistoryChart(props: HistoryChartProps) {
  const { point, device, series, before, resolution, pending, fromMs, toMs, onZoom } = props;
  const t = useWords();
  const both = useBilingual();
  const trend = useMemo(() => {
    const drawn = toTrend(series, gapAfterMs(resolution, point.expectedIntervalS));
    return { resolution, pending, series, drawn };
  }, [pending, point, resolution, series]);
  const look = useLook(point, trend, toMs - fromMs);
  const content = useMemo(() => {
    const moved = before && { ...before, t: before.t.map((timeMs) => timeMs + toMs - fromMs) };
    const earlier = moved && toTrend(moved, gapAfterMs(resolution, point.expectedIntervalS));
    const states = point.states.map(({ name }) => both(name));
    return { trend: trend.drawn, fromMs, toMs, limits: [], spans: [], states, before: earlier };
  }, [before, both, fromMs, point, resolution, toMs, trend]);
  const unit = unitSign(point.unit);
  const heading = `${device.name} · ${both(point.name)}${unit === '' ? '' : ` (${unit})`}`;
  const gaps = gapFigures(series.gaps);
  return (
    <Panel title={heading} actions={<Link to={`/points/${point.key}`}>{t('pointPage.open')}</Link>}>
      {point.kind === 'state' ? (
        <StateTimeline point={point} fromMs={fromMs} toMs={toMs} />
      ) : series.t.length === 0 ? (
        <EmptyState title={t('device.noReadings')} hint={t('device.noReadingsHint')} />
      ) : (
        <div className="chart-box">
          <Suspense fallback={<Loading />}>
            <TrendChart content={content} look={look} label={heading} onZoom={onZoom} />
          </Suspense>
          <div className="legend num">
            <span>
              <i />
              {t(resolution === 'raw' ? 'device.reading' : 'device.average')}
            </span>
            {trend.drawn.band.length > 0 ? (
              <span>
                <i className="band" />
                {t('device.band')}
              </span>
            ) : null}
            {before === undefined ? null : (
              <span>
                <i style={{ borderColor: 'var(--textSoft)' }} />
                {t('history.compared')}
              </span>
            )}
            <span>{t('device.resolution', { resolution: resolutionWord(t, resolution) })}</span>
            {series.of === undefined ? null : <span>{t('history.shapeOf', { count: series.of })}</span>}
            <span>
              {gaps.count === 0
                ? t('history.noGaps')
                : t('history.gaps', { count: gaps.count, span: formatSpan(t, gaps.lengthMs) })}
            </span>
            {pending ? <span>{t('common.pending')}</span> : null}
          </div>
        </div>
      )}
    </Panel>
  );
}
