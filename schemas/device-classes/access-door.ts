import { defineDeviceClass, flag, onlineFlag, state } from './build.ts';

export const accessDoor = defineDeviceClass({
  id: 'access-door',
  name: { zh: '门禁', en: 'Access door' },
  metrics: {
    door: state(['门', 'Door'], {
      states: { closed: ['关闭', 'Closed'], open: ['打开', 'Open'], unknown: ['未知', 'Unknown'] },
      abnormal: { unknown: 'low' },
      required: true,
    }),
    lock: state(['门锁', 'Lock'], {
      states: { unlocked: ['已开锁', 'Unlocked'], locked: ['已上锁', 'Locked'], jammed: ['卡阻', 'Jammed'] },
      abnormal: { jammed: 'medium' },
    }),
    forced: flag(['强行开门', 'Forced'], {
      off: ['无', 'No'],
      on: ['强行开门', 'Forced open'],
      abnormalOn: 'critical',
    }),
    held_open: flag(['开门超时', 'Held open'], {
      off: ['无', 'No'],
      on: ['开门超时', 'Held open'],
      abnormalOn: 'medium',
    }),
    online: onlineFlag({ required: true }),
  },
  headline: ['door', 'lock', 'online', 'forced', 'held_open'],
  attributes: {
    direction: { zh: '方向', en: 'Direction' },
    emergencyExit: { zh: '疏散门', en: 'Emergency exit' },
  },
});
