import type { TableColumnsType } from 'antd';
import { Table } from 'antd';
import { Link, useParams } from 'react-router';
import type { Assessment, AssessmentItem } from '../../app/api.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useParkText } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { requirementBands } from '#schemas/rubric-forms.ts';
import type { QuestionCounts } from '#schemas/api/questions.ts';
import type { Section } from './figures.ts';
import { indicatorsOf, pointsText } from './figures.ts';
import { useUnit } from './units.ts';
import { Support } from './support.tsx';

/** Why an item scores what it scores, and what we chose where the document is silent. */
export function Reason({ item }: { item: AssessmentItem }) {
  const { rubricId = '' } = useParams();
  const t = useWords();
  const both = useBilingual();
  const said = useParkText();
  return (
    <dl className="facts">
      <dt>{t('common.reason')}</dt>
      <dd>{said(item.reason)}</dd>
      {item.computed === null ? null : (
        <>
          <dt>{t('claim.computed')}</dt>
          <dd>
            {t('claim.computedHint', {
              points:
                item.computed.points === null
                  ? t('assessment.undetermined')
                  : t('claim.points', { points: pointsText(item.computed.points) }),
            })}
            <div className="soft small">{said(item.computed.reason)}</div>
          </dd>
        </>
      )}
      {item.convention === null ? null : (
        <>
          <dt>{t('assessment.convention')}</dt>
          <dd>{both(item.convention)}</dd>
        </>
      )}
      {item.openQuestions.length === 0 ? null : (
        <>
          <dt>{t('assessment.openQuestions')}</dt>
          <dd>
            {item.openQuestions.map((question) => (
              <div key={question.en}>{both(question)}</div>
            ))}
          </dd>
        </>
      )}
      <dt>{t('assessment.clause')}</dt>
      <dd>{item.clause}</dd>
      <dt>{t('claim.title')}</dt>
      <dd>
        <Link to={`/claims?rubric=${rubricId}&item=${item.item}`}>{t('claim.go')}</Link>
      </dd>
      <dt>{t('assessment.evidence')}</dt>
      <dd>
        {item.evidenceId === null ? (
          <span className="soft">
            {t('assessment.noEvidence')}
            {item.verdict === 'missing' ? '' : ` · ${t('assessment.storeFirst')}`}
          </span>
        ) : (
          <Link to={`/evidence/${item.evidenceId}`}>{t('assessment.openEvidence')}</Link>
        )}
      </dd>
      <Support rubricId={rubricId} item={item.item} />
    </dl>
  );
}

type Form = Assessment['standing']['form'];

/** What the rubric calls that which an item earns. */
export const earnedWords = {
  points: 'assessment.points',
  levels: 'assessment.itemLevel',
  requirements: 'assessment.itemResult',
} as const;

/** Points as computed, a level, or what became of a requirement; and what an assessor decided beside them. */
export function PointsCell({ item, form }: { item: AssessmentItem; form: Form }) {
  const t = useWords();
  const { decision } = item;
  const isRequirement = form === 'requirements';
  return (
    <div className="num">
      <b>
        {item.points === null
          ? t('assessment.undetermined')
          : isRequirement
            ? t(requirementWord(item))
            : pointsText(item.points)}
      </b>
      {isRequirement ? null : <span className="soft"> / {formatLoose(item.maximum, 2)}</span>}
      {item.conventionPoints === null ? null : (
        <div className="soft small">
          {t('assessment.conventionPoints', { points: formatLoose(item.conventionPoints, 2) })}
        </div>
      )}
      {decision === null ? null : (
        <div className={decision.counts ? 'small' : 'soft small'} data-testid="decided">
          {t(decision.counts ? 'assessor.decided' : 'assessor.decidedOut', {
            by: decision.by,
            points: formatLoose(decision.points, 2),
          })}
        </div>
      )}
    </div>
  );
}

function requirementWord({ points, band }: AssessmentItem) {
  if (band === requirementBands.notApplicable) return 'assessment.notApplicable';
  return points !== null && points.max > 0 ? 'assessment.met' : 'assessment.notMet';
}

function QuestionMark({ counts }: { counts: QuestionCount | undefined }) {
  const t = useWords();
  if (counts === undefined) return null;
  return (
    <span className={counts.open > 0 ? 'tag alert' : 'tag'} data-testid="questions">
      {counts.open > 0
        ? t('assessor.openCount', { open: counts.open })
        : t('assessor.allClosed', { of: counts.of })}
    </span>
  );
}

