import type { PartProof } from './rubric-proof.ts';
import type { Basis, RequiredFunction, Rubric } from './rubric.ts';

/** From what needs nobody's word to what is nothing else. */
const strongestFirst = ['measured', 'exercised', 'recorded', 'attested'] as const satisfies readonly Basis[];

/** On what a proof rests. */
export function proofBasis(proof: PartProof): Basis {
  switch (proof.kind) {
    case 'live':
    case 'state':
    case 'due':
      return 'measured';
    case 'found':
      return proof.measure === 'records' || proof.given !== undefined ? 'recorded' : 'measured';
    default:
      return 'exercised';
  }
}

const weakest = (all: readonly Basis[]): Basis =>
  strongestFirst.findLast((basis) => all.includes(basis)) ?? 'attested';

/** On what an item rests that is made of parts: the weakest thing that any of its parts may be proved by. */
export function partsBasis(functions: readonly RequiredFunction[]): Basis {
  return weakest(functions.flatMap(({ proofs = [] }) => proofs.map(proofBasis)));
}

/** On what the points of a rubric rest, item by item; where levels are reached it is the number of items. */
export function basesOf({ form, items }: Rubric): Record<Basis, number> {
  const bases = { measured: 0, exercised: 0, recorded: 0, attested: 0 };
  for (const { basis, points } of items) bases[basis] += form === 'levels' ? 1 : points;
  return bases;
}
