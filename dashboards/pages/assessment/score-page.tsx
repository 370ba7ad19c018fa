import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Segmented, Switch } from 'antd';
import { Link, useParams } from 'react-router';
import { assessors, deciders, engineers } from '#schemas/roles.ts';
import type { Assessment } from '../../app/api.ts';
import { api, evidencePackUrl } from '../../app/api.ts';
import { assessorApi } from '../../app/assessor-api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { useNotify } from '../../components/notify.ts';
import { Page, Panel } from '../../components/page.tsx';
import { PeriodPicker } from '../../components/period-picker.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { basisShares, lostPoints, pointsText, sectionsOf, shares } from './figures.ts';
import { Edition } from './edition.tsx';
import { SignOffButton, SignOffPanel } from './sign-off.tsx';
import { defaultDays, useNamedPeriod, type Period } from './period.ts';
import { useRubricNames } from './rubric-names.ts';
import { OpenQuestions } from './open-questions.tsx';
import { SectionPanel } from './score-table.tsx';
import { GradePanel, LevelFigures, RequirementFigures } from './standing.tsx';

const presets = [1, 7, 30, 90] as const;
const names = ['days', 'from', 'to', 'measured'] as const;

/** What the document makes of its items: points, a level, or requirements that are met. */
function Figures({ assessment }: { assessment: Assessment }) {
  const { standing } = assessment;
  if (standing.form === 'levels') return <LevelFigures assessment={assessment} />;
  if (standing.counts !== null) return <RequirementFigures counts={standing.counts} />;
  return (
    <>
      <PointFigures assessment={assessment} />
      <GradePanel standing={standing} />
    </>
  );
}

/** Three figures, never one: what is determined, what is not, and what could be earned. */
function PointFigures({ assessment }: { assessment: Assessment }) {
  const t = useWords();
  const parts = shares(assessment);
  const width = (share: number) => ({ width: `${share * 100}%` });
  const { determined, undetermined, maximum } = assessment;
  return (
    <Panel>
      <div className="figures">
        <div className="figure">
          <span className="soft">{t('assessment.determined')}</span>
          <div className="big" data-testid="determined">
            {pointsText(determined)}
          </div>
          <span className="soft num">{t('assessment.outOf', { maximum: formatLoose(maximum, 2) })}</span>
        </div>
        <div className="figure">
          <span className="soft">{t('assessment.undetermined')}</span>
          <div className="big">{formatLoose(undetermined, 2)}</div>
          <span className="soft small">{t('assessment.undeterminedHint')}</span>
        </div>
        <div className="figure">
          <span className="soft">{t('assessment.maximum')}</span>
          <div className="big">{formatLoose(maximum, 2)}</div>
          <span className="soft small">
            {t('assessment.lost')} {pointsText(lostPoints(assessment))}
          </span>
        </div>
      </div>
      <div
        className="share score"
        role="img"
        aria-label={`${t('assessment.determined')} ${pointsText(determined)}, ${t('assessment.undetermined')} ${undetermined}`}
      >
        <i className="part-main" style={width(parts.certain)} />
        <i className="part-range" style={width(parts.range)} />
        <i className="part-open" style={width(parts.undetermined)} />
      </div>
      <div className="row wrap num small" data-testid="basis-shares">
        <span className="soft">{t('assessor.basisShares')}</span>
        {basisShares(assessment.items).map(({ basis, points, share }) => (
          <span key={basis}>
            {t(`assessment.${basis}`)} <b>{pointsText(points)}</b>{' '}
            <span className="soft">{formatLoose(share * 100, 1)} %</span>
          </span>
        ))}
      </div>
    </Panel>
  );
}

type ScoreFilters = ReturnType<typeof useFilters<(typeof names)[number]>>;

function Controls({ filters, period }: { filters: ScoreFilters; period: Period }) {
  const t = useWords();
  const { values, set } = filters;
  const custom = values.from !== '' && values.to !== '';
  const days = values.days === '' ? defaultDays : Number(values.days);
  return (
    <div className="filters">
      <span className="soft">{t('assessment.period')}</span>
      <Segmented<number>
        value={custom ? 0 : days}
        options={presets.map((n) => ({ value: n, label: t('assessment.days', { n }) }))}
        onChange={(n) => set({ days: String(n), from: null, to: null })}
      />
      <PeriodPicker from={period.from} to={period.to} onChange={set} />
      <label className="row">
        <Switch
          size="small"
          checked={values.measured === '1'}
          onChange={(on) => set({ measured: on ? '1' : null })}
        />
        {t('assessment.onlyMeasured')}
      </label>
    </div>
  );
}

