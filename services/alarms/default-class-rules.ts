import type { AlarmRuleBody } from '#schemas/alarm.ts';
import { hourMs, inState, minuteMs, offline, rule, secondMs, silent } from './default-rule.ts';

/** States and silence, class by class; what a device does not have is watched nowhere. */
export function classRules(): AlarmRuleBody[] {
  return [...videoAndSafetyRules(), ...elevatorRules(), ...equipmentRules(), ...silenceRules()];
}

function videoAndSafetyRules(): AlarmRuleBody[] {
  return [
    inState(
      'fire-panel-fault',
      ['fire-panel/fault', 'high', ['on'], 30 * secondMs],
      [
        '消防控制器故障',
        'Fire panel fault',
        '通知消防维保单位。',
        'Call the maintenance firm of the fire system.',
      ],
    ),
    inState(
      'fire-panel-mains',
      ['fire-panel/mains', 'high', ['off'], minuteMs],
      [
        '消防主电断开',
        'Fire panel on battery',
        '恢复主电，备电时间有限。',
        'Restore the mains; the battery does not last.',
      ],
    ),
    inState(
      'fire-panel-battery',
      ['fire-panel/battery', 'high', ['off'], minuteMs],
      ['消防备电故障', 'Fire panel battery failed', '更换备用电池。', 'Replace the standby battery.'],
    ),
    inState(
      'door-held',
      ['access-door/held_open', 'medium', ['on'], 30 * secondMs],
      ['开门超时', 'Door held open', '查看视频，派人关门。', 'Look at the camera, have the door shut.'],
    ),
    inState(
      'intrusion',
      ['perimeter-sensor/intrusion', 'critical', ['on'], 0],
      [
        '周界入侵',
        'Perimeter intrusion',
        '查看联动视频，派安保人员到场。',
        'Look at the camera of the place, send a guard.',
      ],
    ),
    inState(
      'sensor-tampered',
      ['perimeter-sensor/tamper', 'high', ['on'], 0],
      [
        '周界探测器被拆',
        'Perimeter sensor tampered with',
        '派人到场检查探测器。',
        'Have the sensor looked at on site.',
      ],
    ),
    inState(
      'camera-not-recording',
      ['camera/recording', 'high', ['off'], 10 * minuteMs],
      [
        '摄像机未录像',
        'Camera not recording',
        '检查录像计划与录像机磁盘。',
        'Check the schedule and the disks of the recorder.',
      ],
    ),
    inState(
      'camera-image-fault',
      ['camera/image_fault', 'medium', ['black', 'frozen', 'covered', 'moved'], 5 * minuteMs],
      ['图像异常', 'Camera image fault', '现场检查镜头与朝向。', 'Check lens and direction on site.'],
    ),
    offline('camera-offline', 'camera', ['high', '摄像机离线', 'Camera offline']),
    offline('recorder-offline', 'recorder', ['critical', '录像机离线', 'Recorder offline']),
    offline('door-offline', 'access-door', ['medium', '门禁离线', 'Access door offline']),
    offline('perimeter-sensor-offline', 'perimeter-sensor', [
      'high',
      '周界探测器离线',
      'Perimeter sensor offline',
    ]),
    offline('gateway-offline', 'gateway', ['critical', '网关离线', 'Gateway offline']),
    rule('broker-loses', {
      name: '消息代理丢失消息',
      nameEn: 'Broker loses messages',
      of: 'gateway/broker_losses',
      severity: 'high',
      limit: { side: 'high', limit: 0 },
      basis: ['不应丢失任何一条', 'Nothing may be lost'],
      action: '检查消息代理是否异常重启、队列是否已满；在“接入”页查看序号缺口。',
      actionEn:
        'See whether the broker was killed or its queue is full; look at the sequence gaps under Gateways.',
    }),
    offline('network-node-offline', 'network-node', ['high', '网络节点离线', 'Network node offline']),
    offline('display-offline', 'display', ['low', '显示屏离线', 'Display offline']),
    offline('loudspeaker-offline', 'loudspeaker', ['medium', '广播音柱离线', 'Loudspeaker offline']),
    offline('visitor-terminal-offline', 'visitor-terminal', [
      'low',
      '访客终端离线',
      'Visitor terminal offline',
    ]),
    offline('payment-terminal-offline', 'payment-terminal', [
      'medium',
      '消费终端离线',
      'Payment terminal offline',
    ]),
    offline('parking-guidance-offline', 'parking-guidance', [
      'medium',
      '停车诱导系统离线',
      'Parking guidance offline',
    ]),
    offline('video-platform-offline', 'video-platform', ['high', '视频平台离线', 'Video platform offline']),
    offline('application-offline', 'application', ['medium', '业务系统离线', 'Application offline']),
    offline('smart-pole-offline', 'smart-pole', ['medium', '智慧灯杆离线', 'Smart pole offline']),
  ];
}

