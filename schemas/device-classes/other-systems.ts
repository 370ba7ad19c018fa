import { counter, defineDeviceClass, faultFlag, flag, gauge, onlineFlag } from './build.ts';

/**
 * What speaks for another system through an adapter: mostly events, which prove that its functions are used
 * (docs/functions.md), and whether it is there at all.
 */
export const loudspeaker = defineDeviceClass({
  id: 'loudspeaker',
  name: { zh: '广播音柱', en: 'Loudspeaker' },
  sources: ['Parkwatch'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'medium' }),
    playing: flag(['播放', 'Playing'], { off: ['静默', 'Silent'], on: ['播放中', 'Playing'] }),
    volume_level: gauge(['音量', 'Volume'], '%', { min: 0, max: 100, decimals: 0 }),
    fault: faultFlag('low'),
  },
  headline: ['online', 'playing'],
});

export const visitorTerminal = defineDeviceClass({
  id: 'visitor-terminal',
  name: { zh: '访客终端', en: 'Visitor terminal' },
  sources: ['Parkwatch'],
  metrics: { online: onlineFlag({ required: true, abnormalOff: 'medium' }) },
  headline: ['online'],
});

export const paymentTerminal = defineDeviceClass({
  id: 'payment-terminal',
  name: { zh: '消费终端', en: 'Payment terminal' },
  sources: ['Parkwatch'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'medium' }),
    transaction_count: counter(['累计交易笔数', 'Transactions'], '1', {
      min: 0,
      max: 1e9,
      decimals: 0,
      resolution: 1,
      // A queue at one till pays once a second at most.
      maxRatePerHour: 3_600,
    }),
  },
  headline: ['online', 'transaction_count'],
});

export const parkingGuidance = defineDeviceClass({
  id: 'parking-guidance',
  name: { zh: '停车诱导系统', en: 'Parking guidance' },
  sources: ['Parkwatch'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'medium' }),
    // As for parking gates.
    free_spaces: gauge(['空余车位', 'Free spaces'], '1', { min: 0, max: 100_000, decimals: 0 }),
  },
  headline: ['online', 'free_spaces'],
});

export const videoPlatform = defineDeviceClass({
  id: 'video-platform',
  name: { zh: '视频平台', en: 'Video platform' },
  sources: ['Parkwatch'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'critical' }),
    // As for recorders.
    channels_online: gauge(['在线通道数', 'Channels online'], '1', { min: 0, max: 10_000, decimals: 0 }),
  },
  headline: ['online', 'channels_online'],
});

export const application = defineDeviceClass({
  id: 'application',
  name: { zh: '业务系统', en: 'Application' },
  sources: ['Parkwatch'],
  metrics: { online: onlineFlag({ required: true, abnormalOff: 'medium' }) },
  headline: ['online'],
  attributes: { system: { zh: '系统名称', en: 'Name of the system' } },
});
