import { defineDeviceClass, gauge, onlineFlag } from './build.ts';

export const gateway = defineDeviceClass({
  id: 'gateway',
  name: { zh: '物联网关', en: 'Gateway' },
  sources: ['Parkwatch'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'critical' }),
    devices_online: gauge(['在线设备数', 'Devices online'], '1', { min: 0, max: 100_000, decimals: 0 }),
    // Values waiting in the box to be sent.
    backlog: gauge(['积压数据量', 'Backlog'], '1', { min: 0, max: 1e12, decimals: 0 }),
    // Of an external broker, as Parkwatch's own canary finds it: lost within the last 15 minutes.
    broker_losses: gauge(['消息代理丢失', 'Lost by the broker'], '1', { min: 0, max: 1e12, decimals: 0 }),
    cpu_load: gauge(['处理器负载', 'CPU load'], '%', { min: 0, max: 100, decimals: 0 }),
    disk_used: gauge(['磁盘使用率', 'Disk used'], '%', { min: 0, max: 100, decimals: 1 }),
    rssi: gauge(['信号强度', 'Signal strength'], 'dBm', { min: -160, max: 30, decimals: 0 }),
  },
  headline: ['online', 'devices_online', 'backlog'],
  attributes: {
    protocols: { zh: '接入协议', en: 'Protocols' },
  },
});
