import { counter, defineDeviceClass, gauge } from './build.ts';

export const waterMeter = defineDeviceClass({
  id: 'water-meter',
  name: { zh: '水表', en: 'Water meter' },
  sources: ['GB/T 778.1-2018', 'CJ/T 188-2018'],
  medium: ['water'],
  metrics: {
    // Eight digits, three of them decimals.
    volume: counter(['累计水量', 'Volume'], 'm3', {
      min: 0,
      max: 1e9,
      decimals: 3,
      resolution: 0.001,
      modulus: 100_000,
      modulusAttribute: 'registerModulusM3',
      rateAttribute: 'nominalFlowM3h',
      required: true,
    }),
    // A DN 400 main at 5 m/s carries 2,260 m3/h; backflow is negative.
    flow: gauge(['瞬时流量', 'Flow'], 'm3/h', { min: -5_000, max: 5_000, decimals: 3 }),
    // Networks of a park stay below 2.5 MPa, test pressure included.
    pressure: gauge(['压力', 'Pressure'], 'MPa', { min: -0.1, max: 4, decimals: 3 }),
  },
  headline: ['volume', 'flow', 'pressure'],
  attributes: {
    nominalFlowM3h: { zh: '常用流量（m³/h）', en: 'Nominal flow (m³/h)' },
    registerModulusM3: { zh: '计度器翻转值（m³）', en: 'Register wraps at (m³)' },
    diameterMm: { zh: '口径（mm）', en: 'Diameter (mm)' },
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    calibrationDue: { zh: '检定到期日', en: 'Calibration due' },
  },
});
