import type { TableColumnsType } from 'antd';
import { Table } from 'antd';
import { Link, useParams } from 'react-router';
import type { Assessment, AssessmentItem } from '../../app/api.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import type { Section } from './figures.ts';
import { pointsText } from './figures.ts';
import { Support } from './support.tsx';

/** Why an item scores what it scores, and what we chose where the document is silent. */
function Reason({ item }: { item: AssessmentItem }) {
  const { rubricId = '' } = useParams();
  const t = useWords();
  const both = useBilingual();
  return (
    <dl className="facts">
      <dt>{t('common.reason')}</dt>
      <dd>{both(item.reason)}</dd>
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
            <div className="soft small">{both(item.computed.reason)}</div>
          </dd>
        </>
      )}
      {item.convention === null ? null : (
        <>
          <dt>{t('assessment.convention')}</dt>
          <dd>{both(item.convention)}</dd>
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

function PointsCell({ item }: { item: AssessmentItem }) {
  const t = useWords();
  return (
    <div className="num">
      <b>{item.points === null ? t('assessment.undetermined') : pointsText(item.points)}</b>
      <span className="soft"> / {formatLoose(item.maximum, 2)}</span>
      {item.conventionPoints === null ? null : (
        <div className="soft small">
          {t('assessment.conventionPoints', { points: formatLoose(item.conventionPoints, 2) })}
        </div>
      )}
    </div>
  );
}

function useColumns(nameOf: (id: string) => string): TableColumnsType<AssessmentItem> {
  const t = useWords();
  const both = useBilingual();
  return [
    {
      title: t('assessment.item'),
      key: 'item',
      render: (_, item) => (
        <>
          <div>{both(item.name)}</div>
          <span className="soft small">
            {nameOf(item.indicator)} · <span className="mono">{item.item}</span>
          </span>
        </>
      ),
    },
    {
      title: t('assessment.points'),
      key: 'points',
      width: '16%',
      align: 'right',
      render: (_, item) => <PointsCell item={item} />,
    },
    {
      title: t('assessment.basis'),
      key: 'basis',
      width: '10%',
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
      width: '11%',
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
      width: '13%',
      align: 'right',
      render: (_, item) => (
        <div className="value num">
          <b>{item.value === null ? '—' : formatLoose(item.value, 2)}</b>
          {item.value === null ? null : <span className="unit">{unitSign(item.unit)}</span>}
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
      width: '11%',
      render: (_, item) =>
        item.evidenceId === null ? (
          <span className="soft">—</span>
        ) : (
          <Link to={`/evidence/${item.evidenceId}`}>{t('assessment.openEvidence')}</Link>
        ),
    },
  ];
}

interface SectionPanelProps {
  readonly section: Section;
  /** Those of its items that the filter leaves; the figures are of all. */
  readonly shown: readonly AssessmentItem[];
  readonly nameOf: (id: string) => string;
  /** Levels are not added up, and requirements are no points. */
  readonly form: Assessment['standing']['form'];
}

/** The items of one section; a row opens to its reason. */
export function SectionPanel({ section, shown, nameOf, form }: SectionPanelProps) {
  const t = useWords();
  const columns = useColumns(nameOf);
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
      <Table<AssessmentItem>
        size="small"
        rowKey="item"
        pagination={false}
        dataSource={[...shown]}
        columns={columns}
        expandable={{
          expandRowByClick: true,
          expandedRowRender: (item) => <Reason item={item} />,
        }}
      />
    </Panel>
  );
}
