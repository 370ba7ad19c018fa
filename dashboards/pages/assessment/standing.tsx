import type { Assessment } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { pointsText } from './figures.ts';

type Standing = Assessment['standing'];
type Named = (item: string) => string;

function useNames({ items }: Assessment): Named {
  const both = useBilingual();
  const names = new Map(items.map(({ item, name }) => [item, both(name)]));
  return (item) => names.get(item) ?? item;
}

function Figure({ title, big, hint }: { title: string; big: string; hint?: string | undefined }) {
  return (
    <div className="figure">
      <span className="soft">{title}</span>
      <div className="big">{big}</div>
      {hint === undefined ? null : <span className="soft small">{hint}</span>}
    </div>
  );
}

/** Of levels: the level the park is certain of, and what holds it there. */
export function LevelFigures({ assessment }: { assessment: Assessment }) {
  const t = useWords();
  const nameOf = useNames(assessment);
  const { determined, undetermined, maximum, standing } = assessment;
  const holding = standing.lowest.map(nameOf).join(t('assessment.listComma'));
  return (
    <Panel>
      <div className="figures">
        <Figure
          title={t('assessment.level')}
          big={pointsText(determined)}
          hint={t('assessment.levelOf', { maximum })}
        />
        <Figure
          title={t('assessment.openRows')}
          big={String(undetermined)}
          hint={t('assessment.openRowsHint')}
        />
        <div className="figure">
          <span className="soft">{t('assessment.lowest')}</span>
          <div>{holding === '' ? '—' : holding}</div>
        </div>
      </div>
    </Panel>
  );
}

/** Of requirements: how many are met, not met, open, or do not apply. */
export function RequirementFigures({ counts }: { counts: NonNullable<Standing['counts']> }) {
  const t = useWords();
  const { met, notMet, notApplicable, undetermined, must } = counts;
  const apply = met + notMet + undetermined;
  const width = (part: number) => ({ width: `${apply === 0 ? 0 : (100 * part) / apply}%` });
  return (
    <Panel>
      <div className="figures">
        <Figure
          title={t('assessment.met')}
          big={String(met)}
          hint={t('assessment.mustMet', { met: must.met, of: must.of })}
        />
        <Figure title={t('assessment.notMet')} big={String(notMet)} />
        <Figure
          title={t('assessment.undetermined')}
          big={String(undetermined)}
          hint={t('assessment.undeterminedRequirements')}
        />
        <Figure title={t('assessment.notApplicable')} big={String(notApplicable)} />
      </div>
      <div
        className="share score"
        role="img"
        aria-label={`${t('assessment.met')} ${met}, ${t('assessment.undetermined')} ${undetermined}`}
      >
        <i className="part-main" style={width(met)} />
        <i className="part-open" style={width(undetermined)} />
      </div>
    </Panel>
  );
}

const vetoWords = {
  clear: 'assessment.vetoClear',
  occurred: 'assessment.vetoOccurred',
  undetermined: 'assessment.vetoOpen',
} as const satisfies Record<Standing['vetoes'][number]['state'], string>;

/** Grade and vetoes, where the document has them. */
export function GradePanel({ standing }: { standing: Standing }) {
  const t = useWords();
  const both = useBilingual();
  const { grade, vetoes } = standing;
  if (grade === null && vetoes.length === 0) return null;
  const shown = (name: NonNullable<Standing['grade']>['certain']) =>
    name === null ? t('assessment.noGrade') : both(name);
  return (
    <Panel title={t('assessment.gradeTitle')}>
      <dl className="facts">
        {grade === null ? null : (
          <>
            <dt>{t('assessment.gradeCertain')}</dt>
            <dd>
              <b>{shown(grade.certain)}</b>
            </dd>
            <dt>{t('assessment.gradePossible')}</dt>
            <dd>{shown(grade.possible)}</dd>
          </>
        )}
        {vetoes.map(({ item, name, state }) => (
          <div key={item} style={{ display: 'contents' }}>
            <dt>
              {t('assessment.veto')} · {both(name)}
            </dt>
            <dd>
              <span className={state === 'occurred' ? 'tag alert' : state === 'clear' ? '' : 'soft'}>
                {t(vetoWords[state])}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
