import { useEffect, useMemo, useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Point, Resolution } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { nowMs, useNow } from '../../app/clock.ts';
import type { LiveValue } from '../../app/live.ts';
import { useLive } from '../../app/live.ts';
import type { TrendSeries } from './trend.ts';
import { gapAfterMs, toTrend, withTail } from './trend.ts';

/** Lengths of the period that ends now. */
export const ranges = { '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Range = keyof typeof ranges;

/** A fixed period, or one that ends now and moves on. */
export type Period = { readonly range: Range } | { readonly fromMs: number; readonly toMs: number };

/** The period that the address names; the last hour where it names none. */
export function periodOf(values: Readonly<Record<'range' | 'from' | 'to', string>>): Period {
  const [fromMs, toMs] = [Date.parse(values.from), Date.parse(values.to)];
  if (fromMs < toMs) return { fromMs, toMs };
  return { range: values.range in ranges ? (values.range as Range) : '1h' };
}

/** What stands in the address of a period. */
export function periodFilters(period: Period): Partial<Record<'range' | 'from' | 'to', string | null>> {
  if ('range' in period) return { range: period.range, from: null, to: null };
  return { from: new Date(period.fromMs).toISOString(), to: new Date(period.toMs).toISOString() };
}

/**
 * What a period of this length is read at: short ones as fine as they fit, long ones in buckets, so that sparse
 * readings still make a line with its band.
 */
export function resolutionFor(lengthMs: number): 'auto' | Resolution {
  if (lengthMs <= ranges['6h']) return 'auto';
  if (lengthMs <= 3 * ranges['24h']) return '15m';
  return lengthMs <= 60 * ranges['24h'] ? '1h' : '1d';
}

const mostTail = 5_000;
const renewMs = 60_000;
/** A moving chart is moved by about a pixel at a time. */
const pixels = 1_000;

/** What has come live of a point since the component stands. */
function useTail(key: string): readonly LiveValue[] {
  const [tail, setTail] = useState<readonly LiveValue[]>([]);
  useEffect(() => {
    setTail([]);
    let last: LiveValue | undefined;
    return useLive.subscribe(({ points }) => {
      const value = points.get(key);
      if (value === undefined || value === last) return;
      last = value;
      setTail((before) => [...before.slice(1 - mostTail), value]);
    });
  }, [key]);
  return tail;
}

/** The readings of a point over a period, ready to draw; what comes live is appended. */
export function useTrend(point: Point, period: Period) {
  const moving = 'range' in period;
  const lengthMs = moving ? ranges[period.range] : period.toMs - period.fromMs;
  const present = useNow(Math.max(1_000, lengthMs / pixels));
  const tail = useTail(point.key);
  const query = useQuery({
    queryKey: ['readings', point.key, period],
    queryFn: async () => {
      const toMs = moving ? nowMs() : period.toMs;
      return api.readings({
        points: [point.key],
        fromMs: toMs - lengthMs,
        toMs,
        resolution: resolutionFor(lengthMs),
      });
    },
    placeholderData: keepPreviousData,
    ...(moving ? { refetchInterval: renewMs } : { staleTime: renewMs }),
  });
  const { data } = query;
  const trend = useMemo(() => {
    const series = data?.series.find((each) => each.point === point.key);
    if (data === undefined) return undefined;
    const read: TrendSeries = series ?? { t: [], v: [], q: [] };
    const shown = moving && data.resolution === 'raw' ? withTail(read, tail) : read;
    return {
      resolution: data.resolution,
      pending: data.pending === true,
      series: shown,
      drawn: toTrend(shown, gapAfterMs(data.resolution, point.expectedIntervalS)),
    };
  }, [data, moving, point, tail]);
  const toMs = moving ? present : period.toMs;
  return { query, trend, fromMs: toMs - lengthMs, toMs };
}

export type TrendData = NonNullable<ReturnType<typeof useTrend>['trend']>;