const repair = ['查看故障代码，派人检修。', 'Read the fault code and send somebody to repair it.'] as const;

function elevatorRules(): AlarmRuleBody[] {
  return [
    inState(
      'elevator-fault',
      ['elevator/mode', 'high', ['fault'], 30 * secondMs],
      ['电梯故障', 'Elevator fault', ...repair],
    ),
    inState(
      'elevator-dangerous-fault',
      [
        'elevator/fault',
        'critical',
        [
          'overtravel_top',
          'overtravel_bottom',
          'overspeed',
          'moved_with_door_open',
          'unintended_movement',
          'brake',
        ],
        0,
      ],
      [
        '电梯危险故障',
        'Elevator fault that endangers people',
        '立即停梯并确认轿厢内无人，通知维保单位；未经检查不得恢复运行。',
        'Stop the lift and make sure that nobody is in it, call the maintenance firm; no return to service unseen.',
      ],
    ),
    inState(
      'elevator-stopped-off-floor',
      ['elevator/fault', 'high', ['stopped_off_floor', 'mains_lost', 'position_lost'], 15 * secondMs],
      [
        '电梯非平层停梯',
        'Elevator stopped between landings',
        '通过对讲确认轿厢内是否有人，按困人处置。',
        'Ask over the intercom whether somebody is inside; treat it as an entrapment.',
      ],
    ),
    inState(
      'elevator-door-fault',
      ['elevator/fault', 'medium', ['door_not_opening', 'door_not_closing', 'door_reversing'], minuteMs],
      ['电梯门系统故障', 'Elevator door fault', ...repair],
    ),
    rule('elevator-inspection-due', {
      name: '电梯检验即将到期',
      nameEn: 'Elevator inspection due soon',
      of: 'elevator/inspection_due',
      severity: 'medium',
      limit: { side: 'low', limit: 30, deadband: 1 },
      basis: [
        'TSG T5002-2017：到期前一个月申报检验',
        'TSG T5002-2017: apply for the inspection a month ahead',
      ],
      action: '向检验机构申报定期检验。',
      actionEn: 'Apply for the periodic inspection.',
    }),
    rule('elevator-inspection-overdue', {
      name: '电梯超期未检',
      nameEn: 'Elevator inspection overdue',
      of: 'elevator/inspection_due',
      severity: 'high',
      // On the day itself it is still in time.
      limit: { side: 'low', limit: -1 },
      basis: ['《特种设备安全法》第四十条', 'Special Equipment Safety Law, article 40'],
      action: '停用该电梯，直至检验合格。',
      actionEn: 'Take the lift out of use until it has passed.',
    }),
    rule('elevator-maintenance-overdue', {
      name: '电梯维保超期',
      nameEn: 'Elevator maintenance overdue',
      of: 'elevator/maintenance_due',
      severity: 'medium',
      limit: { side: 'low', limit: -1 },
      basis: ['TSG T5002-2017：至少每15日维护保养一次', 'TSG T5002-2017: maintained at least every 15 days'],
      action: '联系维保单位补做维保。',
      actionEn: 'Have the maintenance firm make up for it.',
    }),
    inState(
      'elevator-fire-mode',
      ['elevator/mode', 'critical', ['fire'], 0],
      ['电梯进入消防模式', 'Elevator in fire service', '与消防控制室核实。', 'Ask the fire control room.'],
    ),
    inState(
      'elevator-door-blocked',
      ['elevator/door', 'medium', ['blocked'], minuteMs],
      ['电梯门受阻', 'Elevator door blocked', '到层站清除障碍。', 'Clear the door at the landing.'],
    ),
    rule('elevator-repeated-fault', {
      name: '电梯反复故障',
      nameEn: 'Elevator faults again and again',
      of: 'elevator/mode',
      severity: 'high',
      count: { states: ['fault'], count: 3, windowMs: 24 * hourMs },
      action: '停梯检查，通知维保单位查明原因。',
      actionEn: 'Take the elevator out of use and have the cause found.',
    }),
  ];
}

