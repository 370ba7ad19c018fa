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
    sha256: '346490b64fd7c179a54e8c8cf6e2c1c18673878188318880159b100aba520261',
  },
  {
    id: 'tech-park-ops',
    edition: 'draft-2023',
    sha256: '895a2e8030e200d24898bc388e8dae71de394b03d0ac9eeb2e9f7269eb311239',
  },
];

export function isKnownRubric({ id, edition }: Rubric, sha256: string): boolean {
  return known.some((entry) => entry.id === id && entry.edition === edition && entry.sha256 === sha256);
}
