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
    sha256: '6e8b65dc093e2e75a411ed0eaba1afb37ec847c1e3687939af8129499373611d',
  },
  {
    id: 'shenzhen-dbxx',
    edition: 'undated',
    sha256: 'b458de395090c491477f951f1281dacb8505e35fdac329acf926ef34ba5d863a',
  },
  {
    id: 'micro-park-stars',
    edition: 'undated',
    sha256: '4e4e437747004bbdf28ef21bb2395bf55bfd38b18a83d54bcc31d59f364461b9',
  },
  {
    id: 'tech-park-ops',
    edition: 'draft-2023',
    sha256: 'dc994aa667908d6dbcf2e1b003e38dbca3dbae77f5a8be78b3f093d2a8e7a168',
  },
];

export function isKnownRubric({ id, edition }: Rubric, sha256: string): boolean {
  return known.some((entry) => entry.id === id && entry.edition === edition && entry.sha256 === sha256);
}
