import type { AlarmFacts, HeldNote } from './alarm-facts.ts';

/**
 * The reasons of alarms as sentences, in Chinese and English: for the console, messages and reports. Names of states
 * and metrics are the reader's: {@link ReasonNames} gives them, else keys are told.
 */
export type ReasonLanguage = 'zh' | 'en';

export interface ReasonNames {
  /** What a state is called. */
  readonly state?: (key: string) => string;
  /** What a metric or point is called. */
  readonly metric?: (key: string) => string;
}

interface Words {
  readonly language: ReasonLanguage;
  readonly names: ReasonNames;
  /** Chinese first, as everywhere. */
  readonly say: (zh: string, en: string) => string;
}

/** One sentence that says why. */
export function tellReason(facts: AlarmFacts, language: ReasonLanguage, names: ReasonNames = {}): string {
  const words: Words = { language, names, say: (zh, en) => (language === 'zh' ? zh : en) };
  return tellJudged(facts, words) ?? tellHandled(facts, words);
}

function tellJudged(facts: AlarmFacts, words: Words): string | undefined {
  const { say } = words;
  switch (facts.code) {
    case 'limit':
      return tellLimit(facts, words);
    case 'state': {
      const list = statesOf(facts.states, words);
      const state = words.names.state?.(facts.state) ?? facts.state;
      const told = facts.among
        ? say(`状态为“${state}”（规则：${list}）`, `the state is ${state} (rule: ${list})`)
        : say(`状态为“${state}”，不属于 ${list}`, `the state is ${state}, none of ${list}`);
      return told + lasting(facts.delayMs, words) + holding(facts.held, words);
    }
    case 'rate': {
      const { rate, limit, raised, windowMs } = facts;
      const unit = `${facts.unit === '1' ? '' : facts.unit}/${per(facts.per, words)}`;
      const span = lengthOf(windowMs, words);
      const sign = raised ? '≥' : '<';
      return (
        say(
          `${span}内变化率 ${rate} ${unit} ${sign} ${limit} ${unit}`,
          `changes by ${rate} ${unit} ${sign} ${limit} ${unit} over ${span}`,
        ) + holding(facts.held, words)
      );
    }
    case 'count': {
      const { times, count, raised } = facts;
      const span = lengthOf(facts.windowMs, words);
      const list = statesOf(facts.states, words);
      const sign = raised ? '≥' : '<';
      return say(
        `${span}内进入 ${list} ${times} 次（${sign} ${count} 次）`,
        `entered ${list} ${times} times within ${span} (${sign} ${count})`,
      );
    }
    case 'combination':
      return tellCombination(facts, words);
    case 'silent':
      return (
        say(`${lengthOf(facts.noDataMs, words)}无数据`, `no data for ${lengthOf(facts.noDataMs, words)}`) +
        (facts.newerBad ? say('，较新的读数均无效', '; newer readings are bad') : '')
      );
    case 'heard':
      return say('恢复上报数据', 'data again');
    case 'event':
      return facts.windowMs === null
        ? say(`收到事件 ${facts.type}`, `event ${facts.type} was received`)
        : say(
            `${lengthOf(facts.windowMs, words)}内收到事件 ${facts.type} ${facts.times} 次`,
            `event ${facts.type} was received ${facts.times} times within ${lengthOf(facts.windowMs, words)}`,
          );
    case 'event-over':
      return facts.type === null
        ? say(
            `${lengthOf(facts.afterMs ?? 0, words)}内未再收到该事件`,
            `no further such event for ${lengthOf(facts.afterMs ?? 0, words)}`,
          )
        : say(`收到结束事件 ${facts.type}`, `event ${facts.type} ended it`);
    case 'reported': {
      const what = facts.text === '' ? facts.key : `${facts.key}：${facts.text}`;
      const whatEn = facts.text === '' ? facts.key : `${facts.key}: ${facts.text}`;
      const told = facts.raised
        ? say(`设备上报告警 ${what}`, `the device reports ${whatEn}`)
        : say(`设备上报恢复 ${what}`, `the device reports the end of ${whatEn}`);
      return told + holding(facts.held, words);
    }
    default:
      return undefined;
  }
}

