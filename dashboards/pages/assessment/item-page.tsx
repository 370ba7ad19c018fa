import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { Link, useParams, useSearchParams } from 'react-router';
import type { AssessedItem } from '#schemas/api/assessment.ts';
import { api } from '../../app/api.ts';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkText } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Decisions } from './decisions.tsx';
import { MemberDays } from './member-days.tsx';
import { PopulationPanel } from './population.tsx';
import { Questions } from './questions.tsx';
import { useNamedPeriod, usePeriodText } from './period.ts';
import { earnedWords, PointsCell, Reason } from './score-table.tsx';
import { SharedEvidence } from './shared-evidence.tsx';

const stateWords = {
  proven: 'assessor.proven',
  missing: 'assessor.notProven',
  'not-applicable': 'assessor.notApplicable',
} as const;

function Functions({ functions }: { functions: AssessedItem['functions'] }) {
  const t = useWords();
  const both = useBilingual();
  const said = useParkText();
  if (functions.length === 0) return null;
  return (
    <Panel title={t('assessor.functions')}>
      <div className="lines">
        {functions.map(({ id, name, state, reason }) => (
          <div key={id}>
            <span className={state === 'missing' ? 'tag alert' : 'tag'}>{t(stateWords[state])}</span>{' '}
            <b>{both(name)}</b>
            <div className="soft small">{said(reason)}</div>
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Content({ answer, of }: { answer: AssessedItem; of: ItemOfPeriod }) {
  const t = useWords();
  const rubrics = useQuery({ queryKey: keys.rubrics, queryFn: api.rubrics });
  const form = rubrics.data?.items.find(({ id }) => id === of.rubricId)?.form ?? 'points';
  const { item, functions, population, demo, shared } = answer;
  return (
    <>
      {demo ? <Alert type="warning" showIcon title={t('assessment.demo')} /> : null}
      <div className="split">
        <Panel title={t(earnedWords[form])}>
          <PointsCell item={item} form={form} />
          <Reason item={item} />
        </Panel>
        <Decisions of={of} item={item} />
      </div>
      <Questions about={{ rubric: of.rubricId, item: of.item }} />
      <Functions functions={functions} />
      <PopulationPanel
        population={population}
        period={of.period}
        expand={({ deviceId }) => <MemberDays of={of} member={deviceId} />}
      />
      <SharedEvidence shared={shared} period={of.period} />
    </>
  );
}

/** One item over a period: what it earns and why, what was decided and asked, its functions and every member. */
export function ItemPage() {
  const t = useWords();
  const both = useBilingual();
  const periodText = usePeriodText();
  const { rubricId = '', item = '' } = useParams();
  const [search] = useSearchParams();
  const named = (name: string) => search.get(name) ?? '';
  const period = useNamedPeriod({ from: named('from'), to: named('to'), days: named('days') });
  const of = { rubricId, item, period };
  const query = useQuery({
    queryKey: [...keys.assessment, of],
    queryFn: () => assessorApi.item(of),
  });
  const name = query.data === undefined ? item : both(query.data.item.name);
  return (
    <Page
      title={name}
      beside={
        <>
          <span className="mono soft">{item}</span>
          <span className="soft num">{periodText(period)}</span>
        </>
      }
      actions={
        <Link to={`/assessment/${rubricId}?${new URLSearchParams({ ...period }).toString()}`}>
          {t('assessor.back')}
        </Link>
      }
    >
      <Loaded query={query}>{(answer) => <Content answer={answer} of={of} />}</Loaded>
    </Page>
  );
}
