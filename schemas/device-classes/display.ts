import { defineDeviceClass, faultFlag, gauge, onlineFlag } from './build.ts';

export const display = defineDeviceClass({
  id: 'display',
  name: { zh: '信息发布屏', en: 'Display' },
  sources: ['SJ/T 11141-2017'],
  metrics: {
    online: onlineFlag({ required: true, abnormalOff: 'medium' }),
    // Number of the programme on screen; 0 shows nothing.
    content_id: gauge(['播放内容编号', 'Content id'], '1', {
      min: 0,
      max: 9_007_199_254_740_991,
      decimals: 0,
    }),
    brightness: gauge(['亮度', 'Brightness'], '%', { min: 0, max: 100, decimals: 0 }),
    fault: faultFlag('low'),
  },
  headline: ['online', 'content_id'],
  attributes: {
    diagonalInch: { zh: '尺寸（英寸）', en: 'Diagonal (inch)' },
  },
});
