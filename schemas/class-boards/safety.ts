import type { ClassBoardInput } from '../class-board.ts';

export const cameraBoard: ClassBoardInput = {
  figures: [
    { stat: 'count', metric: 'online', states: ['off'], name: { zh: '离线', en: 'Offline' } },
    { stat: 'count', metric: 'recording', states: ['off'], name: { zh: '未录像', en: 'Not recording' } },
    {
      stat: 'count',
      metric: 'image_fault',
      states: ['black', 'frozen', 'covered', 'blurred', 'moved'],
      name: { zh: '图像异常', en: 'Image faults' },
    },
    {
      stat: 'min',
      metric: 'oldest_recording_age',
      name: { zh: '最短录像保存', en: 'Shortest retention' },
    },
  ],
  columns: [
    'online',
    'recording',
    'image_fault',
    'oldest_recording_age',
    'recorded_seconds_today',
    'frame_rate',
    'bitrate',
    'clock_offset',
  ],
  trend: { metric: 'bitrate', fold: 'sum' },
};

export const elevatorBoard: ClassBoardInput = {
  figures: [
    { stat: 'count', metric: 'mode', states: ['normal'], name: { zh: '正常运行', en: 'In service' } },
    { stat: 'count', metric: 'entrapment', states: ['on'], name: { zh: '困人', en: 'People trapped' } },
    {
      stat: 'count',
      metric: 'mode',
      states: ['fault', 'emergency_power'],
      name: { zh: '故障', en: 'Fault' },
    },
    {
      stat: 'count',
      metric: 'mode',
      states: ['inspection', 'out_of_service'],
      name: { zh: '检修与停用', en: 'Inspection or out of service' },
    },
    { stat: 'count', metric: 'door', states: ['blocked'], name: { zh: '轿门受阻', en: 'Doors blocked' } },
    { stat: 'min', metric: 'inspection_due', name: { zh: '最近检验到期', en: 'Next inspection in' } },
  ],
  columns: [
    'floor',
    'direction',
    'door',
    'mode',
    'entrapment',
    'fault',
    'load',
    'run_count',
    'inspection_due',
  ],
  feed: {
    events: [
      { type: 'elevator.entrapment', name: { zh: '困人', en: 'Person trapped' }, severity: 'critical' },
      { type: 'elevator.released', name: { zh: '被困人员已救出', en: 'Trapped person released' } },
      { type: 'elevator.fault', name: { zh: '故障', en: 'Fault' }, severity: 'high' },
      { type: 'elevator.fault_cleared', name: { zh: '故障解除', en: 'Fault cleared' } },
      { type: 'elevator.door_blocked', name: { zh: '轿门受阻', en: 'Car door blocked' }, severity: 'medium' },
      { type: 'elevator.call', name: { zh: '轿厢呼叫', en: 'Call from the car' }, severity: 'medium' },
      { type: 'elevator.maintenance', name: { zh: '维保完成', en: 'Maintenance done' } },
      { type: 'elevator.inspection', name: { zh: '检验完成', en: 'Inspection done' } },
    ],
    fields: ['floor', 'code', 'text', 'result', 'nextDue'],
  },
};

export const accessBoard: ClassBoardInput = {
  figures: [
    { stat: 'count', metric: 'door', states: ['open'], name: { zh: '开着的门', en: 'Doors open' } },
    { stat: 'count', metric: 'held_open', states: ['on'], name: { zh: '开门超时', en: 'Held open' } },
    { stat: 'count', metric: 'forced', states: ['on'], name: { zh: '强行开门', en: 'Forced open' } },
    { stat: 'count', metric: 'online', states: ['off'], name: { zh: '离线', en: 'Offline' } },
  ],
  columns: ['door', 'lock', 'held_open', 'forced', 'online'],
  feed: {
    events: [
      { type: 'access.denied', name: { zh: '拒绝通行', en: 'Denied' }, severity: 'low' },
      { type: 'door.forced', name: { zh: '强行开门', en: 'Forced open' }, severity: 'critical' },
      { type: 'door.held_open', name: { zh: '开门超时', en: 'Held open' }, severity: 'medium' },
      { type: 'access.duress', name: { zh: '胁迫开门', en: 'Duress' }, severity: 'critical' },
      { type: 'access.granted', name: { zh: '通行', en: 'Granted' } },
    ],
    fields: ['direction', 'reason'],
  },
};
