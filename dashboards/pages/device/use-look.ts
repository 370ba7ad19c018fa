import { useMemo } from 'react';
import { qualities } from '#schemas/reading.ts';
import type { Point } from '../../app/api.ts';
import { formatLoose, formatNumber, formatTime, stateOf, unitSign } from '../../app/format.ts';
import type { Translate } from '../../app/i18n.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useSession } from '../../app/session.ts';
import { usePalette, useScale } from '../../app/theme.ts';
import type { ChartLook } from './chart-option.ts';
import type { TrendData } from './use-trend.ts';
import { ranges } from './use-trend.ts';

export function resolutionWord(t: Translate, resolution: string): string {
  return resolution === 'raw' ? t('device.resolutionRaw') : resolution;
}

const yearMs = 366 * ranges['24h'];

/** Time on the axis: as much as the length of the period needs. */
function axisTime(timeMs: number, timeZone: string, lengthMs: number): string {
  // Where days are far apart, the clock says nothing.
  if (lengthMs > 2 * ranges['7d'])
    return formatTime(timeMs, timeZone, 'day').slice(lengthMs > yearMs ? 0 : 5);
  if (lengthMs > 2 * ranges['24h']) return formatTime(timeMs, timeZone, 'minute');
  const clock = formatTime(timeMs, timeZone, 'clock');
  return lengthMs < ranges['1h'] / 4 ? clock : clock.slice(0, 5);
}

interface Described {
  readonly t: Translate;
  readonly trend: TrendData;
  /** A number as text, without its unit. */
  readonly value: (number: number) => string;
  readonly unit: string;
}

/** What hovering tells beside time and value: quality, band, samples, resolution. */
function describe(timeMs: number, { t, trend, value, unit }: Described): readonly string[] {
  const { q, min, max, count } = trend.series;
  const index = trend.series.t.indexOf(timeMs);
  const quality = qualities[q[index] ?? 0] ?? 'bad';
  const [low, high, samples] = [min?.[index], max?.[index], count?.[index]];
  const band =
    typeof low === 'number' && typeof high === 'number'
      ? [`${t('device.band')}: ${value(low)} – ${value(high)} ${unit}`]
      : [];
  return [
    `${t('quality.title')}: ${t(`quality.${quality}`)}`,
    ...band,
    ...(samples === undefined ? [] : [t('device.samples', { count: samples })]),
    t('device.resolution', { resolution: resolutionWord(t, trend.resolution) }),
  ];
}

/** How a chart of this point is coloured and worded. */
export function useLook(point: Point, trend: TrendData | undefined, lengthMs: number): ChartLook {
  const t = useWords();
  const both = useBilingual();
  const palette = usePalette();
  const scale = useScale();
  const { timeZone } = useSession();
  return useMemo(() => {
    const unit = unitSign(point.unit);
    const value = (number: number) => {
      const state = stateOf(point, number);
      return state === undefined ? formatNumber(number, point.decimals) : both(state.name);
    };
    return {
      palette,
      scale,
      formatAxisTime: (timeMs) => axisTime(timeMs, timeZone, lengthMs),
      formatAxisValue: (number) => formatLoose(number, point.decimals),
      finestMark: 10 ** -point.decimals,
      describe: (timeMs, number) =>
        [
          formatTime(timeMs, timeZone),
          `${value(number)} ${unit}`.trim(),
          ...(trend === undefined ? [] : describe(timeMs, { t, trend, value, unit })),
        ].join('\n'),
    };
  }, [both, lengthMs, palette, point, scale, t, timeZone, trend]);
}
