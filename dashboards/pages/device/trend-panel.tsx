import { lazy, Suspense, useMemo } from 'react';
import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { qualities } from '#schemas/reading.ts';
import type { Alarm, AlarmRule, Point } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { downloadCsv } from '../../app/download.ts';
import { quantityText, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, ErrorState, Loading } from '../../components/states.tsx';
import type { ChartContent } from './chart-option.ts';
import type { Trend } from './trend.ts';
import { resolutionWord, useLook } from './use-look.ts';
import type { Period, Range, TrendData } from './use-trend.ts';
import { ranges, useTrend } from './use-trend.ts';

const TrendChart = lazy(async () => ({ default: (await import('./trend-chart.tsx')).TrendChart }));

interface TrendPanelProps {
  readonly point: Point;
  readonly deviceClass: string;
  readonly alarms: readonly Alarm[];
  readonly period: Period;
  /** Absent where the period is fixed. */
  readonly onPeriod?: (period: Period) => void;
  readonly title?: string;
}

export function watches(rule: Pick<AlarmRule, 'target'>, point: Point, deviceClass: string): boolean {
  const { target } = rule;
  if ('point' in target) return target.point === point.key;
  if ('device' in target) return `${target.device}.${target.metric}` === point.key;
  // Whether the point is in the space is the server's to know.
  if ('space' in target) return false;
  return target.deviceClass === deviceClass && target.metric === point.metric;
}

/** Limits of the rules that watch this point. */
function useLimits(point: Point, deviceClass: string): ChartContent['limits'] {
  const { data } = useQuery({ queryKey: keys.alarmRules, queryFn: api.alarmRules, retry: false });
  return useMemo(
    () =>
      (data?.items ?? [])
        .filter((rule) => rule.enabled && watches(rule, point, deviceClass))
        .flatMap(({ condition, name, severity }) =>
          condition.kind === 'limit' ? [{ value: condition.limit, name, severity }] : [],
        ),
    [data, deviceClass, point],
  );
}

/** When alarms of this point lasted; one that still does ends at `presentMs`. */
function useSpans(point: Point, alarms: readonly Alarm[], presentMs: number): ChartContent['spans'] {
  return useMemo(
    () =>
      alarms
        .filter((alarm) => alarm.point === point.key)
        .map(({ raisedAt, clearedAt, severity }) => ({
          fromMs: Date.parse(raisedAt),
          toMs: clearedAt === null ? presentMs : Date.parse(clearedAt),
          severity,
        })),
    [alarms, point, presentMs],
  );
}

/** The end of an alarm that lasts is drawn anew this often. */
const spanStepMs = 10_000;

function isEmpty(trend: Trend): boolean {
  return trend.solid.length + trend.dashed.length + trend.bad.length === 0;
}

interface LegendProps {
  readonly trend: TrendData;
  readonly point: Point;
  readonly limits: ChartContent['limits'];
}

function Legend({ trend, point, limits }: LegendProps) {
  const t = useWords();
  const { drawn, resolution } = trend;
  return (
    <div className="legend">
      <span>
        <i />
        {t(resolution === 'raw' ? 'device.reading' : 'device.average')}
      </span>
      {drawn.band.length > 0 ? (
        <span>
          <i className="band" />
          {t('device.band')}
        </span>
      ) : null}
      {drawn.dashed.length > 0 ? (
        <span>
          <i className="dashed" />
          {t('device.uncertain')}
        </span>
      ) : null}
      {limits.map(({ name, value, severity }) => (
        <span key={name} className="num">
          <i style={{ borderColor: `var(--shape-${severity})` }} />
          {t('device.limit')} {quantityText(t, { value, unit: point.unit })} · {name}
        </span>
      ))}
      <span>{t('device.gap')}</span>
      <span className="num">{t('device.resolution', { resolution: resolutionWord(t, resolution) })}</span>
      {trend.pending ? <span>{t('common.pending')}</span> : null}
    </div>
  );
}

function save(point: Point, trend: TrendData): void {
  const { t, v, q, min, max, count } = trend.series;
  downloadCsv(`${point.key}-${trend.resolution}`, [
    ['point', 'time', 'value', 'unit', 'quality', 'resolution', 'min', 'max', 'count'],
    ...t.map((timeMs, index) => [
      point.key,
      new Date(timeMs).toISOString(),
      v[index],
      point.unit,
      qualities[q[index] ?? 2],
      trend.resolution,
      min?.[index],
      max?.[index],
      count?.[index],
    ]),
  ]);
}

type ActionsProps = Pick<TrendPanelProps, 'point' | 'period' | 'onPeriod'> & {
  readonly trend: TrendData | undefined;
};

function Actions({ point, period, onPeriod, trend }: ActionsProps) {
  const t = useWords();
  const moving = 'range' in period;
  return (
    <>
      {onPeriod === undefined ? null : (
        <Segmented<Range | ''>
          aria-label={t('device.range')}
          value={moving ? period.range : ''}
          options={Object.keys(ranges) as Range[]}
          onChange={(range) => (range === '' ? undefined : onPeriod({ range }))}
        />
      )}
      {moving || onPeriod === undefined ? null : (
        <Button onClick={() => onPeriod({ range: '1h' })}>{t('device.resetZoom')}</Button>
      )}
      <Button
        icon={<DownloadOutlined />}
        title={t('device.csvHeader')}
        aria-label={t('common.download')}
        disabled={trend === undefined}
        onClick={() => trend !== undefined && save(point, trend)}
      />
    </>
  );
}

/** One point over a period: readings or averages in their band, with limits and alarms; always downloadable. */
export function TrendPanel({ point, deviceClass, alarms, period, onPeriod, title }: TrendPanelProps) {
  const t = useWords();
  const both = useBilingual();
  const { query, trend, fromMs, toMs } = useTrend(point, period);
  const present = useNow(spanStepMs);
  const limits = useLimits(point, deviceClass);
  const spans = useSpans(point, alarms, Math.min(toMs, present));
  const look = useLook(point, trend, toMs - fromMs);
  const content = useMemo(() => {
    const states = point.states.map(({ name }) => both(name));
    return trend === undefined ? undefined : { trend: trend.drawn, fromMs, toMs, limits, spans, states };
  }, [both, fromMs, limits, point, spans, toMs, trend]);
  const unit = unitSign(point.unit);
  const heading = `${t('device.trend')} · ${both(point.name)}${unit === '' ? '' : ` (${unit})`}`;
  const zoom =
    onPeriod === undefined ? undefined : (from: number, to: number) => onPeriod({ fromMs: from, toMs: to });
  return (
    <Panel
      title={title ?? heading}
      actions={
        <Actions
          point={point}
          period={period}
          trend={trend}
          {...(onPeriod === undefined ? {} : { onPeriod })}
        />
      }
    >
      {trend === undefined || content === undefined ? (
        query.error === null ? (
          <Loading />
        ) : (
          <ErrorState error={query.error} onRetry={query.refetch} />
        )
      ) : isEmpty(trend.drawn) ? (
        <EmptyState title={t('device.noReadings')} hint={t('device.noReadingsHint')} />
      ) : (
        <div className={query.isPlaceholderData ? 'chart-box stale' : 'chart-box'}>
          <Suspense fallback={<Loading />}>
            <TrendChart content={content} look={look} label={heading} onZoom={zoom} />
          </Suspense>
          <Legend trend={trend} point={point} limits={limits} />
          {zoom === undefined ? null : <div className="soft small">{t('device.zoomHint')}</div>}
        </div>
      )}
    </Panel>
  );
}
