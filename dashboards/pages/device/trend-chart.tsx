import { useEffect, useRef } from 'react';
import type { ChartContent, ChartLook } from './chart-option.ts';
import { chartOption } from './chart-option.ts';
import type { EChartsType } from './echarts.ts';
import { createChart } from './echarts.ts';

interface TrendChartProps {
  readonly content: ChartContent;
  readonly look: ChartLook;
  readonly label: string;
  /** A stretch was drawn with the pointer; absent where the chart cannot be zoomed. */
  readonly onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
}

interface ZoomEvent {
  readonly batch?: readonly { readonly startValue?: number; readonly endValue?: number }[];
}

/** Narrower than this is a click, not a stretch. */
const shortestZoomMs = 2_000;

/** A trend on a canvas; `content` may change with every animation frame. */
export function TrendChart({ content, look, label, onZoom }: TrendChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const zoomed = useRef(onZoom);
  zoomed.current = onZoom;
  useEffect(() => {
    if (element.current === null) return undefined;
    const made = createChart(element.current);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element.current);
    made.on('datazoom', (event) => {
      const { startValue, endValue } = (event as ZoomEvent).batch?.[0] ?? {};
      if (startValue === undefined || endValue === undefined || endValue - startValue < shortestZoomMs)
        return;
      zoomed.current?.(Math.floor(startValue), Math.ceil(endValue));
    });
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    const made = chart.current;
    if (made === null) return;
    made.setOption(chartOption(content, look), { replaceMerge: ['series', 'dataZoom'] });
    if (zoomed.current === undefined) return;
    made.dispatchAction({ type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true });
  }, [content, look]);
  return <div ref={element} className="chart" role="img" aria-label={label} />;
}
