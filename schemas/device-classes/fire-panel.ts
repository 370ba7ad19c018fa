import { defineDeviceClass, faultFlag, flag, onlineFlag } from './build.ts';

export const firePanel = defineDeviceClass({
  id: 'fire-panel',
  name: { zh: '火灾报警控制器', en: 'Fire panel' },
  sources: ['GB 4717-2024', 'GB/T 26875.3-2011'],
  metrics: {
    alarm: flag(['火警', 'Fire alarm'], {
      off: ['无火警', 'No alarm'],
      on: ['火警', 'Fire alarm'],
      abnormalOn: 'critical',
      required: true,
    }),
    fault: { ...faultFlag('high'), required: true },
    supervisory: flag(['监管', 'Supervisory'], {
      off: ['正常', 'Normal'],
      on: ['监管信号', 'Supervisory signal'],
      abnormalOn: 'medium',
    }),
    mains: flag(['主电', 'Mains supply'], {
      off: ['主电断开', 'Mains lost'],
      on: ['主电正常', 'Mains present'],
      abnormalOff: 'high',
    }),
    battery: flag(['备电', 'Standby battery'], {
      off: ['备电故障', 'Battery failed'],
      on: ['备电正常', 'Battery ready'],
      abnormalOff: 'high',
    }),
    online: onlineFlag({ abnormalOff: 'critical' }),
  },
  headline: ['alarm', 'fault', 'supervisory', 'mains', 'battery'],
  attributes: {
    loops: { zh: '回路数', en: 'Loops' },
    inspectionDue: { zh: '检测到期日', en: 'Inspection due' },
  },
});
