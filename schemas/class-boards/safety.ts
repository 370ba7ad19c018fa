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
  ],
  columns: ['floor', 'direction', 'door', 'mode', 'entrapment', 'speed', 'load', 'run_count'],
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
