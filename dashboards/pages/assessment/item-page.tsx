import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { Link, useParams, useSearchParams } from 'react-router';
import type { AssessedItem } from '#schemas/api/assessment.ts';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Decisions } from './decisions.tsx';
import { MemberDays } from './member-days.tsx';
import { PopulationPanel } from './population.tsx';
import { Questions } from './questions.tsx';
import { PointsCell, Reason } from './score-table.tsx';
import { SharedEvidence } from './shared-evidence.tsx';

const stateWords = {
  proven: 'assessor.proven',
  missing: 'assessor.notProven',
  'not-applicable': 'assessor.notApplicable',
} as const;

function Functions({ functions }: { functions: AssessedItem['functions'] }) {
  const t = useWords();
  const both = useBilingual();
  if (functions.length === 0) return null;
  return (
    <Panel title={t('assessor.functions')}>
      <div className="lines">
        {functions.map(({ id, name, state, reason }) => (
          <div key={id}>
            <span className={state === 'missing' ? 'tag alert' : 'tag'}>{t(stateWords[state])}</span>{' '}
            <b>{both(name)}</b>
            <div className="soft small">{both(reason)}</div>
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Content({ answer, of }: { answer: AssessedItem; of: ItemOfPeriod }) {
  const t = useWords();
  const { item, functions, population, demo, shared } = answer;
  return (
    <>
      {demo ? <Alert type="warning" showIcon title={t('assessment.demo')} /> : null}
      <div className="split">
        <Panel title={t('assessment.points')}>
          <PointsCell item={item} />
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
  const parkTime = useParkTime();
  const { rubricId = '', item = '' } = useParams();
  const [search] = useSearchParams();
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? ''];
  const period = { from, to };
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
          <span className="soft num">
            {parkTime(from, 'day')} – {parkTime(to, 'day')}
          </span>
        </>
      }
      actions={
        <Link to={`/assessment/${rubricId}?${new URLSearchParams(period).toString()}`}>
          {t('assessor.back')}
        </Link>
      }
    >
      <Loaded query={query}>{(answer) => <Content answer={answer} of={of} />}</Loaded>
    </Page>
  );
}
