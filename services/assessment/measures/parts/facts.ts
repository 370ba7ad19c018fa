import type { Coverage, FoundMeasure, FoundProof } from '#schemas/rubric-proof.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import type { Facts } from '../../measure.ts';
import type { FunctionsFacts } from '../functions/facts.ts';

/** What is known of the parts of an item: as of functions, and what other measures collected. */
export interface PartsFacts extends FunctionsFacts {
  /** What other measures look at, each once; the places are named in `found`. */
  readonly inputs: readonly Facts[];
  /** Of each part and each of its proofs of the kind `found`, in their order. */
  readonly found: readonly {
    readonly part: string;
    /** Place in `inputs` of what the measure looks at. */
    readonly input: number;
    /** Place in `inputs` of the records that `given` asks for; null where it asks for none. */
    readonly given: number | null;
  }[];
}

export const isFoundProof = (proof: { readonly kind: string }): proof is FoundProof => proof.kind === 'found';

/** A measure, and the item as it sees it: with the parameter of the proof and nothing else to go by. */
export interface FoundQuestion {
  readonly measure: FoundMeasure;
  readonly item: RubricItem;
}

/** What the proof asks of its measure. */
export function questionOf(item: RubricItem, proof: FoundProof): FoundQuestion {
  const { measure, coverage, registry, records } = proof;
  return { measure, item: narrowed(item, { coverage, registry, records }) };
}

/** What `given` asks: how many records of the register say so; null where the proof holds for every park. */
export function givenOf(item: RubricItem, { given }: FoundProof): FoundQuestion | null {
  if (given === undefined) return null;
  const { register, where } = given;
  const records = { kind: 'count', register, where, unit: 'cases' } as const;
  return { measure: 'records', item: narrowed(item, { records }) };
}

interface Parameters {
  readonly coverage?: Coverage | undefined;
  readonly registry?: RubricItem['registry'];
  readonly records?: RubricItem['records'];
}

function narrowed(item: RubricItem, { coverage, registry, records }: Parameters): RubricItem {
  const { coverage: _coverage, registry: _registry, records: _records, ...rest } = item;
  return {
    ...rest,
    bands: [],
    functions: [],
    ...(coverage === undefined ? {} : { coverage }),
    ...(registry === undefined ? {} : { registry }),
    ...(records === undefined ? {} : { records }),
  };
}
