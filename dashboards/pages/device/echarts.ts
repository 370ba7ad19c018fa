/** The parts of ECharts that the console draws with, and no more; in a script of its own. */
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ToolboxComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

export type { EChartsType } from 'echarts/core';

/** A chart in `element`; dispose it with the component. */
export function createChart(element: HTMLElement) {
  use([
    LineChart,
    ScatterChart,
    CustomChart,
    GridComponent,
    TooltipComponent,
    MarkLineComponent,
    MarkAreaComponent,
    DataZoomComponent,
    ToolboxComponent,
    CanvasRenderer,
  ]);
  return init(element, null, { renderer: 'canvas' });
}
