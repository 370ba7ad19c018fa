import { describe, expect, test } from 'vitest';
import type { RubricItem } from '#schemas/rubric.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { bandOf, needsOf } from '#services/assessment/measures/parts/needs.ts';

function itemOf(rubric: string, id: string): RubricItem {
  const item = scoredRubrics.get(rubric)?.items.find((each) => each.id === id);
  if (item === undefined) throw new Error(`no ${id}`);
  return item;
}

/** Parts by what is known of them: `+` there, `-` known to be lacking, `?` neither. */
const states = (known: Readonly<Record<string, '+' | '-' | '?'>>) =>
  Object.entries(known).map(([id, state]) => ({ id, proven: state === '+', lacking: state === '-' }));
const gradeOf = (item: RubricItem, known: Readonly<Record<string, '+' | '-' | '?'>>) =>
  bandOf(item, states(known)).grade;

describe('bandOf() an item that needs all its parts', () => {
  const item = itemOf('shenzhen-self-2025', 'enterprise.needs');
  const [list, ledger] = ['company-needs-list', 'service-ledger'] as const;

  test.each([
    ['+', '+', 'met'],
    ['+', '-', 'not-met'],
    // One that is lacking decides, whatever is not known of the other.
    ['?', '-', 'not-met'],
    ['+', '?', null],
    ['?', '?', null],
  ] as const)('%s %s: %s', (one, other, grade) => {
    expect(gradeOf(item, { [list]: one, [ledger]: other })).toBe(grade);
  });

  test('names the parts that would tell', () => {
    expect(bandOf(item, states({ [list]: '+', [ledger]: '?' })).open).toEqual([ledger]);
  });

  test('takes every required part where no band says what it needs', () => {
    const [best] = item.bands;
    expect(best === undefined ? null : needsOf(item, best)).toEqual({ all: [list, ledger] });
    expect(item.bands.slice(1).map((band) => needsOf(item, band))).toEqual([null]);
  });
});

test('bandOf() an item that needs any of its parts is not met only when none can be there', () => {
  const item = itemOf('shenzhen-dbxx', 'digital.compute');
  const known = (one: '+' | '-' | '?', other: '+' | '-' | '?') =>
    gradeOf(item, { 'computing-centre': one, 'storage-centre': other });
  expect([known('-', '+'), known('-', '-'), known('-', '?'), known('?', '+')]).toEqual([
    'met',
    'not-met',
    null,
    'met',
  ]);
});

test('bandOf() an item with a condition does not apply where that is known to be lacking', () => {
  const item = itemOf('tech-park-ops', 'c5.5.3.p');
  const known = (condition: '+' | '-' | '?', plan: '+' | '-' | '?') =>
    gradeOf(item, { applies: condition, requirement: plan });
  expect(known('-', '?')).toBe('not-applicable');
  expect(known('-', '+')).toBe('not-applicable');
  // Where nobody knows whether it applies it does.
  expect([known('?', '+'), known('?', '-'), known('+', '+'), known('+', '?')]).toEqual([
    'met',
    'not-met',
    'met',
    null,
  ]);
});

describe('bandOf() an item of levels', () => {
  const item = itemOf('micro-park-stars', 'services');
  const plan = {
    'gradient-cultivation-plan-for-small-and': '+',
    'work-to-raise-small-companies-above': '+',
  } as const;

  test('finds the highest one all of whose parts are there, counting those that it counts', () => {
    const two = { 'policy-consulting': '+', recruitment: '+' } as const;
    expect(gradeOf(item, { ...plan, ...two })).toBe('level-1');
    const three = { ...two, 'innovation-support': '+' } as const;
    expect(gradeOf(item, { ...plan, ...three })).toBe('level-2');
    // Expert service counts from the third level on only.
    expect(gradeOf(item, { ...plan, ...two, 'expert-service': '+' })).toBe('level-1');
  });

  test('is below the first only when that is known to be out of reach', () => {
    expect(gradeOf(item, { ...plan, 'policy-consulting': '+', recruitment: '?' })).toBeNull();
    const without = { 'gradient-cultivation-plan-for-small-and': '-' } as const;
    expect(gradeOf(item, { ...plan, ...without })).toBe('none');
    const four = [
      'government-affairs-agency',
      'investment-and-financing',
      'recruitment',
      'start-up-coaching',
    ];
    const lacking = Object.fromEntries(four.map((id) => [id, '-' as const]));
    expect(gradeOf(item, { ...plan, 'policy-consulting': '+', ...lacking })).toBe('none');
  });

  test('cannot find a level that asks for what no data tell', () => {
    const all = Object.fromEntries(
      item.functions.map(({ id, proofs }) => [id, proofs === undefined ? '?' : '+'] as const),
    );
    expect(gradeOf(item, all)).toBe('level-3');
  });
});
