import { defineDeviceClass, flag, happening, onlineFlag, state } from './build.ts';

export const accessDoor = defineDeviceClass({
  id: 'access-door',
  name: { zh: '门禁', en: 'Access door' },
  sources: ['GB/T 37078-2018'],
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
  events: {
    'access.granted': happening(['通行', 'Granted']),
    'access.denied': happening(['拒绝通行', 'Denied'], 'low'),
    'access.exit_button': happening(['出门按钮', 'Exit button']),
    'access.duress': happening(['胁迫开门', 'Duress'], 'critical'),
    'door.forced': happening(['强行开门', 'Forced open'], 'critical'),
    'door.held_open': happening(['开门超时', 'Held open'], 'medium'),
    'door.closed': happening(['门已关好', 'Closed again']),
    'command.confirmed': happening(['命令已执行', 'Command done']),
    'command.failed': happening(['命令未执行', 'Command failed'], 'medium'),
  },
  headline: ['door', 'lock', 'online', 'forced', 'held_open'],
  attributes: {
    direction: { zh: '方向', en: 'Direction' },
    emergencyExit: { zh: '疏散门', en: 'Emergency exit' },
  },
});