function equipmentRules(): AlarmRuleBody[] {
  return [
    inState(
      'gate-fault',
      ['parking-gate/fault', 'medium', ['on'], 30 * secondMs],
      ['道闸故障', 'Gate fault', ...repair],
    ),
    inState(
      'gate-blocked',
      ['parking-gate/barrier', 'medium', ['blocked'], 30 * secondMs],
      ['道闸受阻', 'Gate blocked', '到场清除障碍。', 'Clear the gate on site.'],
    ),
    inState(
      'charger-fault',
      ['charger/status', 'medium', ['faulted'], minuteMs],
      ['充电桩故障', 'Charger fault', ...repair],
    ),
    inState(
      'inverter-fault',
      ['pv-inverter/status', 'high', ['fault'], minuteMs],
      ['逆变器故障', 'Inverter fault', ...repair],
    ),
    inState(
      'battery-fault',
      ['battery/status', 'critical', ['fault'], 0],
      ['储能电池故障', 'Battery fault', ...repair],
    ),
    rule('battery-heating', {
      name: '储能电池温升过快',
      nameEn: 'Battery heats up quickly',
      of: 'battery/temperature',
      severity: 'critical',
      rate: { direction: 'rising', limit: 1, per: 'minute', windowMs: 5 * minuteMs },
      action: '停止充放电，准备消防处置。',
      actionEn: 'Stop charging and discharging, make the fire plan ready.',
    }),
    inState(
      'equipment-fault',
      ['building-equipment/fault', 'high', ['on'], 30 * secondMs],
      ['机电设备故障', 'Equipment fault', ...repair],
    ),
    inState(
      'robot-fault',
      ['robot/mode', 'medium', ['fault'], minuteMs],
      ['机器人故障', 'Robot fault', ...repair],
    ),
    inState(
      'luminaire-fault',
      ['luminaire/fault', 'low', ['on'], 10 * minuteMs],
      ['灯具故障', 'Luminaire fault', ...repair],
    ),
    rule('pole-tilted', {
      name: '灯杆倾斜',
      nameEn: 'Pole tilted',
      of: 'smart-pole/tilt',
      severity: 'high',
      limit: { side: 'high', limit: 10, deadband: 2, onDelayMs: minuteMs },
      basis: ['经验值：10 度', 'Experience: 10 degrees'],
      action: '设置警戒，现场检查杆体。',
      actionEn: 'Fence the place off and look at the pole.',
    }),
  ];
}

const onceHeard = { onceHeard: true } as const;

/** Fifteen times the interval of a report, so that a passing break stays unsaid. */
function silenceRules(): AlarmRuleBody[] {
  return [
    silent(
      'energy-meter-silent',
      ['energy-meter/active_energy_import', 'medium', 15 * minuteMs],
      ['电能表无数据', 'Energy meter silent'],
    ),
    silent(
      'water-meter-silent',
      ['water-meter/volume', 'medium', 15 * minuteMs],
      ['水表无数据', 'Water meter silent'],
    ),
    silent(
      'gas-meter-silent',
      ['gas-meter/volume', 'medium', 15 * minuteMs],
      ['燃气表无数据', 'Gas meter silent'],
    ),
    silent(
      'heat-meter-silent',
      ['heat-meter/energy', 'medium', 15 * minuteMs],
      ['热量表无数据', 'Heat meter silent'],
    ),
    silent('elevator-silent', ['elevator/mode', 'high', 5 * minuteMs], ['电梯无数据', 'Elevator silent']),
    silent(
      'fire-panel-silent',
      ['fire-panel/alarm', 'critical', 15 * minuteMs],
      ['消防控制器无数据', 'Fire panel silent'],
    ),
    // One that only speaks for others tells nothing of itself.
    silent(
      'gateway-silent',
      ['gateway/online', 'high', 15 * minuteMs],
      ['网关无数据', 'Gateway silent'],
      onceHeard,
    ),
    silent(
      'equipment-silent',
      ['building-equipment/running', 'medium', 15 * minuteMs],
      ['机电设备无数据', 'Equipment silent'],
    ),
    silent(
      'inverter-silent',
      ['pv-inverter/status', 'medium', 15 * minuteMs],
      ['逆变器无数据', 'Inverter silent'],
    ),
    silent('battery-silent', ['battery/status', 'high', 15 * minuteMs], ['储能电池无数据', 'Battery silent']),
    // What guards people and property: one that tells its state by its connection alone is not awaited.
    silent(
      'camera-silent',
      ['camera/online', 'medium', 15 * minuteMs],
      ['摄像机无数据', 'Camera silent'],
      onceHeard,
    ),
    silent(
      'recorder-silent',
      ['recorder/online', 'high', 15 * minuteMs],
      ['录像机无数据', 'Recorder silent'],
      onceHeard,
    ),
    silent(
      'door-silent',
      ['access-door/online', 'medium', 15 * minuteMs],
      ['门禁无数据', 'Access door silent'],
      onceHeard,
    ),
    silent(
      'perimeter-sensor-silent',
      ['perimeter-sensor/online', 'high', 15 * minuteMs],
      ['周界探测器无数据', 'Perimeter sensor silent'],
      onceHeard,
    ),
    // Stations of noise, water or weather measure no dust: they would be silent for ever.
    silent(
      'station-silent',
      ['environment-station/pm25', 'medium', 15 * minuteMs],
      ['环境监测站无数据', 'Environment station silent'],
      onceHeard,
    ),
  ];
}
