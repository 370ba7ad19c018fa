import type { Rubric } from '#schemas/rubric.ts';

/**
 * SHA-256 of the canonical text of every rubric that was ever released, so that an edited rubric is seen. A test
 * compares the newest with schemas/rubrics; texts are added here and never taken away once released.
 */
const known: readonly { readonly id: string; readonly edition: string; readonly sha256: string }[] = [
  {
    id: 'chengdu-2021',
    edition: '2021',
    sha256: 'a236f6a765279160958a132285ebc1ab445eb7583734866046f948375d18d0dc',
  },
  {
    id: 'shenzhen-self-2025',
    edition: '2025',
    sha256: 'c95aca22e118399f3fcf9fb326b40e28efcfc56c242d0140f2b25615fc56270c',
  },
  {
    id: 'shenzhen-dbxx',
    edition: 'undated',
    sha256: 'f876b44f4f930aa2c18572ca883dd78ced2390d7d0b0542fa814a93c74ee4dff',
  },
];

export function isKnownRubric({ id, edition }: Rubric, sha256: string): boolean {
  return known.some((entry) => entry.id === id && entry.edition === edition && entry.sha256 === sha256);
}
