import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { Link, useParams, useSearchParams } from 'react-router';
import type { Gap, WhatIf } from '#schemas/api/gaps.ts';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { pointsText } from './figures.ts';

type Row = Gap & { readonly key: string };

/** What is missing, in one sentence. */
function useSentence(): (gap: Gap) => string {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  return (gap) => {
    if (gap.function !== null) return t('gaps.function', { name: both(gap.function.name) });
    if (gap.class === null || gap.kind === 'function') return t('gaps.all', { count: gap.effort });
    const words = { count: gap.effort, class: className(gap.class), since: gap.since ?? '' };
    return t(`gaps.${gap.kind}`, words);
  };
}

function Outcome({ answer }: { answer: WhatIf }) {
  const t = useWords();
  const both = useBilingual();
  const { before, after, items } = answer;
  if (items.length === 0) return <p className="soft">{t('gaps.nothing')}</p>;
  const text = (points: { min: number; max: number } | null) =>
    points === null ? t('assessment.undetermined') : pointsText(points);
  return (
    <>
      <p className="num" data-testid="what-if">
        <b>
          {t('gaps.result', {
            before: pointsText(before.determined),
            after: pointsText(after.determined),
            open: formatLoose(before.undetermined, 2),
            openAfter: formatLoose(after.undetermined, 2),
          })}
        </b>
      </p>
      <div className="lines">
        {items.map(({ item, name, before: was, after: next, reason }) => (
          <div key={item}>
            {both(name)}{' '}
            <span className="num">
              {text(was)} → <b>{text(next)}</b>
            </span>
            <div className="soft small">{both(reason)}</div>
          </div>
        ))}
      </div>
    </>
  );
}

function WhatIfPanel(props: { of: Pick<ItemOfPeriod, 'rubricId' | 'period'>; members: readonly string[] }) {
  const t = useWords();
  const { of, members } = props;
  const query = useQuery({
    queryKey: [...keys.assessment, of, 'what-if', members],
    queryFn: () => assessorApi.whatIf(of.rubricId, of.period, members),
  });
  return (
    <Panel title={t('gaps.whatIf', { count: members.length })}>
      <Loaded query={query}>{(answer) => <Outcome answer={answer} />}</Loaded>
    </Panel>
  );
}

function useColumns(of: Pick<ItemOfPeriod, 'rubricId' | 'period'>) {
  const t = useWords();
  const both = useBilingual();
  const sentence = useSentence();
  const search = new URLSearchParams({ ...of.period }).toString();
  return [
    {
      title: t('gaps.gain'),
      key: 'gain',
      width: '10%',
      align: 'right' as const,
      render: (_: unknown, { gain }: Row) => <b className="num">+{formatLoose(gain, 2)}</b>,
    },
    { title: t('gaps.what'), key: 'what', render: (_: unknown, row: Row) => sentence(row) },
    {
      title: t('gaps.place'),
      key: 'place',
      width: '16%',
      render: (_: unknown, { space }: Row) =>
        space === null ? <span className="soft">{t('gaps.anywhere')}</span> : space.name,
    },
    {
      title: t('gaps.item'),
      key: 'item',
      width: '24%',
      render: (_: unknown, { item, name }: Row) => (
        <Link to={`/assessment/${of.rubricId}/items/${item}?${search}`}>{both(name)}</Link>
      ),
    },
    {
      title: t('gaps.points'),
      key: 'points',
      width: '14%',
      align: 'right' as const,
      render: (_: unknown, { before, after }: Row) => (
        <span className="num">
          {before === null ? t('assessment.undetermined') : pointsText(before)} → {pointsText(after)}
        </span>
      ),
    },
    {
      title: t('gaps.effort'),
      key: 'effort',
      width: '12%',
      align: 'right' as const,
      render: (_: unknown, { effort, gain }: Row) => (
        <span className="num">
          {effort}{' '}
          <span className="soft small">
            {t('gaps.perEffort')} {formatLoose(gain / effort, 2)}
          </span>
        </span>
      ),
    },
  ];
}

/** What the park mends first, and what it would bring. */
export function GapsPage() {
  const t = useWords();
  const parkTime = useParkTime();
  const { rubricId = '' } = useParams();
  const [search] = useSearchParams();
  const period = { from: search.get('from') ?? '', to: search.get('to') ?? '' };
  const of = { rubricId, period };
  const columns = useColumns(of);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const query = useQuery({
    queryKey: [...keys.assessment, of, 'gaps'],
    queryFn: () => assessorApi.gaps(rubricId, period),
  });
  const rows: Row[] = (query.data?.items ?? []).map((gap, index) => ({
    ...gap,
    key: `${gap.item} ${index}`,
  }));
  const members = [
    ...new Set(rows.filter(({ key }) => chosen.includes(key)).flatMap((row) => row.members)),
  ].toSorted();
  return (
    <Page
      title={t('gaps.title')}
      beside={
        // Opened without one, the period is the API's own.
        period.from === '' ? null : (
          <span className="soft num">
            {parkTime(period.from, 'day')} – {parkTime(period.to, 'day')}
          </span>
        )
      }
      actions={<Link to={`/assessment/${rubricId}?${search.toString()}`}>{t('assessor.back')}</Link>}
    >
      <p className="soft">{t('gaps.hint')}</p>
      {members.length === 0 ? null : <WhatIfPanel of={of} members={members} />}
      <Loaded query={query}>
        {() =>
          rows.length === 0 ? (
            <EmptyState title={t('gaps.none')} hint={t('gaps.noneHint')} />
          ) : (
            <Panel>
              <Table<Row>
                size="small"
                tableLayout="fixed"
                pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
                dataSource={rows}
                columns={columns}
                rowSelection={{
                  selectedRowKeys: [...chosen],
                  onChange: (selected) => setChosen(selected.map(String)),
                  // A function is proven by what happens, not by a device that delivers.
                  getCheckboxProps: ({ members: own, effort }) => ({ disabled: own.length < effort }),
                }}
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}
