import type { FoundProof } from './rubric-proof.ts';
import type { RecordRule } from './rubric-records.ts';
import type { Rubric, RubricItem } from './rubric.ts';

/** The registers that a rule reads. */
function registersOf(rule: RecordRule): string[] {
  return rule.kind === 'services' ? ['service', 'service-case'] : [rule.register];
}

const isFound = (proof: { readonly kind: string }): proof is FoundProof => proof.kind === 'found';

/** The registers that an item is measured by, each once: by its own rule, or by what proves its parts. */
export function registersOfItem({ records, functions }: RubricItem): string[] {
  const found = functions.flatMap(({ proofs = [] }) => proofs.filter(isFound));
  return [
    ...new Set([
      ...(records === undefined ? [] : registersOf(records)),
      ...found.flatMap((proof) => [
        ...(proof.records === undefined ? [] : registersOf(proof.records)),
        ...(proof.given === undefined ? [] : [proof.given.register]),
      ]),
    ]),
  ];
}

/** Items that are measured by a register, by rubric. */
export function servedItems(rubrics: Iterable<Rubric>, register: string): Record<string, string[]> {
  const served: Record<string, string[]> = {};
  for (const { id, items } of rubrics) {
    const own = items.filter((item) => registersOfItem(item).includes(register)).map((item) => item.id);
    if (own.length > 0) served[id] = own;
  }
  return served;
}
