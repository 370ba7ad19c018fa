import { expect, test } from 'vitest';
import { basesOf } from '#schemas/rubric-basis.ts';
import { foundMeasures } from '#schemas/rubric-proof.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { readText } from '#test/kit/tree.ts';

const page = readText('docs/measures.md');

test('docs/measures.md tells every measure, in the version that is computed, and no other', () => {
  const told = [...page.matchAll(/^## `([a-z-]+)` version (\d+)$/gm)].map(([, id, version]) => [
    id,
    Number(version),
  ]);
  const known = [...derivations.values()].map(({ id, version }) => [id, version]);
  expect(told.toSorted()).toEqual(known.toSorted());
  for (const [id] of told) {
    const [, section = ''] = page.split(`## \`${id}\` version`);
    expect(section.split('\n## ')[0], `${id} says what it lacks`).toContain('nsufficient');
  }
  for (const id of foundMeasures) expect(derivations.has(id)).toBe(true);
});

test('docs/measures.md tells on what each rubric rests', () => {
  for (const rubric of scoredRubrics.values()) {
    const { measured, exercised, recorded, attested } = basesOf(rubric);
    expect(page).toContain(`| ${rubric.id} | ${measured} | ${exercised} | ${recorded} | ${attested} |`);
  }
});
