import { expect, test } from 'vitest';
import type { EvidenceBody } from '#services/assessment/evidence-body.ts';
import {
  functionTexts,
  reasonText,
  reportModel,
  type PackRecord,
} from '#services/assessment/pack/report-content.ts';
import { rubrics } from '#schemas/rubrics/index.ts';

const rubric = rubrics.get('chengdu-2021');
if (rubric === undefined) throw new Error('no rubric');

/** What the report reads of a body. */
function record(seq: number, told: object): PackRecord {
  const body = {
    demo: false,
    period: { from: '2026-10-31T16:00:00.000Z', to: '2026-11-30T16:00:00.000Z', timeZone: 'Asia/Shanghai' },
    ...told,
  } as unknown as EvidenceBody;
  return { seq, text: '', body };
}

const score = (item: string, min: number, max: number, basis = 'attested') => ({
  item,
  points: { min, max },
  conventionPoints: null,
  basis,
  verdict: 'sufficient',
  reason: { zh: '认定为：较为清楚', en: 'Found: fairly clear' },
});

test('reasonText() dates a decision by the park’s day, not by the one of UTC', () => {
  const { body } = record(1, {
    item: 'org.body',
    score: score('org.body', 10, 19),
    decided: { points: 15.5, by: 'wang', at: '2026-11-21T16:15:00.000Z', reason: '职责' },
  });
  expect(reasonText(body).zh).toContain('wang 于 2026-11-22 裁定 15.5 分');
  expect(reasonText(body).en).toContain('decided by wang on 2026-11-22 at 15.5 points');
});

test('functionTexts() names each function before what proves it, with instants in the park’s time', () => {
  const reason = {
    zh: '自 2025-11-30T16:00:00.000Z 起没有记录',
    en: 'Nothing since 2025-11-30T16:00:00.000Z',
  };
  const told = functionTexts(
    record(1, {
      item: 'operation.property.elevator',
      measurement: { functions: [{ id: 'monitoring', state: 'missing', reason }] },
    }),
    rubric,
  );
  expect(told).toEqual([
    {
      state: 'missing',
      text: {
        zh: '运行状态实时监控：自 2025-12-01 起没有记录',
        en: 'live state monitoring: Nothing since 2025-12-01',
      },
    },
  ]);
});

test('reportModel() sums what points rest on as ranges, a decided item at what was decided', () => {
  const { bases, total } = reportModel({
    park: 'demo',
    rubric,
    records: [
      record(1, { item: 'org.rules', score: score('org.rules', 10, 19) }),
      record(2, {
        item: 'org.body',
        score: score('org.body', 10, 19),
        decided: { points: 15.5, by: 'wang', at: '2026-11-21T16:15:00.000Z', reason: '职责' },
      }),
      record(3, { item: 'org.training', score: score('org.training', 4, 9, 'recorded') }),
    ],
    head: { journal: 'evidence', seq: 3, hash: '', time: '', keyId: '', signature: '' },
    exportedAt: '2026-11-30T16:00:00.000Z',
    program: 'test',
  });
  expect(bases).toEqual([
    { basis: 'attested', points: { min: 25.5, max: 34.5 } },
    { basis: 'recorded', points: { min: 4, max: 9 } },
  ]);
  // 10 + 15.5 + 4 to 19 + 15.5 + 9
  expect(total.determined).toEqual({ min: 29.5, max: 43.5 });
});
