import { counter, defineDeviceClass, flag, gauge, onlineFlag, state } from './build.ts';

export const charger = defineDeviceClass({
  id: 'charger',
  name: { zh: '充电桩', en: 'Charger' },
  sources: ['GB/T 18487.1-2023', 'OCPP 1.6'],
  medium: ['electricity'],
  metrics: {
    // The connector states of OCPP 1.6.
    status: state(['状态', 'Status'], {
      states: {
        available: ['空闲', 'Available'],
        preparing: ['准备中', 'Preparing'],
        charging: ['充电中', 'Charging'],
        suspended_ev: ['车辆暂停', 'Suspended by vehicle'],
        suspended_evse: ['桩端暂停', 'Suspended by charger'],
        finishing: ['结束中', 'Finishing'],
        reserved: ['已预约', 'Reserved'],
        unavailable: ['不可用', 'Unavailable'],
        faulted: ['故障', 'Faulted'],
      },
      abnormal: { suspended_evse: 'low', unavailable: 'medium', faulted: 'high' },
      required: true,
    }),
    // Megawatt chargers for lorries end near 3.75 MW; feeding back is negative.
    power: gauge(['充电功率', 'Charging power'], 'kW', {
      min: -4_000,
      max: 4_000,
      decimals: 2,
      required: true,
    }),
    energy: counter(['累计电能', 'Energy'], 'kWh', {
      min: 0,
      max: 1e9,
      decimals: 2,
      resolution: 0.01,
      rateAttribute: 'ratedPowerKw',
      required: true,
    }),
    connector: flag(['插枪', 'Connector'], { off: ['未插枪', 'Unplugged'], on: ['已插枪', 'Plugged in'] }),
    online: onlineFlag(),
  },
  headline: ['status', 'power', 'energy'],
  attributes: {
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    current: { zh: '交流/直流', en: 'AC or DC' },
  },
});
