import type { AlarmRuleBody } from '#schemas/alarm.ts';
import { classRules } from './default-class-rules.ts';
import { dayS, minuteMs, rule } from './default-rule.ts';

/**
 * The rules a park begins with, inserted once; from then on they are the engineers' own.
 * Limits: PM2.5 is the 24 h class II limit x 2 (GB 3095-2012), noise the night limit of class 3 areas (GB 3096-2008:
 * 55 dB(A); it cannot yet tell night from day, so it watches the day limit, 65), voltage +7 % / -10 % of 220 V
 * (GB/T 12325-2008), video 30 days (GB/T 22239 and the rubrics).
 */
export const defaultRules: readonly AlarmRuleBody[] = [
  rule('fire-alarm', {
    name: '火警',
    nameEn: 'Fire alarm',
    of: 'fire-panel/alarm',
    severity: 'critical',
    state: { in: ['on'] },
    action: '立即查看现场，按消防预案处置。',
    actionEn: 'Look at the place at once and follow the fire plan.',
  }),
  rule('elevator-entrapment', {
    name: '电梯困人',
    nameEn: 'Person trapped in elevator',
    of: 'elevator/entrapment',
    severity: 'critical',
    state: { in: ['on'], onDelayMs: 5_000 },
    action: '通话安抚乘客，通知维保单位救援。',
    actionEn: 'Speak to the passenger, call the rescue of the maintenance firm.',
  }),
  rule('door-forced', {
    name: '强行开门',
    nameEn: 'Door forced',
    of: 'access-door/forced',
    severity: 'high',
    state: { in: ['on'] },
    action: '查看联动视频，派安保人员到场。',
    actionEn: 'Look at the camera of the door, send a guard.',
  }),
  rule('camera-signal-loss', {
    name: '视频信号丢失',
    nameEn: 'Camera signal lost',
    of: 'camera/signal_loss',
    severity: 'medium',
    state: { in: ['on'], onDelayMs: 2 * minuteMs },
    action: '检查摄像机供电与网络。',
    actionEn: 'Check power and network of the camera.',
  }),
  rule('video-retention-short', {
    name: '录像保存不足30天',
    nameEn: 'Recording kept under 30 days',
    of: 'camera/oldest_recording_age',
    severity: 'medium',
    limit: { side: 'low', limit: 30 * dayS - 1, deadband: 3_600, onDelayMs: 10 * minuteMs },
    action: '检查录像机容量与覆盖策略。',
    actionEn: 'Check capacity and overwriting of the recorder.',
  }),
  rule('recorder-disk-full', {
    name: '录像机磁盘将满',
    nameEn: 'Recorder disk nearly full',
    of: 'recorder/disk_used',
    severity: 'medium',
    limit: { side: 'high', limit: 95, deadband: 2, onDelayMs: 5 * minuteMs, offDelayMs: minuteMs },
    action: '扩容或清理录像机磁盘。',
    actionEn: 'Extend or clear the disk of the recorder.',
  }),
  rule('recorder-disk-fault', {
    name: '录像机磁盘故障',
    nameEn: 'Recorder disk fault',
    of: 'recorder/disk_fault',
    severity: 'high',
    state: { in: ['on'], onDelayMs: minuteMs },
    action: '更换故障磁盘。',
    actionEn: 'Replace the disk.',
  }),
  rule('pm25-high', {
    name: 'PM2.5 偏高',
    nameEn: 'PM2.5 high',
    of: 'environment-station/pm25',
    severity: 'medium',
    limit: { side: 'high', limit: 150, deadband: 15, onDelayMs: 5 * minuteMs, offDelayMs: 5 * minuteMs },
    action: '发布健康提示，开启雾炮或喷淋。',
    actionEn: 'Publish the health advice, start the sprinklers.',
  }),
  rule('noise-high', {
    name: '噪声超限',
    nameEn: 'Noise above limit',
    of: 'environment-station/noise_leq',
    severity: 'low',
    limit: { side: 'high', limit: 65, deadband: 3, onDelayMs: 5 * minuteMs, offDelayMs: 5 * minuteMs },
    action: '查找声源，通知施工或企业整改。',
    actionEn: 'Find the source and have it stopped.',
  }),
  ...[1, 2, 3].flatMap((phase) => [
    rule(`voltage-l${phase}-high`, {
      name: `L${phase} 相电压偏高`,
      nameEn: `Voltage L${phase} high`,
      of: `energy-meter/voltage_l${phase}`,
      severity: 'medium',
      limit: { side: 'high', limit: 235.4, deadband: 2, onDelayMs: minuteMs, offDelayMs: minuteMs },
      action: '检查变压器分接开关。',
      actionEn: 'Check the tap of the transformer.',
    }),
    rule(`voltage-l${phase}-low`, {
      name: `L${phase} 相电压偏低`,
      nameEn: `Voltage L${phase} low`,
      of: `energy-meter/voltage_l${phase}`,
      severity: 'medium',
      limit: { side: 'low', limit: 198, deadband: 2, onDelayMs: minuteMs, offDelayMs: minuteMs },
      action: '检查负荷与供电线路。',
      actionEn: 'Check load and supply line.',
    }),
  ]),
  ...classRules(),
];
