import type { ClassBoardInput } from '../class-board.ts';

/** Nobody works then: what runs runs always. */
const night = { from: '00:00', to: '05:00' };

export const energyBoard: ClassBoardInput = {
  figures: [
    { stat: 'sum', metric: 'active_power', name: { zh: '总有功功率', en: 'Total active power' } },
    { stat: 'max', metric: 'active_power', name: { zh: '最大回路功率', en: 'Largest feeder' } },
    { stat: 'min', metric: 'power_factor', name: { zh: '最低功率因数', en: 'Lowest power factor' } },
  ],
  columns: [
    'active_power',
    'active_energy_import',
    'power_factor',
    'voltage_l1',
    'voltage_l2',
    'voltage_l3',
    'current_l1',
  ],
  trend: { metric: 'active_power', fold: 'sum' },
  nightBase: night,
  consumption: 'active_energy_import',
  meterTree: true,
};

export const waterBoard: ClassBoardInput = {
  figures: [
    { stat: 'sum', metric: 'flow', name: { zh: '总瞬时流量', en: 'Total flow' } },
    { stat: 'min', metric: 'pressure', name: { zh: '最低压力', en: 'Lowest pressure' } },
  ],
  columns: ['flow', 'volume', 'pressure'],
  trend: { metric: 'flow', fold: 'sum' },
  nightBase: { from: '02:00', to: '04:00' },
  consumption: 'volume',
  meterTree: true,
};

export const gasBoard: ClassBoardInput = {
  figures: [
    { stat: 'sum', metric: 'flow', name: { zh: '总瞬时流量', en: 'Total flow' } },
    { stat: 'max', metric: 'flow', name: { zh: '最大瞬时流量', en: 'Largest flow' } },
  ],
  columns: ['flow', 'volume', 'pressure'],
  trend: { metric: 'flow', fold: 'sum' },
  nightBase: night,
  consumption: 'volume',
  meterTree: true,
};
