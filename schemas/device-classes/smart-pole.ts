import { counter, defineDeviceClass, faultFlag, flag, gauge, onlineFlag } from './build.ts';

export const smartPole = defineDeviceClass({
  id: 'smart-pole',
  name: { zh: '智能灯杆', en: 'Smart pole' },
  sources: ['GB/T 40994-2021'],
  medium: ['electricity'],
  metrics: {
    online: onlineFlag({ required: true }),
    on: flag(['开灯', 'On'], { off: ['关', 'Off'], on: ['开', 'On'] }),
    dimming: gauge(['亮度', 'Dimming'], '%', { min: 0, max: 100, decimals: 0 }),
    // Lamp, screen, camera and a charger together; poles are fed by one low-voltage branch.
    power: gauge(['功率', 'Power'], 'kW', { min: 0, max: 200, decimals: 3 }),
    energy: counter(['累计电能', 'Energy'], 'kWh', {
      min: 0,
      max: 1e8,
      decimals: 3,
      resolution: 0.001,
      rateAttribute: 'ratedPowerKw',
    }),
    // Full sun is 120,000 lx.
    light_level: gauge(['照度', 'Light level'], 'lx', { min: 0, max: 200_000, decimals: 0 }),
    presence: flag(['有人', 'Presence'], { off: ['无人', 'Nobody'], on: ['有人', 'Presence'] }),
    // A few degrees off the plumb is wind or a hit; a fallen pole reads 90.
    tilt: gauge(['倾角', 'Tilt'], 'deg', { min: 0, max: 180, decimals: 1 }),
    fault: faultFlag(),
  },
  headline: ['online', 'on', 'dimming', 'power'],
  attributes: {
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    functions: { zh: '搭载功能', en: 'Functions carried' },
  },
});
