import type { AlarmRuleBody, CombinationInput } from '#schemas/alarm.ts';
import { everyDay } from '#schemas/alarm-schedule.ts';
import { classRules } from './default-class-rules.ts';
import { dayS, minuteMs, rule } from './default-rule.ts';

const phases = [1, 2, 3] as const;

function phaseVoltage(phase: number, side: 'low' | 'high', limit: number): CombinationInput {
  return { of: { metric: `voltage_l${phase}` }, test: { kind: 'limit', side, limit, deadband: 5 } };
}

/**
 * The rules a park begins with. What nobody has changed follows the program when it is upgraded; from the first change
 * on a rule is the engineers' own (defaults.ts).
 */
export const defaultRules: readonly AlarmRuleBody[] = [
  rule('fire-alarm', {
    name: '火警',
    nameEn: 'Fire alarm',
    of: 'fire-panel/alarm',
    severity: 'critical',
    state: { in: ['on'] },
    basis: ['GB 50116-2013：火灾报警信号', 'GB 50116-2013: fire alarm signal'],
    cause: ['探测器或手动报警按钮动作', 'A detector or a call point has acted'],
    consequence: ['火势蔓延，危及人员', 'Fire spreads and endangers people'],
    action: '立即查看现场，按消防预案处置。',
    actionEn: 'Look at the place at once and follow the fire plan.',
  }),
  rule('elevator-entrapment', {
    name: '电梯困人',
    nameEn: 'Person trapped in elevator',
    of: 'elevator/entrapment',
    severity: 'critical',
    state: { in: ['on'], onDelayMs: 5_000 },
    basis: [
      'GB/T 24476-2023：困人报警应立即上传并响应',
      'GB/T 24476-2023: entrapment is reported and answered at once',
    ],
    consequence: ['被困人员可能受伤或恐慌', 'People inside may be hurt or panic'],
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
    basis: [
      'GB/T 22239-2019 与评分细则：录像保存不少于30天',
      'GB/T 22239-2019 and the rubrics: recordings are kept for 30 days',
    ],
    consequence: ['事件无法回溯，评分扣分', 'Incidents cannot be looked up, points are lost'],
    action: '检查录像机容量与覆盖策略。',
    actionEn: 'Check capacity and overwriting of the recorder.',
  }),
  rule('recorder-disk-full', {
    name: '录像机磁盘将满',
    nameEn: 'Recorder disk nearly full',
    of: 'recorder/disk_used',
    severity: 'medium',
    limit: { side: 'high', limit: 95, deadband: 2, onDelayMs: 5 * minuteMs, offDelayMs: minuteMs },
    basis: [
      '经验值：95 % 时应在覆盖前扩容',
      'Experience: at 95 % there is time to extend it before it overwrites',
    ],
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
    basis: [
      'GB 3095-2012 二级24小时限值75 ug/m3 的 2 倍',
      'Twice the 24 h class II limit of GB 3095-2012, 75 ug/m3',
    ],
    action: '发布健康提示，开启雾炮或喷淋。',
    actionEn: 'Publish the health advice, start the sprinklers.',
  }),
  rule('noise-high', {
    name: '昼间噪声超限',
    nameEn: 'Noise above the day limit',
    of: 'environment-station/noise_leq',
    severity: 'low',
    limit: { side: 'high', limit: 65, deadband: 3, onDelayMs: 5 * minuteMs, offDelayMs: 5 * minuteMs },
    basis: ['GB 3096-2008 3 类声环境功能区昼间限值', 'GB 3096-2008, class 3 areas, by day'],
    schedule: everyDay('06:00', '22:00'),
    action: '查找声源，通知施工或企业整改。',
    actionEn: 'Find the source and have it stopped.',
  }),
  rule('noise-night', {
    name: '夜间噪声超限',
    nameEn: 'Noise above the night limit',
    of: 'environment-station/noise_leq',
    severity: 'medium',
    limit: { side: 'high', limit: 55, deadband: 3, onDelayMs: 5 * minuteMs, offDelayMs: 5 * minuteMs },
    schedule: everyDay('22:00', '06:00'),
    basis: ['GB 3096-2008 3 类声环境功能区夜间限值', 'GB 3096-2008, class 3 areas, at night'],
    action: '查找声源，通知夜间施工或企业停止。',
    actionEn: 'Find the source and have the work at night stopped.',
  }),
  rule('pm10-high', {
    name: 'PM10 偏高',
    nameEn: 'PM10 high',
    of: 'environment-station/pm10',
    severity: 'medium',
    limit: { side: 'high', limit: 300, deadband: 30, onDelayMs: 5 * minuteMs, offDelayMs: 5 * minuteMs },
    basis: [
      'GB 3095-2012 二级24小时限值150 ug/m3 的 2 倍',
      'Twice the 24 h class II limit of GB 3095-2012, 150 ug/m3',
    ],
    action: '检查工地扬尘，开启喷淋。',
    actionEn: 'Look for dust from building sites, start the sprinklers.',
  }),
  ...(['low', 'high'] as const).map((side) =>
    rule(`ph-${side}`, {
      name: side === 'low' ? 'pH 过低' : 'pH 过高',
      nameEn: side === 'low' ? 'pH low' : 'pH high',
      of: 'environment-station/ph',
      severity: 'medium',
      limit: { side, limit: side === 'low' ? 6 : 9, deadband: 0.2, onDelayMs: 10 * minuteMs },
      basis: ['GB 8978-1996 / GB 3838-2002：pH 6 至 9', 'GB 8978-1996 and GB 3838-2002: pH 6 to 9'],
      action: '核对仪表，取样复测，查找排放来源。',
      actionEn: 'Check the probe, take a sample, look for the discharge.',
    }),
  ),
  rule('water-night-flow', {
    name: '夜间流量偏高（疑似漏水）',
    nameEn: 'Flow at night: probably a leak',
    of: 'water-meter/flow',
    severity: 'high',
    limit: { side: 'high', limit: 0.5, deadband: 0.1, onDelayMs: 30 * minuteMs, offDelayMs: 5 * minuteMs },
    schedule: everyDay('02:00', '04:00'),
    cause: ['管网漏损或末端未关', 'A leak, or something was left open'],
    consequence: ['水量损失，可能渗漏损坏建筑', 'Water is lost and may damage the building'],
    basis: [
      '最小夜间流量法，2 至 4 时；0.5 m3/h 为经验值',
      'Minimum night flow, 02 to 04 h; 0.5 m3/h by experience',
    ],
    action: '逐级关阀检漏，核对夜间用水单位。',
    actionEn: 'Close valves step by step, ask who uses water at night.',
  }),
  rule('phase-loss', {
    name: '缺相',
    nameEn: 'Phase lost',
    of: 'energy-meter',
    severity: 'high',
    combination: {
      match: 'all',
      of: [
        { match: 'any', of: phases.map((phase) => phaseVoltage(phase, 'low', 44)) },
        { match: 'any', of: phases.map((phase) => phaseVoltage(phase, 'high', 154)) },
      ],
      onDelayMs: minuteMs,
      offDelayMs: minuteMs,
    },
    cause: ['熔断器熔断或接线脱落', 'A fuse has blown or a wire is off'],
    consequence: ['三相设备过热损坏，计量少计', 'Three-phase machines overheat, the meter counts too little'],
    basis: [
      '一相低于额定 220 V 的 20 %，而另有一相高于 70 %（电能表断相事件的通行判据）',
      'One phase below 20 % of 220 V while another is above 70 %, as is usual for meters',
    ],
    action: '检查熔断器与接线，必要时停运三相设备。',
    actionEn: 'Look at fuses and wiring, stop three-phase machines where needed.',
  }),
  ...eventRules(),
  ...phases.flatMap((phase) => [
    rule(`voltage-l${phase}-high`, {
      name: `L${phase} 相电压偏高`,
      nameEn: `Voltage L${phase} high`,
      of: `energy-meter/voltage_l${phase}`,
      severity: 'medium',
      limit: { side: 'high', limit: 235.4, deadband: 2, onDelayMs: minuteMs, offDelayMs: minuteMs },
      basis: ['GB/T 12325-2008：220 V 允许偏差 +7 %', 'GB/T 12325-2008: +7 % of 220 V'],
      action: '检查变压器分接开关。',
      actionEn: 'Check the tap of the transformer.',
    }),
    rule(`voltage-l${phase}-low`, {
      name: `L${phase} 相电压偏低`,
      nameEn: `Voltage L${phase} low`,
      of: `energy-meter/voltage_l${phase}`,
      severity: 'medium',
      limit: { side: 'low', limit: 198, deadband: 2, onDelayMs: minuteMs, offDelayMs: minuteMs },
      basis: ['GB/T 12325-2008：220 V 允许偏差 -10 %', 'GB/T 12325-2008: -10 % of 220 V'],
      action: '检查负荷与供电线路。',
      actionEn: 'Check load and supply line.',
    }),
  ]),
  ...classRules(),
];

