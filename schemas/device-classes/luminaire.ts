import { counter, defineDeviceClass, faultFlag, flag, gauge } from './build.ts';

export const luminaire = defineDeviceClass({
  id: 'luminaire',
  name: { zh: '灯具', en: 'Luminaire' },
  sources: ['CJJ 45-2015'],
  medium: ['electricity'],
  metrics: {
    on: flag(['开灯', 'On'], { off: ['关', 'Off'], on: ['开', 'On'], required: true }),
    dimming: gauge(['亮度', 'Dimming'], '%', { min: 0, max: 100, decimals: 0 }),
    // High-mast lights stay under 5 kW.
    power: gauge(['功率', 'Power'], 'kW', { min: 0, max: 10, decimals: 3 }),
    energy: counter(['累计电能', 'Energy'], 'kWh', {
      min: 0,
      max: 1e7,
      decimals: 3,
      resolution: 0.001,
      rateAttribute: 'ratedPowerKw',
    }),
    // Full sun is 120,000 lx.
    light_level: gauge(['照度', 'Light level'], 'lx', { min: 0, max: 200_000, decimals: 0 }),
    presence: flag(['有人', 'Presence'], { off: ['无人', 'Nobody'], on: ['有人', 'Presence'] }),
    fault: faultFlag(),
  },
  headline: ['on', 'dimming', 'power'],
  attributes: {
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    circuit: { zh: '回路', en: 'Circuit' },
  },
});
