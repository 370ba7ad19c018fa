import type { FloodCause } from '#schemas/api/alarm-figures.ts';
import type { Severity } from '#schemas/device-class.ts';
import type { NoticeKind, NoticeLanguage } from '#schemas/notify.ts';

/** What the words of messages may name. */
export type Blank =
  | 'severity'
  | 'rule'
  | 'device'
  | 'deviceId'
  | 'space'
  | 'metric'
  | 'value'
  | 'limit'
  | 'raised'
  | 'reason'
  | 'action'
  | 'people'
  | 'by'
  | 'assigner'
  | 'number'
  | 'count'
  | 'park'
  | 'provenance';

/** The words of messages in one language; `{blanks}` are filled in, escaped for the channel. */
export interface Template {
  readonly severity: Readonly<Record<Severity, string>>;
  readonly provenance: Readonly<Record<string, string>>;
  readonly title: Readonly<Record<NoticeKind | 'digest' | 'flood', string>>;
  /** Label and text; a line whose text has an empty blank is left out. */
  readonly lines: readonly (readonly [label: string, text: string])[];
  /** After label of a line. */
  readonly colon: string;
  /** One alarm of a digest. */
  readonly item: string;
  readonly more: string;
  /** One cause of a flood: `{count}` alarms since it began, `{number}` of them in this message. */
  readonly cause: string;
  readonly causes: Readonly<Record<FloodCause['kind'], string>>;
  /** Short message or call. */
  readonly short: string;
  readonly test: string;
  readonly open: string;
  readonly openReport: string;
  readonly acknowledge: string;
  readonly footer: string;
}

export const templates: Readonly<Record<NoticeLanguage, Template>> = {
  'zh-CN': {
    severity: { critical: '紧急', high: '重要', medium: '一般', low: '提示' },
    provenance: { simulated: '模拟数据', replayed: '回放数据', manual: '人工录入' },
    title: {
      raised: '【{severity}】{rule} · {device}',
      repeated: '【{severity} · 第{number}次提醒】{rule} · {device}',
      escalated: '【{severity} · 升级】{rule} · {device}',
      fallback: '【{severity} · 值班无人】{rule} · {device}',
      assigned: '【{severity} · 指派给您】{rule} · {device}',
      acknowledged: '【已确认】{rule} · {device}',
      cleared: '【已恢复】{rule} · {device}',
      report: '【告警周报】{reason}',
      test: '【测试】{park} 告警通知',
      digest: '【{severity}】{count} 条告警',
      flood: '【告警风暴 · {severity}】{count} 条告警，按原因归并',
    },
    lines: [
      ['设备', '{device}（{deviceId}）'],
      ['位置', '{space}'],
      ['{metric}', '{value}'],
      ['限值', '{limit}'],
      ['发生时间', '{raised}'],
      ['确认人', '{by}'],
      ['指派人', '{assigner}'],
      ['通知对象', '{people}'],
      ['数据来源', '{provenance}'],
      ['处置建议', '{action}'],
    ],
    colon: '：',
    item: '{severity} {rule} · {device} · {raised}',
    more: '另有 {count} 条，请到控制台查看',
    cause: '{reason}：本次 {number} 条，累计 {count} 条，最高{severity}',
    causes: {
      parent: '上级设备 {device}（{deviceId}）',
      gateway: '接入网关 {deviceId} 整体无数据',
      device: '设备 {device}（{deviceId}）',
      rule: '规则“{rule}”',
      space: '位置 {space}',
      other: '其他',
    },
    short: '{title}，{space} {value}，{raised}',
    test: '这是一条测试消息，通道工作正常，无需处理。',
    open: '查看告警',
    openReport: '查看周报',
    acknowledge: '确认此告警',
    footer: '由智园 {park} 自动发送',
  },
  en: {
    severity: { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low' },
    provenance: { simulated: 'simulated', replayed: 'replayed', manual: 'entered by hand' },
    title: {
      raised: '[{severity}] {rule} · {device}',
      repeated: '[{severity} · reminder {number}] {rule} · {device}',
      escalated: '[{severity} · escalated] {rule} · {device}',
      fallback: '[{severity} · nobody on call] {rule} · {device}',
      assigned: '[{severity} · assigned to you] {rule} · {device}',
      acknowledged: '[Acknowledged] {rule} · {device}',
      cleared: '[Cleared] {rule} · {device}',
      report: '[Weekly alarm report] {reason}',
      test: '[Test] Alarm notification of {park}',
      digest: '[{severity}] {count} alarms',
      flood: '[Alarm flood · {severity}] {count} alarms, by cause',
    },
    lines: [
      ['Device', '{device} ({deviceId})'],
      ['Place', '{space}'],
      ['{metric}', '{value}'],
      ['Limit', '{limit}'],
      ['Raised', '{raised}'],
      ['Acknowledged by', '{by}'],
      ['Assigned by', '{assigner}'],
      ['Told', '{people}'],
      ['Provenance', '{provenance}'],
      ['What to do', '{action}'],
    ],
    colon: ': ',
    item: '{severity} {rule} · {device} · {raised}',
    more: '{count} more are in the console',
    cause: '{reason}: {number} now, {count} so far, at most {severity}',
    causes: {
      parent: 'Below {device} ({deviceId})',
      gateway: 'Gateway {deviceId} hears nobody',
      device: 'Device {device} ({deviceId})',
      rule: 'Rule "{rule}"',
      space: 'Place {space}',
      other: 'Others',
    },
    short: '{title}, {space} {value}, {raised}',
    test: 'This is a test. The channel works; nothing needs to be done.',
    open: 'Open the alarm',
    openReport: 'Open the report',
    acknowledge: 'Acknowledge',
    footer: 'Sent by Parkwatch {park}',
  },
};
