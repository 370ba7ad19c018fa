import { Link } from 'react-router';
import type { AssessedItem } from '#schemas/api/assessment.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';

/** Items of other rubrics that the same evidence serves, with what that evidence is. */
export function SharedEvidence({
  shared,
  period,
}: {
  shared: AssessedItem['shared'];
  period: { readonly from: string; readonly to: string };
}) {
  const t = useWords();
  const both = useBilingual();
  if (shared.length === 0) return null;
  const search = new URLSearchParams(period).toString();
  const groups = [...Map.groupBy(shared, ({ group }) => group).values()];
  return (
    <Panel title={t('assessor.sharedEvidence')}>
      <div className="lines">
        {groups.map((group) => (
          <div key={group[0]?.group}>
            <div className="soft small">{group[0] === undefined ? '' : both(group[0].evidence)}</div>
            <div className="row wrap">
              {group.map(({ rubricId, item, name }) => (
                <Link key={`${rubricId}/${item}`} to={`/assessment/${rubricId}/items/${item}?${search}`}>
                  {both(name)} <span className="mono soft small">{rubricId}</span>
                </Link>
              ))}
            </div>
          </div>
        ))}
      </div>
    </Panel>
  );
}
