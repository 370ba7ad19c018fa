import { counter, defineDeviceClass, gauge, onlineFlag, state } from './build.ts';

const register = {
  min: 0,
  max: 1e10,
  decimals: 1,
  resolution: 0.1,
  rateAttribute: 'ratedPowerKw',
};

export const battery = defineDeviceClass({
  id: 'battery',
  name: { zh: '储能电池', en: 'Battery' },
  sources: ['GB/T 36276-2023', 'GB/T 34131-2023'],
  medium: ['electricity'],
  metrics: {
    status: state(['状态', 'Status'], {
      states: {
        idle: ['静置', 'Idle'],
        charging: ['充电', 'Charging'],
        discharging: ['放电', 'Discharging'],
        fault: ['故障', 'Fault'],
        off: ['停机', 'Off'],
      },
      abnormal: { fault: 'critical' },
      required: true,
    }),
    state_of_charge: gauge(['荷电状态', 'State of charge'], '%', {
      min: 0,
      max: 100,
      decimals: 1,
      required: true,
    }),
    state_of_health: gauge(['健康状态', 'State of health'], '%', { min: 0, max: 100, decimals: 1 }),
    // Positive while discharging into the park.
    power: gauge(['功率', 'Power'], 'kW', { min: -100_000, max: 100_000, decimals: 2, required: true }),
    energy_charged: counter(['累计充电量', 'Energy charged'], 'kWh', register),
    energy_discharged: counter(['累计放电量', 'Energy discharged'], 'kWh', register),
    // Cells burn far below 200 degC: that must still be readable.
    temperature: gauge(['电池温度', 'Temperature'], 'degC', { min: -60, max: 300, decimals: 1 }),
    online: onlineFlag(),
  },
  headline: ['state_of_charge', 'power', 'status', 'temperature'],
  attributes: {
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    capacityKwh: { zh: '额定容量（kWh）', en: 'Capacity (kWh)' },
  },
});
