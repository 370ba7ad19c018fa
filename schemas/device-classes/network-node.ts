import { defineDeviceClass, gauge, onlineFlag } from './build.ts';

export const networkNode = defineDeviceClass({
  id: 'network-node',
  name: { zh: '网络节点', en: 'Network node' },
  sources: ['IEEE 802.11'],
  metrics: {
    online: onlineFlag({ required: true }),
    clients: gauge(['接入终端数', 'Clients'], '1', { min: 0, max: 100_000, decimals: 0 }),
    // Receivers end near -150 dBm (LPWAN); nothing received is stronger than its sender.
    rssi: gauge(['信号强度', 'Signal strength'], 'dBm', { min: -160, max: 30, decimals: 0 }),
    throughput: gauge(['流量速率', 'Throughput'], 'kbit/s', { min: 0, max: 1e9, decimals: 0 }),
    cpu_load: gauge(['处理器负载', 'CPU load'], '%', { min: 0, max: 100, decimals: 0 }),
  },
  headline: ['online', 'clients', 'rssi'],
  attributes: {
    kind: { zh: '种类（交换机、无线、LPWAN）', en: 'Kind (switch, Wi-Fi, LPWAN)' },
  },
});
