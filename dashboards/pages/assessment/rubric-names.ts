import { useQuery } from '@tanstack/react-query';
import type { Bilingual } from '#schemas/device-class.ts';
import { useBilingual } from '../../app/i18n.ts';

interface NamedSection {
  readonly id: string;
  readonly name: Bilingual;
  readonly indicators: readonly { readonly id: string; readonly name: Bilingual }[];
}

/** Only the headings of each document; its items come from the API. */
const documents = import.meta.glob<readonly NamedSection[]>('#schemas/rubrics/*.json', {
  import: 'sections',
});

/** Names of sections and indicators of a rubric in the chosen language; the id where none is known. */
export function useRubricNames(rubricId: string): (id: string) => string {
  const both = useBilingual();
  const { data } = useQuery({
    queryKey: ['rubric-names', rubricId],
    queryFn: async () => {
      const path = Object.keys(documents).find((each) => each.endsWith(`/${rubricId}.json`));
      const sections = (path === undefined ? undefined : await documents[path]?.()) ?? [];
      return sections.flatMap((section) => [section, ...section.indicators]);
    },
    staleTime: Infinity,
  });
  return (id) => {
    const name = data?.find((each) => each.id === id)?.name;
    return name === undefined ? id : both(name);
  };
}
