import { counter, defineDeviceClass, gauge, onlineFlag, state } from './build.ts';

export const pvInverter = defineDeviceClass({
  id: 'pv-inverter',
  name: { zh: '光伏逆变器', en: 'PV inverter' },
  sources: ['NB/T 32004-2018'],
  medium: ['electricity'],
  metrics: {
    status: state(['状态', 'Status'], {
      states: {
        standby: ['待机', 'Standby'],
        running: ['并网发电', 'Running'],
        derated: ['限功率', 'Derated'],
        fault: ['故障', 'Fault'],
        off: ['停机', 'Off'],
      },
      abnormal: { derated: 'low', fault: 'high' },
      required: true,
    }),
    // Central inverters end near 10 MW; at night they draw a little.
    power: gauge(['发电功率', 'Power'], 'kW', { min: -100, max: 20_000, decimals: 2, required: true }),
    energy: counter(['累计发电量', 'Energy'], 'kWh', {
      min: 0,
      max: 1e10,
      decimals: 1,
      resolution: 0.1,
      rateAttribute: 'ratedPowerKw',
      required: true,
    }),
    // Strings of 1,500 V systems, with headroom for cold modules.
    dc_voltage: gauge(['直流电压', 'DC voltage'], 'V', { min: 0, max: 2_000, decimals: 1 }),
    // Above the solar constant only by reflection at cloud edges.
    irradiance: gauge(['辐照度', 'Irradiance'], 'W/m2', { min: 0, max: 2_000, decimals: 0 }),
    temperature: gauge(['机内温度', 'Temperature'], 'degC', { min: -60, max: 150, decimals: 1 }),
    online: onlineFlag({ abnormalOff: 'medium' }),
  },
  headline: ['power', 'energy', 'status'],
  attributes: {
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    moduleAreaM2: { zh: '组件面积（m²）', en: 'Module area (m²)' },
  },
});
