import type { CustomSeriesRenderItem } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Severity } from '#schemas/device-class.ts';
import type { Palette } from '../../app/theme.ts';
import { fontFamily } from '../../app/theme.ts';
import type { BandStretch, Trend } from './trend.ts';
import { axisEnds } from './trend.ts';

export interface LimitLine {
  readonly value: number;
  readonly name: string;
  readonly severity: Severity;
}

export interface AlarmSpan {
  readonly fromMs: number;
  /** The present while it lasts. */
  readonly toMs: number;
  readonly severity: Severity;
}

export interface ChartContent {
  readonly trend: Trend;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits: readonly LimitLine[];
  readonly spans: readonly AlarmSpan[];
  /** State names by code; empty for numbers. */
  readonly states: readonly string[];
  /** The same point a period earlier, moved to this one. */
  readonly before?: Trend | undefined;
}

export interface ChartLook {
  readonly palette: Palette;
  readonly scale: number;
  readonly formatAxisTime: (timeMs: number) => string;
  readonly formatAxisValue: (value: number) => string;
  /** One unit of the last digit that the axis shows: finer marks would repeat themselves. */
  readonly finestMark: number;
  /** The same of the axis of time, in ms; absent: as fine as there is room for. */
  readonly finestMarkMs?: number;
  /** The whole text shown at a point of the line. */
  readonly describe: (timeMs: number, value: number) => string;
}

const unseen = 'path://M0 0';

/** One polygon per stretch, so that a gap in the band is a gap. */
function bandSeries(band: readonly BandStretch[], look: ChartLook) {
  const renderItem = ((_, api) => {
    const stretch = band[Number(api.value(0))];
    if (stretch === undefined) return null;
    const edge = (values: readonly number[]) =>
      stretch.t.map((t, index) => api.coord([t, values[index] ?? 0]) as [number, number]);
    return {
      type: 'polygon',
      silent: true,
      shape: { points: [...edge(stretch.high), ...edge(stretch.low).reverse()] },
      style: { fill: look.palette.action, opacity: 0.22 },
    };
  }) as CustomSeriesRenderItem;
  return {
    type: 'custom',
    silent: true,
    clip: true,
    tooltip: { show: false },
    data: band.map((_, index) => [index]),
    encode: { x: -1, y: -1 },
    renderItem,
    z: 1,
  };
}

function markings({ limits, spans }: ChartContent, { palette, scale }: ChartLook) {
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      data: limits.map(({ value, name, severity }) => ({
        yAxis: value,
        lineStyle: { color: palette.severity[severity], type: 'solid', width: scale },
        label: {
          formatter: name,
          position: 'insideEndTop',
          color: palette.severity[severity],
          fontSize: 11 * scale,
        },
      })),
    },
    markArea: {
      silent: true,
      data: spans.map(({ fromMs, toMs, severity }) => [
        { xAxis: fromMs, itemStyle: { color: palette.severity[severity], opacity: 0.14 } },
        { xAxis: toMs },
      ]),
    },
  };
}

function axes(content: ChartContent, look: ChartLook) {
  const { palette, scale, formatAxisTime, formatAxisValue } = look;
  const label = { color: palette.textSoft, fontSize: 12 * scale, fontFamily };
  const line = { lineStyle: { color: palette.line } };
  const { states } = content;
  const ends = axisEnds(
    content.trend,
    content.limits.map(({ value }) => value),
  );
  return {
    xAxis: {
      type: 'time',
      min: content.fromMs,
      max: content.toMs,
      ...(look.finestMarkMs === undefined ? {} : { minInterval: look.finestMarkMs }),
      axisLine: line,
      axisTick: line,
      splitLine: { show: false },
      axisLabel: { ...label, hideOverlap: true, formatter: (timeMs: number) => formatAxisTime(timeMs) },
    },
    yAxis:
      states.length > 0
        ? {
            type: 'value',
            min: 0,
            max: states.length - 1,
            interval: 1,
            splitLine: line,
            axisLabel: { ...label, formatter: (code: number) => states[code] ?? '' },
          }
        : {
            type: 'value',
            scale: true,
            min: ends.low,
            max: ends.high,
            splitNumber: 4,
            minInterval: look.finestMark,
            splitLine: line,
            axisLabel: { ...label, formatter: formatAxisValue },
          },
  };
}

/** What ECharts draws of a trend: average or readings, band, gaps, doubt, limits and alarm spans. */
export function chartOption(content: ChartContent, look: ChartLook): EChartsCoreOption {
  const { trend, states } = content;
  const { palette, scale } = look;
  const step = states.length > 0 ? { step: 'end' as const } : {};
  const common = { type: 'line', showSymbol: false, connectNulls: false, z: 3, ...step };
  return {
    animation: false,
    grid: { left: 8, right: 16 * scale, top: 16 * scale, bottom: 4, containLabel: true },
    // Its icons are never seen: the tool is switched on by TrendChart, and drawn over the chart itself.
    toolbox: {
      itemSize: 1,
      iconStyle: { opacity: 0 },
      feature: { dataZoom: { yAxisIndex: 'none', icon: { zoom: unseen, back: unseen } } },
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: palette.raised,
      borderColor: palette.line,
      textStyle: { color: palette.text, fontSize: 13 * scale, fontFamily },
      axisPointer: { lineStyle: { color: palette.textSoft } },
      renderMode: 'richText',
      formatter: (items: unknown) => tooltipText(items, look),
    },
    ...axes(content, look),
    series: [
      bandSeries(trend.band, look),
      {
        ...common,
        silent: true,
        tooltip: { show: false },
        data: [...(content.before?.solid ?? []), ...(content.before?.dashed ?? [])],
        lineStyle: { color: palette.textSoft, width: 1.25 * scale, opacity: 0.7 },
        itemStyle: { color: palette.textSoft },
        z: 2,
      },
      {
        ...common,
        data: trend.solid,
        lineStyle: { color: palette.action, width: 1.75 * scale },
        itemStyle: { color: palette.action },
        ...markings(content, look),
      },
      {
        ...common,
        data: trend.dashed,
        lineStyle: { color: palette.uncertain, width: 1.75 * scale, type: 'dashed' },
        itemStyle: { color: palette.uncertain },
      },
      {
        type: 'scatter',
        data: trend.lone,
        symbolSize: 4 * scale,
        itemStyle: { color: palette.action },
        z: 3,
      },
      {
        type: 'scatter',
        data: trend.bad,
        symbol: 'path://M0 0 2 0 5 4 8 0 10 0 6 5 10 10 8 10 5 6 2 10 0 10 4 5Z',
        symbolSize: 9 * scale,
        itemStyle: { color: palette.textSoft },
        z: 4,
      },
    ],
  };
}

function tooltipText(items: unknown, look: ChartLook): string {
  const list = (Array.isArray(items) ? items : [items]) as readonly { value?: unknown }[];
  for (const { value } of list) {
    if (!Array.isArray(value)) continue;
    const [timeMs, number] = value as readonly unknown[];
    if (typeof timeMs === 'number' && typeof number === 'number') return look.describe(timeMs, number);
  }
  return '';
}
