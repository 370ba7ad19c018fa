import { useQuery } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { Panel } from '../../components/page.tsx';

/** What the document as a whole leaves open, so that nobody takes our reading for its words. */
export function OpenQuestions({ rubricId }: { rubricId: string }) {
  const t = useWords();
  const both = useBilingual();
  const { data } = useQuery({ queryKey: keys.rubrics, queryFn: api.rubrics });
  const questions = data?.items.find(({ id }) => id === rubricId)?.openQuestions ?? [];
  if (questions.length === 0) return null;
  return (
    <Panel title={t('assessment.openQuestions')}>
      <div className="lines">
        {questions.map((question) => (
          <div key={question.en}>{both(question)}</div>
        ))}
      </div>
    </Panel>
  );
}
