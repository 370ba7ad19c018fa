import { defineDeviceClass, flag, gauge, onlineFlag } from './build.ts';

export const perimeterSensor = defineDeviceClass({
  id: 'perimeter-sensor',
  name: { zh: '周界探测器', en: 'Perimeter sensor' },
  sources: ['GB 50394-2007'],
  metrics: {
    intrusion: flag(['入侵', 'Intrusion'], {
      off: ['无入侵', 'No intrusion'],
      on: ['入侵', 'Intrusion'],
      abnormalOn: 'critical',
      required: true,
    }),
    tamper: flag(['防拆', 'Tamper'], {
      off: ['正常', 'Normal'],
      on: ['被拆', 'Tampered'],
      abnormalOn: 'high',
    }),
    tag_lost: flag(['标签丢失', 'Tag lost'], {
      off: ['正常', 'Normal'],
      on: ['标签丢失', 'Tag lost'],
      abnormalOn: 'medium',
    }),
    armed: flag(['布防', 'Armed'], { off: ['撤防', 'Disarmed'], on: ['布防', 'Armed'] }),
    battery_level: gauge(['电池电量', 'Battery level'], '%', { min: 0, max: 100, decimals: 0 }),
    online: onlineFlag({ required: true }),
  },
  headline: ['intrusion', 'tamper', 'armed', 'online'],
  attributes: {
    lengthM: { zh: '防护长度（m）', en: 'Guarded length (m)' },
  },
});
