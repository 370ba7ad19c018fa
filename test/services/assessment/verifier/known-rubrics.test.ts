import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { canonical } from '#services/assessment/verifier/canonical.ts';
import { isKnownRubric } from '#services/assessment/verifier/known-rubrics.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('the verifier knows the text of every rubric of this release, and no edited one', () => {
  for (const rubric of scoredRubrics.values()) {
    const hash = sha256(canonical(rubric));
    expect(isKnownRubric(rubric, hash), `put ${hash} into known-rubrics.ts for ${rubric.id}`).toBe(true);
    expect(isKnownRubric(rubric, sha256(canonical({ ...rubric, points: 400 })))).toBe(false);
  }
});
