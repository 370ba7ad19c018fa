import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelBodySchema } from '#schemas/notify.ts';
import type { NoticeFacts } from '#services/notify/facts.ts';
import { render, renderDigest, type NoticeMessage, type RenderContext } from '#services/notify/render.ts';

const facts: NoticeFacts = {
  alarmId: 42,
  ruleId: 'voltage-high',
  rule: { zh: '电压偏高', en: 'Voltage high' },
  category: 'power',
  team: '',
  severity: 'high',
  point: 'em-1.voltage_l1',
  metric: { zh: 'L1 相电压', en: 'Voltage L1' },
  deviceId: 'em-1',
  deviceName: '一号表',
  deviceClass: 'energy-meter',
  spaces: [
    { id: 'f1', name: '一层' },
    { id: 'b1', name: '一号楼' },
  ],
  value: 251.500_000_1,
  state: null,
  unit: 'V',
  limit: 240,
  reason: '251.5 V ≥ 240 V',
  action: { zh: '检查分接开关', en: 'Check the tap' },
  raisedMs: Date.UTC(2026, 0, 5),
  provenance: 'simulated',
};
const message: NoticeMessage = { kind: 'raised', facts, number: 1, by: null, people: [] };

function context(config: object, rest: Partial<RenderContext> = {}): RenderContext {
  return {
    channel: channelBodySchema.parse({ id: 'c', name: 'C', config }),
    language: 'zh-CN',
    park: 'demo',
    base: 'https://park.example',
    tellTime: () => '2026-01-05 08:00',
    people: [],
    ackUrl: (alarmId) => `https://park.example/api/v1/ack/token-${alarmId}`,
    ...rest,
  };
}
const email = { kind: 'email', host: 'h', port: 25, security: 'none', from: 'a@b.cn' };
const sms = { kind: 'http', purpose: 'sms', url: 'https://sms.example/', maxLength: 120 };

describe('render()', () => {
  test('tells an alarm in Chinese and in English, with place, value, limit, provenance and what to do', () => {
    const chinese = render(message, context(email));
    expect(chinese.title).toBe('【重要】电压偏高 · 一号表');
    for (const told of [
      '位置：一号楼 / 一层',
      'L1 相电压：251.5 V',
      '限值：240 V',
      '数据来源：模拟数据',
      '处置建议：检查分接开关',
    ])
      expect(chinese.text).toContain(told);
    const english = render({ ...message, kind: 'escalated' }, context(email, { language: 'en' }));
    expect(english.title).toBe('[High · escalated] Voltage high · 一号表');
    expect(english.text).toContain('Acknowledge: https://park.example/api/v1/ack/token-42');
  });

  test('leaves out lines of which nothing is known, and the acknowledging link of what is over', () => {
    const silent = { ...message, facts: { ...facts, value: null, limit: null, provenance: 'field' } };
    const { text } = render({ ...silent, kind: 'cleared' }, context(email));
    for (const absent of ['限值', '数据来源', 'ack/token', '确认人']) expect(text).not.toContain(absent);
  });

  test('names of people and devices become no HTML and no Markdown', () => {
    const nasty = {
      ...message,
      facts: { ...facts, deviceName: '<img src=x onerror=a> [link](http://evil) **b** <at id=all>\n# H' },
    };
    const { html } = render(nasty, context(email));
    expect(html).not.toContain('<img');
    for (const kind of ['dingtalk', 'wecom', 'feishu']) {
      const { text } = render(nasty, context({ kind }));
      expect(text).not.toMatch(/\[link\]|<at|<img|\n# H/);
    }
  });

  test('a short message is never longer than it may be, and its link is whole', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 60, max: 400 }),
        (name, maxLength) => {
          const long = { ...message, facts: { ...facts, deviceName: name } };
          const { text } = render(long, context({ ...sms, maxLength }));
          expect(Array.from(text).length).toBeLessThanOrEqual(maxLength);
          expect(text).toMatch(/ https:\/\/park\.example\/api\/v1\/ack\/token-42$/);
          expect(text).not.toMatch(/[\r\n]/);
        },
      ),
    );
  });

  test('a call is told without a link, and a group is given the console instead of an acknowledging link', () => {
    expect(render(message, context({ ...sms, purpose: 'voice' })).text).not.toContain('http');
    const group = render(message, context({ kind: 'wecom' }, { ackUrl: null }));
    expect(group.text).toContain('(https://park.example/alarms?state=all&alarm=42)');
  });

  test('what a robot takes in bytes is kept to, and never cut inside a character', () => {
    const long = { ...message, facts: { ...facts, action: { zh: '处'.repeat(5_000), en: '' } } };
    const { text } = render(long, context({ kind: 'wecom' }));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_000);
    expect(text).not.toContain('�');
  });

  test('DingTalk mentions the people of the step by their telephones', () => {
    const people = [{ name: '王', phone: '138-0000' }];
    const rendered = render(message, context({ kind: 'dingtalk' }, { people }));
    expect([rendered.mentions, rendered.text.endsWith('@1380000')]).toEqual([['1380000'], true]);
  });
});

test('renderDigest() tells the worst first of all, each alarm once, and how many more there are', () => {
  const many = Array.from({ length: 25 }, (_, i) => ({
    ...message,
    facts: { ...facts, deviceName: `表 ${i}`, severity: i === 7 ? ('critical' as const) : ('low' as const) },
  }));
  const digest = renderDigest(many, context({ kind: 'dingtalk' }));
  expect([digest.title, digest.severity]).toEqual(['【紧急】25 条告警', 'critical']);
  expect(digest.text).toContain('表 19');
  expect(digest.text).not.toContain('表 20');
  expect(digest.text).toContain('另有 5 条');
});
