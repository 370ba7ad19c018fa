import { counter, defineDeviceClass, gauge } from './build.ts';

/** Hot water under pressure ends near 200 degC, chilled brine near -30 degC. */
const water = { min: -30, max: 220, decimals: 1 };

export const heatMeter = defineDeviceClass({
  id: 'heat-meter',
  name: { zh: '热量表', en: 'Heat meter' },
  sources: ['GB/T 32224-2020', 'CJ/T 188-2018'],
  medium: ['heat'],
  metrics: {
    energy: counter(['累计热量', 'Heat energy'], 'kWh', {
      min: 0,
      max: 1e10,
      decimals: 0,
      resolution: 1,
      modulus: 100_000_000,
      modulusAttribute: 'registerModulusKwh',
      rateAttribute: 'ratedPowerKw',
      required: true,
    }),
    supply: gauge(['供水温度', 'Supply temperature'], 'degC', water),
    return: gauge(['回水温度', 'Return temperature'], 'degC', water),
    // As for water mains.
    flow: gauge(['瞬时流量', 'Flow'], 'm3/h', { min: -5_000, max: 5_000, decimals: 3 }),
    power: gauge(['热功率', 'Heat power'], 'kW', { min: -100_000, max: 100_000, decimals: 1 }),
  },
  headline: ['energy', 'supply', 'return'],
  attributes: {
    ratedPowerKw: { zh: '额定热功率（kW）', en: 'Rated heat power (kW)' },
    registerModulusKwh: { zh: '计度器翻转值（kWh）', en: 'Register wraps at (kWh)' },
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    calibrationDue: { zh: '检定到期日', en: 'Calibration due' },
  },
});