function tellHandled(facts: AlarmFacts, words: Words): string {
  const { say } = words;
  switch (facts.code) {
    case 'outside-schedule':
      return say('已到规则的非生效时段', 'outside the schedule of the rule');
    case 'rule-removed':
      return say('规则已移除', 'the rule was removed');
    case 'rule-disabled':
      return say(
        `规则被 ${facts.author} 停用：${facts.why}`,
        `the rule was disabled by ${facts.author}: ${facts.why}`,
      );
    case 'rule-changed':
      return say(
        `规则被 ${facts.author} 修改：${facts.why}`,
        `the rule was changed by ${facts.author}: ${facts.why}`,
      );
    case 'not-watched':
      return say('该对象已不在监视范围内', 'it is no longer watched');
    case 'parent-away':
      return say(`上级设备 ${facts.device} 离线`, `${facts.device} above it is away`);
    case 'offline-already':
      return say('设备离线已另有告警', 'that the device is offline is an alarm already');
    case 'gateway-silent':
      return say(
        `接入网关 ${facts.source} 整体无数据，见告警 ${facts.alarm}`,
        `gateway ${facts.source} hears nobody: see alarm ${facts.alarm}`,
      );
    case 'maintenance':
      return say(
        `处于检修窗口“${facts.name}”：${facts.why}`,
        `planned work "${facts.name}" is under way: ${facts.why}`,
      );
    case 'maintenance-over':
      return say(`检修窗口“${facts.name}”已结束`, `planned work "${facts.name}" is over`);
    case 'repeats': {
      const span = lengthOf(facts.windowMs, words);
      return say(
        `${span}内第 ${facts.count} 次触发，与未确认的告警 ${facts.alarm} 合并`,
        `raised ${facts.count} times within ${span}; alarm ${facts.alarm}, which nobody has acknowledged, stands for it`,
      );
    }
    case 'repeat-over':
      return say(
        `不再与告警 ${facts.alarm} 合并：持续时间较长，或该告警已确认`,
        `alarm ${facts.alarm} no longer stands for it: it lasts, or that one was acknowledged`,
      );
    case 'no-longer-suppressed':
      return say(`抑制原因已消失：${facts.why}`, `no longer: ${facts.why}`);
    case 'unreachable':
      return say(`${facts.who} 无法通知：${facts.why}`, `${facts.who} cannot be told: ${facts.why}`);
    case 'reachable':
      return say('已可通知', 'can be told again');
    case 'acknowledged-at-device': {
      const { device, by, text } = facts;
      const more = text === '' ? '' : say(`：${text}`, `: ${text}`);
      return (
        say(
          `在设备 ${device} 上确认${by === null ? '' : `（${by}）`}`,
          `acknowledged at ${device}${by === null ? '' : ` by ${by}`}`,
        ) + more
      );
    }
    case 'time-up':
      return say('搁置时间已到', 'the time is up');
    case 'alarm-cleared':
      return say('告警已恢复', 'the alarm has cleared');
    case 'assigned':
      return facts.to === null
        ? say(`不再指派：${facts.why}`, `assigned to nobody: ${facts.why}`)
        : say(`指派给 ${facts.to}：${facts.why}`, `assigned to ${facts.to}: ${facts.why}`);
    case 'shelved-until':
      return say(`搁置至 ${facts.until}：${facts.why}`, `shelved until ${facts.until}: ${facts.why}`);
    default:
      return '';
  }
}

function tellLimit(facts: Extract<AlarmFacts, { code: 'limit' }>, words: Words): string {
  const { value, limit, side, raised } = facts;
  const { say } = words;
  const unit = facts.unit === '' || facts.unit === '1' ? '' : ` ${facts.unit}`;
  const beyond = side === 'high' ? '≥' : '≤';
  const inside = side === 'high' ? '<' : '>';
  const name = side === 'high' ? say('上限', 'high limit') : say('下限', 'low limit');
  const told = `${value}${unit} ${raised ? beyond : inside} ${name} ${limit}${unit}`;
  return told + lasting(facts.delayMs, words) + holding(facts.held, words);
}

function tellCombination(facts: Extract<AlarmFacts, { code: 'combination' }>, words: Words): string {
  const { say, names } = words;
  const inputs = facts.inputs.map(({ of, value, met }) => {
    const name = names.metric?.(of) ?? of;
    if (met === null) return say(`${name} 无法判断`, `${name} cannot be told`);
    return `${name} ${value ?? '—'} ${met ? say('满足', 'met') : say('不满足', 'not met')}`;
  });
  const head =
    facts.match === 'all'
      ? say(
          facts.raised ? '全部条件满足' : '不再全部满足',
          facts.raised ? 'all are met' : 'no longer all met',
        )
      : say(facts.raised ? '任一条件满足' : '均不满足', facts.raised ? 'one is met' : 'none is met any more');
  const list = inputs.join(say('；', '; '));
  return `${head}${say('：', ': ')}${list}${lasting(facts.delayMs, words)}${holding(facts.held, words)}`;
}

function statesOf(keys: readonly string[], { names, say }: Words): string {
  return keys.map((key) => names.state?.(key) ?? key).join(say('、', ', '));
}

function lasting(delayMs: number, words: Words): string {
  if (delayMs === 0) return '';
  return words.say(`，持续 ${lengthOf(delayMs, words)}`, ` for ${lengthOf(delayMs, words)}`);
}

function holding(held: HeldNote, { say }: Words): string {
  if (held === '') return '';
  return held === 'no-newer'
    ? say('（此后无新读数）', ' (no newer reading)')
    : say('（此后读数均无效）', ' (newer readings are bad)');
}

function per(unit: 'second' | 'minute' | 'hour', { say }: Words): string {
  const zh = { second: '秒', minute: '分钟', hour: '小时' } as const;
  const en = { second: 's', minute: 'min', hour: 'h' } as const;
  return say(zh[unit], en[unit]);
}

const spans = [
  [86_400_000, '天', 'd'],
  [3_600_000, '小时', 'h'],
  [60_000, '分钟', 'min'],
  [1_000, '秒', 's'],
] as const;

/** In the largest unit that tells it whole. */
function lengthOf(ms: number, { say }: Words): string {
  const [unitMs, zh, en] = spans.find(([each]) => ms >= each && ms % each === 0) ?? [1_000, '秒', 's'];
  return `${ms / unitMs} ${say(zh, en)}`;
}
