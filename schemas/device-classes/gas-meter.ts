import { counter, defineDeviceClass, gauge } from './build.ts';

export const gasMeter = defineDeviceClass({
  id: 'gas-meter',
  name: { zh: '燃气表', en: 'Gas meter' },
  sources: ['GB/T 6968-2019'],
  medium: ['gas'],
  metrics: {
    // Eight digits, two of them decimals.
    volume: counter(['累计气量', 'Volume'], 'm3', {
      min: 0,
      max: 1e9,
      decimals: 2,
      resolution: 0.01,
      modulus: 1_000_000,
      modulusAttribute: 'registerModulusM3',
      rateAttribute: 'nominalFlowM3h',
      required: true,
    }),
    // The largest turbine meters (G6500) reach 10,000 m3/h; a gas meter does not run backwards.
    flow: gauge(['瞬时流量', 'Flow'], 'm3/h', { min: 0, max: 20_000, decimals: 2 }),
    // Medium-pressure grids end at 0.4 MPa, sub-high at 1.6 MPa.
    pressure: gauge(['压力', 'Pressure'], 'MPa', { min: -0.1, max: 4, decimals: 4 }),
  },
  headline: ['volume', 'flow'],
  attributes: {
    nominalFlowM3h: { zh: '公称流量（m³/h）', en: 'Nominal flow (m³/h)' },
    registerModulusM3: { zh: '计度器翻转值（m³）', en: 'Register wraps at (m³)' },
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    calibrationDue: { zh: '检定到期日', en: 'Calibration due' },
  },
});
