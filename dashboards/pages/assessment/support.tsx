import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../app/api.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkText } from '../../app/session.ts';
import { pointsText } from './figures.ts';

/** What other rubrics found by the same evidence: where a person who decides looks first. */
export function Support({ rubricId, item }: { rubricId: string; item: string }) {
  const t = useWords();
  const both = useBilingual();
  const said = useParkText();
  const { data } = useQuery({
    queryKey: [...keys.assessment, rubricId, 'support'],
    queryFn: () => api.support(rubricId),
  });
  const support = data?.items.find((each) => each.item === item)?.support ?? [];
  if (support.length === 0) return null;
  return (
    <>
      <dt>{t('assessment.support')}</dt>
      <dd className="lines">
        {support.map((each) => (
          <div key={`${each.group} ${each.rubricId} ${each.item}`}>
            <Link to={`/assessment/${each.rubricId}`}>{both(each.name)}</Link>{' '}
            <span className="num">
              {each.points === null ? '—' : pointsText(each.points)} / {formatLoose(each.maximum, 2)}
            </span>{' '}
            <span className="soft small">
              {said(each.reason)} · {each.day}
            </span>
          </div>
        ))}
      </dd>
    </>
  );
}
