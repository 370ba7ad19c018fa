import type { Rubric } from '#schemas/rubric.ts';

/**
 * SHA-256 of the canonical text of every rubric that was ever released, so that an edited rubric is seen. A test
 * compares the newest with schemas/rubrics; texts are added here and never taken away once released.
 */
const known: readonly { readonly id: string; readonly edition: string; readonly sha256: string }[] = [
  {
    id: 'chengdu-2021',
    edition: '2021',
    sha256: '67ed1ff84d7551876f79529f2d04796d027ed7f0b581e7c78e55cac92d9af81a',
  },
  {
    id: 'shenzhen-self-2025',
    edition: '2025',
    sha256: '210d6b1097fbb1f95445b98c3dfab5b9fd505763a50037b0e98ded13e7bffabd',
  },
  {
    id: 'shenzhen-dbxx',
    edition: 'undated',
    sha256: '105ea70a02656da8ffa56339633cb85b2b14c6b5908862811085ce617c9880f4',
  },
  {
    id: 'micro-park-stars',
    edition: 'undated',
    sha256: '354f7125c5f0e67bab92cb71a7f180e0daeee69cdb0cc6bb5e33efd962562f10',
  },
  {
    id: 'tech-park-ops',
    edition: 'draft-2023',
    sha256: '054cf0a212615be4369fd7e4ba6810226630dba2fbf719bf608f9979c6236396',
  },
];

export function isKnownRubric({ id, edition }: Rubric, sha256: string): boolean {
  return known.some((entry) => entry.id === id && entry.edition === edition && entry.sha256 === sha256);
}
