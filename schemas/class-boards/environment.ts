import type { BoardLimit, ClassBoardInput } from '../class-board.ts';

type Judged = Pick<BoardLimit, 'metric' | 'limit' | 'of' | 'severity'>;
const air = (judged: Judged): BoardLimit => ({
  ...judged,
  side: 'high',
  basis:
    judged.of === 'day'
      ? { zh: 'GB 3095-2012 二级，24 小时平均', en: 'GB 3095-2012 class II, 24 h mean' }
      : { zh: 'GB 3095-2012 二级，1 小时平均', en: 'GB 3095-2012 class II, 1 h mean' },
});
const noise = {
  zh: 'GB 3096-2008 3 类声环境功能区',
  en: 'GB 3096-2008, class 3 areas',
};
const ph = { zh: 'GB 3838-2002：pH 6 至 9', en: 'GB 3838-2002: pH 6 to 9' };

/** Ambient standards by day and by night; alarm rules have limits of their own, which spare people the short peaks. */
export const environmentBoard: ClassBoardInput = {
  figures: [
    { stat: 'over' },
    { stat: 'max', metric: 'pm25', name: { zh: 'PM2.5 最高', en: 'Highest PM2.5' } },
    { stat: 'max', metric: 'pm10', name: { zh: 'PM10 最高', en: 'Highest PM10' } },
    { stat: 'max', metric: 'noise_leq', name: { zh: '噪声最高', en: 'Highest noise level' } },
    { stat: 'mean', metric: 'temperature' },
  ],
  columns: ['pm25', 'pm10', 'noise_leq', 'temperature', 'humidity', 'ph', 'cod', 'ammonia_nitrogen'],
  trend: { metric: 'pm25', fold: 'max' },
  limits: [
    air({ metric: 'pm25', limit: 75, of: 'day', severity: 'medium' }),
    air({ metric: 'pm10', limit: 150, of: 'day', severity: 'medium' }),
    air({ metric: 'no2', limit: 80, of: 'day', severity: 'medium' }),
    air({ metric: 'so2', limit: 150, of: 'day', severity: 'medium' }),
    air({ metric: 'o3', limit: 200, of: 'hour', severity: 'medium' }),
    air({ metric: 'co', limit: 4, of: 'day', severity: 'medium' }),
    {
      metric: 'noise_leq',
      side: 'high',
      limit: 65,
      of: 'day',
      hours: { from: '06:00', to: '22:00' },
      severity: 'low',
      basis: noise,
    },
    {
      metric: 'noise_leq',
      side: 'high',
      limit: 55,
      of: 'day',
      hours: { from: '22:00', to: '06:00' },
      severity: 'medium',
      basis: noise,
    },
    { metric: 'ph', side: 'low', limit: 6, of: 'hour', severity: 'medium', basis: ph },
    { metric: 'ph', side: 'high', limit: 9, of: 'hour', severity: 'medium', basis: ph },
  ],
};
