import type { Rubric } from '#schemas/rubric.ts';

/**
 * SHA-256 of the canonical text of every rubric that was ever released, so that an edited rubric is seen. A test
 * compares the newest with schemas/rubrics; texts are added here and never taken away once released.
 */
const known: readonly { readonly id: string; readonly edition: string; readonly sha256: string }[] = [
  {
    id: 'chengdu-2021',
    edition: '2021',
    sha256: 'b65950ea99a65f26457bfe4c32b77846e2b5742ef0c5ca737d455807826b88d7',
  },
  {
    id: 'shenzhen-self-2025',
    edition: '2025',
    sha256: '10e02e9fd8626f8d44e494707c04ee4ba741cc4ad17901171982459be51e45ae',
  },
  {
    id: 'shenzhen-dbxx',
    edition: 'undated',
    sha256: '152080078b6260454def0665d14bbe2446073296daeda37a3fe4bfed4c6e6f83',
  },
  {
    id: 'micro-park-stars',
    edition: 'undated',
    sha256: 'abca6276c69743e3d98d35a83db552ae889a0bc43d61a536811c39ff4c9af1da',
  },
  {
    id: 'tech-park-ops',
    edition: 'draft-2023',
    sha256: '091b981e77107788e4dbe315f2478444f488e56b1595a72b255d8a27dcb318d2',
  },
];

export function isKnownRubric({ id, edition }: Rubric, sha256: string): boolean {
  return known.some((entry) => entry.id === id && entry.edition === edition && entry.sha256 === sha256);
}
