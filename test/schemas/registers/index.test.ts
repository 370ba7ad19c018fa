import { expect, test } from 'vitest';
import { recordKinds, referencesTo } from '#schemas/registers/index.ts';
import { defineKind, titleOf, withoutPersonal } from '#schemas/registers/kind.ts';
import { text } from '#schemas/registers/field.ts';
import { registersOfItem, servedItems } from '#schemas/rubric-registers.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';

const kind = (id: string) => {
  const found = recordKinds.get(id);
  if (found === undefined) throw new Error(`no kind ${id}`);
  return found;
};

test('every kind names kinds that exist, and every register that a rubric reads is one', () => {
  for (const { id, fields } of recordKinds.values()) {
    for (const field of Object.values(fields)) {
      if (field.type === 'record')
        expect(recordKinds.has(field.kind), `${id} names ${field.kind}`).toBe(true);
    }
  }
  for (const { items } of scoredRubrics.values()) {
    for (const item of items) {
      for (const register of registersOfItem(item)) expect(recordKinds.has(register), item.id).toBe(true);
    }
  }
});

test('servedItems() tells by rubric which items a register measures, by a rule of their own or of a part', () => {
  const served = servedItems(scoredRubrics.values(), 'institution');
  expect(served['chengdu-2021']).toEqual(['service.public.institutions']);
  expect(served['tech-park-ops']).toContain('c6.16.2.a');
  expect(servedItems(scoredRubrics.values(), 'fibre-pilot')).toEqual({
    'chengdu-2021': ['infra.network.fibre-to-desk'],
  });
  // Which park it is decides which figure is asked.
  expect(servedItems(scoredRubrics.values(), 'park-profile')['micro-park-stars']).toEqual([
    'scale',
    'tenants',
  ]);
});

test('the schema of a kind takes what is right, sorts sets, and names every field that is wrong', () => {
  const good = {
    type: 'finance.loans',
    name: '园区贷',
    provider: '某银行',
    channels: ['offline', 'online', 'offline'],
  };
  expect(kind('service').schema.parse(good)).toEqual({ ...good, channels: ['offline', 'online'] });
  const bad = { type: 'finance.gold', name: 'a\u0000b', channels: [], colour: 'red' };
  const answer = kind('service').schema.safeParse(bad);
  expect(answer.success).toBe(false);
  const paths = answer.error?.issues.map((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.join() : issue.path.join('.'),
  );
  expect(paths?.toSorted()).toEqual(['channels', 'colour', 'name', 'provider', 'type']);
});

test.each([
  ['a number that is no number of things', 'training', { topic: 'x', type: 'training', participants: 1.5 }],
  ['a negative amount', 'benefit', { enterprise: 'e', type: 'cash', amount: -1 }],
  ['a day that does not exist', 'drill', { topic: 'x', incident: 'fire', participants: 1, findings: 3 }],
  ['an id with a slash', 'benefit', { enterprise: '../e', type: 'cash', amount: 1 }],
])('the schema of a kind refuses %s', (_, id, fields) => {
  expect(kind(id).schema.safeParse(fields).success).toBe(false);
});

test('defineKind() refuses a title that is personal, optional or not there', () => {
  const base = { ...kind('staff'), fields: { name: text('姓名', 'Name', { personal: true }) } };
  expect(() => defineKind({ ...base, title: 'name' })).toThrow('staff is called by a field');
  expect(() => defineKind({ ...base, title: 'age' })).toThrow('staff is called by a field');
});

test('titleOf() shows a choice in words, withoutPersonal() keeps no name of a person', () => {
  const fields = { enterprise: 'e-1', type: 'cloud-4', level: 'city', issuer: 'x' };
  expect(titleOf(kind('recognition'), fields)).toBe('四星上云企业');
  const staff = { name: '张三', post: '运维', team: 'it', employment: 'full-time', phone: '138' };
  expect(withoutPersonal(kind('staff'), staff)).toEqual({
    post: '运维',
    team: 'it',
    employment: 'full-time',
  });
});

test('no two columns of a register have one name, in either language, nor that of a column of every register', () => {
  for (const { id, fields } of recordKinds.values()) {
    for (const [lang, own] of [
      ['zh', ['编号', '起始日期', '截止日期']],
      ['en', ['Code', 'From', 'Until']],
    ] as const) {
      const labels = [...own, ...Object.values(fields).map(({ label }) => label[lang])];
      expect(
        labels.filter((label, index) => labels.indexOf(label) !== index),
        id,
      ).toEqual([]);
    }
  }
});

test('referencesTo() finds every field that names a kind', () => {
  expect(referencesTo('plan')).toEqual([{ kind: 'drill', field: 'plan' }]);
  expect(referencesTo('enterprise').map((reference) => reference.kind)).toEqual([
    'enterprise-output',
    'recognition',
    'cloud-use',
    'benefit',
    'service-case',
    'complaint',
    'licence',
    'company-case',
    'activity',
    'need',
  ]);
});