function useColumns({ rubricId, search, questions }: Sheet, form: Form): TableColumnsType<AssessmentItem> {
  const t = useWords();
  const both = useBilingual();
  const unitOf = useUnit();
  return [
    {
      title: t('assessment.item'),
      key: 'item',
      render: (_, item) => (
        <>
          <div>
            <Link
              to={`/assessment/${rubricId}/items/${item.item}?${search}`}
              onClick={(event) => event.stopPropagation()}
            >
              {both(item.name)}
            </Link>{' '}
            <QuestionMark counts={questions.get(item.item)} />
          </div>
          <span className="soft small mono">{item.item}</span>
        </>
      ),
    },
    {
      title: t(earnedWords[form]),
      key: 'points',
      width: '16%',
      align: 'right',
      render: (_, item) => <PointsCell item={item} form={form} />,
    },
    {
      title: t('assessment.basis'),
      key: 'basis',
      width: '9%',
      render: (_, item) => (
        <>
          <span className={item.basis === 'missing' ? 'soft' : ''}>{t(`assessment.${item.basis}`)}</span>
          {item.computed === null ? null : (
            <div className="soft small">
              {t('claim.computed')} {item.computed.points === null ? '—' : pointsText(item.computed.points)}
            </div>
          )}
        </>
      ),
    },
    {
      title: t('assessment.verdict'),
      key: 'verdict',
      width: '10%',
      render: (_, item) => (
        <span
          className={item.verdict === 'insufficient' ? 'tag alert' : item.verdict === 'missing' ? 'soft' : ''}
        >
          {t(`assessment.${item.verdict}`)}
        </span>
      ),
    },
    {
      title: t('assessment.value'),
      key: 'value',
      width: '15%',
      align: 'right',
      render: (_, item) => (
        <div className="value num">
          <b>{item.value === null ? '—' : formatLoose(item.value, 2)}</b>
          {item.value === null ? null : <span className="unit">{unitOf(item.unit)}</span>}
          {item.completeness === null ? null : (
            <div className="soft small">
              {t('assessment.completeness')} {formatLoose(item.completeness * 100, 1)} %
            </div>
          )}
        </div>
      ),
    },
    {
      title: t('assessment.evidence'),
      key: 'evidence',
      width: '12%',
      render: (_, item) =>
        item.evidenceId === null ? (
          <span className="soft">—</span>
        ) : (
          <Link to={`/evidence/${item.evidenceId}`}>{t('assessment.openEvidence')}</Link>
        ),
    },
  ];
}

type QuestionCount = QuestionCounts['items'][number];

/** What the whole sheet is about. */
interface Sheet {
  readonly rubricId: string;
  /** The period, as the query of a link. */
  readonly search: string;
  readonly questions: ReadonlyMap<string, QuestionCount>;
}

interface SectionPanelProps {
  readonly sheet: Sheet;
  readonly section: Section;
  /** Those of its items that the filter leaves; the figures are of all. */
  readonly shown: readonly AssessmentItem[];
  readonly nameOf: (id: string) => string;
  /** Levels are not added up, and requirements are no points. */
  readonly form: Form;
}

function IndicatorHead({
  name,
  sums,
  form,
}: {
  name: string;
  sums: Section | undefined;
  form: SectionPanelProps['form'];
}) {
  const t = useWords();
  return (
    <h3 className="row">
      <span className="grow">{name}</span>
      {sums === undefined || form === 'levels' ? null : (
        <span className="num">
          {pointsText(sums.determined)}{' '}
          <span className="soft">
            / {formatLoose(sums.maximum, 2)}
            {sums.undetermined === 0
              ? null
              : ` · ${t('assessment.undetermined')} ${formatLoose(sums.undetermined, 2)}`}
          </span>
        </span>
      )}
    </h3>
  );
}

/** The items of one section by indicator, as the rubric prints them; a row opens to its reason. */
export function SectionPanel({ section, shown, nameOf, form, sheet }: SectionPanelProps) {
  const t = useWords();
  const columns = useColumns(sheet, form);
  // Where a section is one indicator of the same name, the name stands once.
  const isSame = indicatorsOf(section.items).length === 1;
  const all = new Map(indicatorsOf(section.items).map((indicator) => [indicator.id, indicator]));
  return (
    <Panel
      title={nameOf(section.id)}
      actions={
        form === 'levels' ? null : (
          <span className="num">
            <b>{pointsText(section.determined)}</b>{' '}
            <span className="soft">
              {form === 'points'
                ? t('assessment.outOf', { maximum: formatLoose(section.maximum, 2) })
                : `/ ${section.maximum}`}{' '}
              · {t('assessment.undetermined')} {formatLoose(section.undetermined, 2)}
            </span>
          </span>
        )
      }
    >
      {indicatorsOf(shown).map(({ id, items }, index) => (
        <div key={id} className="indicator">
          {isSame && nameOf(id) === nameOf(section.id) ? null : (
            <IndicatorHead name={nameOf(id)} sums={all.get(id)} form={form} />
          )}
          <Table<AssessmentItem>
            size="small"
            rowKey="item"
            tableLayout="fixed"
            pagination={false}
            showHeader={index === 0}
            dataSource={[...items]}
            columns={columns}
            expandable={{
              expandRowByClick: true,
              expandedRowRender: (item) => <Reason item={item} />,
            }}
          />
        </div>
      ))}
    </Panel>
  );
}
