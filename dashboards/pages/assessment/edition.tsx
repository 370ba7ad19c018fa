import { useWords } from '../../app/i18n.ts';

/** What rubrics without a date have in its place. */
const undated = 'undated';

/** The edition of a rubric. */
export function Edition({ edition }: { edition: string }) {
  const t = useWords();
  return (
    <span className="tag">
      {edition === undated ? t('assessment.undated') : t('assessment.edition', { edition })}
    </span>
  );
}
