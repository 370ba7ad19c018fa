import { counter, defineDeviceClass, faultFlag, flag, gauge, state } from './build.ts';

export const buildingEquipment = defineDeviceClass({
  id: 'building-equipment',
  name: { zh: '楼宇设备', en: 'Building equipment' },
  sources: ['JGJ/T 334-2014'],
  metrics: {
    running: flag(['运行', 'Running'], { off: ['停止', 'Stopped'], on: ['运行', 'Running'], required: true }),
    fault: { ...faultFlag('high'), required: true },
    control: state(['控制方式', 'Control'], {
      states: { manual: ['手动', 'Manual'], automatic: ['自动', 'Automatic'], off: ['切除', 'Locked off'] },
      abnormal: { off: 'low' },
    }),
    // Boilers and chillers: brine to superheated water.
    setpoint: gauge(['设定值', 'Setpoint'], 'degC', { min: -60, max: 220, decimals: 1 }),
    temperature: gauge(['温度', 'Temperature'], 'degC', { min: -60, max: 220, decimals: 1 }),
    humidity: gauge(['湿度', 'Humidity'], '%', { min: 0, max: 100, decimals: 0 }),
    co2: gauge(['二氧化碳', 'Carbon dioxide'], 'ppm', { min: 200, max: 20_000, decimals: 0 }),
    // Pumps and fans; a pump house stays below 4 MPa.
    pressure: gauge(['压力', 'Pressure'], 'MPa', { min: -0.1, max: 4, decimals: 3 }),
    flow: gauge(['流量', 'Flow'], 'm3/h', { min: 0, max: 50_000, decimals: 1 }),
    frequency: gauge(['频率', 'Frequency'], 'Hz', { min: 0, max: 400, decimals: 1 }),
    power: gauge(['功率', 'Power'], 'kW', { min: 0, max: 20_000, decimals: 2 }),
    level: gauge(['液位', 'Level'], '%', { min: 0, max: 100, decimals: 0 }),
    run_hours: counter(['运行时间', 'Run hours'], 'h', {
      min: 0,
      max: 1_000_000,
      decimals: 1,
      resolution: 0.1,
      maxRatePerHour: 1,
    }),
  },
  headline: ['running', 'fault', 'temperature', 'setpoint'],
  attributes: {
    kind: { zh: '设备种类', en: 'Kind of equipment' },
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    maintenanceDue: { zh: '维保到期日', en: 'Maintenance due' },
  },
});
