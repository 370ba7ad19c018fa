import { useQuery } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { useBilingual } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';

/** Names of sections and indicators of a rubric in the chosen language; the id where none is known. */
export function useRubricNames(rubricId: string): (id: string) => string {
  const both = useBilingual();
  const { data } = useQuery({ queryKey: keys.rubrics, queryFn: api.rubrics });
  const sections = data?.items.find(({ id }) => id === rubricId)?.sections ?? [];
  const headings = sections.flatMap((section) => [section, ...section.indicators]);
  return (id) => {
    const name = headings.find((each) => each.id === id)?.name;
    return name === undefined ? id : both(name);
  };
}
