import { defineDeviceClass, flag, gauge, onlineFlag } from './build.ts';

export const recorder = defineDeviceClass({
  id: 'recorder',
  name: { zh: '录像机', en: 'Recorder' },
  sources: ['GB 20815-2006', 'GB/T 28181-2022'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'critical' }),
    disk_used: gauge(['磁盘使用率', 'Disk used'], '%', { min: 0, max: 100, decimals: 1 }),
    disk_fault: flag(['磁盘故障', 'Disk fault'], {
      off: ['无故障', 'No fault'],
      on: ['磁盘故障', 'Disk fault'],
      abnormalOn: 'critical',
    }),
    // The largest central recorders serve some thousand channels.
    channels_online: gauge(['在线通道数', 'Channels online'], '1', { min: 0, max: 10_000, decimals: 0 }),
  },
  headline: ['online', 'disk_used', 'disk_fault', 'channels_online'],
  attributes: {
    channels: { zh: '通道数', en: 'Channels' },
    capacityTb: { zh: '存储容量（TB）', en: 'Capacity (TB)' },
  },
});
