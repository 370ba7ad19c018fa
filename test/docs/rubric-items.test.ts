import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PartProof } from '#schemas/rubric-proof.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { root } from '#test/kit/tree.ts';

const short = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/"([a-zA-Z][\w-]*)":/g, '$1: ')
    .replaceAll('"', '')
    .replaceAll(',', ', ')
    .replaceAll('|', '/');

function proofText({ kind, ...proof }: PartProof): string {
  if (kind !== 'found') return `\`${kind}\` ${short(proof)}`;
  const { measure, ...rest } = proof as { measure: string };
  return `\`${measure}\` ${short(rest)}`;
}

function partLines({ functions, bands }: RubricItem): string[] {
  const needs = bands.flatMap((band) =>
    band.needs === undefined ? [] : [`${band.id}: ${short(band.needs)}`],
  );
  const parts = functions
    .filter(({ proofs }) => proofs !== undefined)
    .map(({ id, role, proofs = [] }) => {
      const marked = role === 'required' ? id : `${id} (${role})`;
      return `${marked}: ${proofs.map(proofText).join(' or ')}`;
    });
  return [...parts, ...needs.map((text) => `needs of ${text}`)];
}

function itemLine(item: RubricItem): string {
  const { coverage, records, sharedKey } = item;
  const own = [
    ...(coverage === undefined ? [] : [short(coverage)]),
    ...(records === undefined ? [] : [short(records)]),
    ...(sharedKey === undefined ? [] : [`shared: ${sharedKey}`]),
    ...partLines(item),
  ];
  return `| ${item.id} | ${item.name.zh} | ${item.measure} | ${item.basis} | ${own.join('<br>')} |`;
}

/** The page as it has to be. */
function page(): string {
  const rubrics = [...scoredRubrics.values()].map(
    ({ id, title, items }) =>
      `## ${id}\n\n${title.zh} / ${title.en}\n\n| item | name | measure | basis | by what |\n| --- | --- | --- | --- | --- |\n${items.map(itemLine).join('\n')}\n`,
  );
  return `# What every item is measured by\n\nMade from the rubrics (\`vitest run --project parkwatch test/docs/rubric-items.test.ts -u\`); [measures.md](measures.md) says what the\nmeasures and proofs mean. \`windowDays\` are days before the end of the period; events come from the classes named.\n\n${rubrics.join('\n')}`;
}

test('docs/rubric-items.md tells every item of every rubric as it is measured', async () => {
  await expect(page()).toMatchFileSnapshot(join(root, 'docs/rubric-items.md'));
});
