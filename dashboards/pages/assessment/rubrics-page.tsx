import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { Edition } from './edition.tsx';
import { EvidenceList } from './evidence-list.tsx';

const formWords = {
  points: 'assessment.formPoints',
  levels: 'assessment.formLevels',
  requirements: 'assessment.formRequirements',
} as const;

const bases = ['measured', 'exercised', 'recorded', 'attested'] as const;

/** The scoring documents this park can be held against. */
export function RubricsPage() {
  const t = useWords();
  const both = useBilingual();
  const query = useQuery({ queryKey: keys.rubrics, queryFn: api.rubrics });
  return (
    <Page title={t('assessment.title')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('assessment.noRubrics')} />
          ) : (
            <>
              {items.map((rubric) => (
                <Panel
                  key={rubric.id}
                  title={<Link to={`/assessment/${rubric.id}`}>{both(rubric.title)}</Link>}
                >
                  <div className="row wrap">
                    <Edition edition={rubric.edition} />
                    <span className="tag">{t(formWords[rubric.form])}</span>
                    <span className="num">
                      {rubric.form === 'points' ? (
                        <>
                          {t('assessment.maximum')} <b>{rubric.maximum}</b>
                        </>
                      ) : (
                        <b>{t(`assessment.${rubric.form}`, { maximum: rubric.maximum })}</b>
                      )}
                    </span>
                    <span className="soft num">
                      {t('assessment.items', { items: rubric.items, measured: rubric.measured })}
                    </span>
                    {bases.map((basis) => (
                      <span key={basis} className="soft num">
                        {t(`assessment.${basis}`)} <b>{rubric.bases[basis]}</b>
                      </span>
                    ))}
                  </div>
                </Panel>
              ))}
            </>
          )
        }
      </Loaded>
      <EvidenceList />
    </Page>
  );
}