/** Asks, naming rubric and period, then writes one immutable row an item. */
function StoreButton({ rubricId, title, period }: { rubricId: string; title: string; period: Period }) {
  const t = useWords();
  const parkTime = useParkTime();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  const ask = () =>
    void modal.confirm({
      title: t('assessment.storeTitle', { rubric: title }),
      content: t('assessment.storeBody', { from: parkTime(period.from), to: parkTime(period.to) }),
      okText: t('assessment.store'),
      onOk: async () => {
        try {
          const { items } = await api.storeEvidence(rubricId, { ...period });
          const count = items.filter(({ evidenceId }) => evidenceId !== null).length;
          notify.done(t('assessment.stored', { count }));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: keys.assessment });
      },
    });
  return (
    <Button type="primary" onClick={ask}>
      {t('assessment.store')}
    </Button>
  );
}

/** A rubric over a period: the three figures, and each item with what it rests on. */
export function ScorePage() {
  const t = useWords();
  const both = useBilingual();
  const { rubricId = '' } = useParams();
  const filters = useFilters(names);
  const period = useNamedPeriod(filters.values);
  const mayStore = useMay(engineers);
  const mayExport = useMay(assessors);
  const maySign = useMay(deciders);
  const search = new URLSearchParams({ ...period }).toString();
  const counts = useQuery({
    queryKey: [...keys.assessment, rubricId, 'questions'],
    queryFn: () => assessorApi.questionCounts(rubricId),
  });
  const questions = new Map(counts.data?.items.map((count) => [count.item, count]));
  const nameOf = useRubricNames(rubricId);
  const rubrics = useQuery({ queryKey: keys.rubrics, queryFn: api.rubrics });
  const query = useQuery({
    queryKey: [...keys.assessment, rubricId, period],
    queryFn: () => api.assessment(rubricId, { ...period }),
  });
  const rubric = rubrics.data?.items.find(({ id }) => id === rubricId);
  const title = rubric === undefined ? rubricId : both(rubric.title);
  return (
    <Page
      title={title}
      beside={rubric === undefined ? null : <Edition edition={rubric.edition} />}
      actions={
        <>
          <Link to="/assessment">{t('assessment.rubrics')}</Link>
          <Link to={`/assessment/${rubricId}/gaps?${search}`}>{t('gaps.title')}</Link>
          <Link to={`/assessment/${rubricId}/trend`}>{t('assessment.trendTitle')}</Link>
          {mayExport ? (
            <a href={evidencePackUrl(rubricId, period)} download>
              {t('assessment.pack')}
            </a>
          ) : null}
          <Button onClick={() => print()}>{t('assessor.print')}</Button>
          {maySign ? <SignOffButton rubricId={rubricId} title={title} period={period} /> : null}
          {mayStore ? <StoreButton rubricId={rubricId} title={title} period={period} /> : null}
        </>
      }
    >
      <Controls filters={filters} period={period} />
      <Loaded query={query}>
        {(assessment) => {
          const only = filters.values.measured === '1';
          const sections = sectionsOf(assessment.items)
            .map((section) => ({
              section,
              shown: section.items.filter(({ verdict }) => !only || verdict !== 'missing'),
            }))
            .filter(({ shown }) => shown.length > 0);
          return (
            <>
              {assessment.demo ? <Alert type="warning" showIcon title={t('assessment.demo')} /> : null}
              <Figures assessment={assessment} />
              <SignOffPanel assessment={assessment} search={search} />
              {sections.length === 0 ? <EmptyState title={t('assessment.noItem')} /> : null}
              {sections.map(({ section, shown }) => (
                <SectionPanel
                  key={section.id}
                  section={section}
                  shown={shown}
                  nameOf={nameOf}
                  form={assessment.standing.form}
                  sheet={{ rubricId, search, questions }}
                />
              ))}
              <OpenQuestions rubricId={rubricId} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
