import { describe, expect, it } from 'vitest';
import { plainReason, type AlarmFacts } from '#schemas/alarm-facts.ts';
import { tellReason } from '#schemas/alarm-words.ts';

describe('tellReason()', () => {
  it('tells planned work, repeats and what was done at a device in both languages', () => {
    const told: readonly [AlarmFacts, string, string][] = [
      [
        { code: 'maintenance', window: '1', name: '变压器年检', why: '停电' },
        '处于检修窗口“变压器年检”：停电',
        'planned work "变压器年检" is under way: 停电',
      ],
      [
        { code: 'maintenance-over', name: '变压器年检', why: '停电' },
        '检修窗口“变压器年检”已结束',
        'planned work "变压器年检" is over',
      ],
      [
        { code: 'repeats', alarm: '7', count: 3, windowMs: 60_000 },
        '1 分钟内第 3 次触发，与未确认的告警 7 合并',
        'raised 3 times within 1 min; alarm 7, which nobody has acknowledged, stands for it',
      ],
      [
        { code: 'repeat-over', alarm: '7' },
        '不再与告警 7 合并：持续时间较长，或该告警已确认',
        'alarm 7 no longer stands for it: it lasts, or that one was acknowledged',
      ],
      [
        { code: 'acknowledged-at-device', device: 'fire-1', by: 'guard', text: 'toast' },
        '在设备 fire-1 上确认（guard）：toast',
        'acknowledged at fire-1 by guard: toast',
      ],
      [
        { code: 'acknowledged-at-device', device: 'fire-1', by: null, text: '' },
        '在设备 fire-1 上确认',
        'acknowledged at fire-1',
      ],
    ];
    for (const [facts, zh, en] of told) {
      expect([tellReason(facts, 'zh'), tellReason(facts, 'en')]).toEqual([zh, en]);
      expect(plainReason(facts)).not.toBe('');
    }
  });
});