/** What devices tell by events, and what they raise themselves. */
function eventRules(): AlarmRuleBody[] {
  const reported = ['由设备自身判定并上报', 'Judged and reported by the device itself'] as const;
  return [
    rule('access-duress', {
      name: '胁迫开门',
      nameEn: 'Door opened under duress',
      of: 'access-door',
      severity: 'critical',
      event: { type: 'access.duress', clearAfterMs: 30 * minuteMs },
      action: '不要声张，立即派安保人员并报警。',
      actionEn: 'Keep quiet about it, send guards at once and call the police.',
    }),
    rule('access-denied-repeatedly', {
      name: '反复刷卡被拒',
      nameEn: 'Denied again and again',
      of: 'access-door',
      severity: 'medium',
      event: { type: 'access.denied', count: 5 },
      basis: ['经验值：10 分钟内 5 次', 'Experience: 5 times within 10 min'],
      action: '查看视频，核实人员身份。',
      actionEn: 'Look at the camera and find out who it is.',
    }),
    rule('fire-panel-reported', {
      name: '消防控制器上报',
      nameEn: 'Reported by the fire panel',
      of: 'fire-panel',
      severity: 'critical',
      isReported: true,
      basis: reported,
      action: '按上报的回路与地址到现场查看，按消防预案处置。',
      actionEn: 'Look at the loop and address that it names and follow the fire plan.',
    }),
    ...(
      [
        ['elevator', '电梯上报', 'Reported by the elevator'],
        ['building-equipment', '机电设备上报', 'Reported by equipment'],
        ['battery', '储能系统上报', 'Reported by the battery system'],
      ] as const
    ).map(([of, name, nameEn]) =>
      rule(`${of}-reported`, {
        name,
        nameEn,
        of,
        severity: 'high',
        isReported: true,
        basis: reported,
        action: '按设备给出的代码检修。',
        actionEn: 'Repair by the code that the device gives.',
      }),
    ),
  ];
}
