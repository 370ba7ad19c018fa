import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Segmented, Table } from 'antd';
import { Link, useParams, useSearchParams } from 'react-router';
import { conditionOf, type Gap, type GapCondition, type WhatIf } from '#schemas/api/gaps.ts';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useParkText } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { pointsText } from './figures.ts';
import { usePeriodText } from './period.ts';

type Row = Gap & { readonly key: string };

/** Kinds that one person looks after. */
const groups = {
  devices: ['silent', 'never', 'gaps', 'empty', 'other', 'all'],
  functions: ['function', 'functions'],
  records: ['records', 'claim'],
  soon: ['lapse'],
} as const satisfies Record<string, readonly Gap['kind'][]>;
type Group = keyof typeof groups;
const groupNames = Object.keys(groups) as Group[];
const isOf = (group: Group, { kind }: Gap): boolean =>
  (groups[group] as readonly Gap['kind'][]).includes(kind);

/** What is missing, or soon will be, in one sentence. */
function useSentence(): (gap: Gap) => string {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  return (gap) => {
    const { kind, count, lastSeen, ends } = gap;
    const name = gap.functionName === null ? '' : both(gap.functionName);
    switch (kind) {
      case 'function':
        return (
          t('gaps.function', { name }) +
          (lastSeen === null ? t('gaps.neverSeen') : t('gaps.lastSeen', { day: lastSeen }))
        );
      case 'functions':
        return t('gaps.functions', { count, name });
      case 'records':
        return name === ''
          ? t('gaps.records', {
              count,
              register: gap.register === null ? '' : both(gap.register.name),
              band: gap.band === null ? '' : both(gap.band),
            }) + (lastSeen === null ? t('gaps.noRecord') : t('gaps.lastRecord', { day: lastSeen }))
          : t('gaps.service', { name });
      case 'claim':
        if (name !== '') return t('gaps.claimMore', { name });
        return (
          t(gap.isPending ? 'gaps.pending' : 'gaps.claim') +
          (lastSeen === null || gap.isPending ? '' : t('gaps.ended', { day: lastSeen }))
        );
      case 'lapse': {
        const words = { name: name === '' ? (ends?.name ?? '') : name, days: ends?.days ?? 0 };
        const told = t(name === '' ? 'gaps.lapse' : 'gaps.lapseFunction', { ...words, day: ends?.day ?? '' });
        return count > 1 ? told + t('gaps.andMore', { count: count - 1 }) : told;
      }
      case 'all':
        return t('gaps.all', { count });
      default: {
        const what = gap.class === null || gap.class === 'space' ? t('devices.space') : className(gap.class);
        return t(`gaps.${kind}`, { count, class: what, since: gap.since ?? '' });
      }
    }
  };
}

/** Where it is mended, when that is not the item itself. */
function Where({ gap, rubricId }: { gap: Gap; rubricId: string }) {
  const t = useWords();
  const { kind, register, item, members } = gap;
  const [first = ''] = members;
  const own = kind === 'lapse' && first.includes('/') ? first.slice(0, first.indexOf('/')) : register?.id;
  if (kind === 'claim' || own === 'claim')
    return <Link to={`/claims?rubric=${rubricId}&item=${item}`}>{t('claim.go')}</Link>;
  return own === undefined ? null : <Link to={`/registers/${own}`}>{t('gaps.openRegister')}</Link>;
}

function Outcome({ answer }: { answer: WhatIf }) {
  const t = useWords();
  const both = useBilingual();
  const said = useParkText();
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
            <div className="soft small">{said(reason)}</div>
          </div>
        ))}
      </div>
    </>
  );
}

function WhatIfPanel(props: {
  of: Pick<ItemOfPeriod, 'rubricId' | 'period'>;
  chosen: readonly GapCondition[];
}) {
  const t = useWords();
  const { of, chosen } = props;
  const query = useQuery({
    queryKey: [...keys.assessment, of, 'what-if', chosen],
    queryFn: () => assessorApi.whatIf(of.rubricId, of.period, { gaps: [...chosen] }),
  });
  return (
    <Panel title={t('gaps.whatIf', { count: chosen.length })}>
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
      width: '9%',
      align: 'right' as const,
      render: (_: unknown, { gain, kind, isAtMost }: Row) => (
        <>
          {kind === 'lapse' || isAtMost ? (
            <span className="soft small">{t(isAtMost ? 'gaps.atMost' : 'gaps.keeps')} </span>
          ) : null}
          <b className="num">
            {kind === 'lapse' ? '' : '+'}
            {formatLoose(gain, 2)}
          </b>
        </>
      ),
    },
    {
      title: t('gaps.what'),
      key: 'what',
      render: (_: unknown, row: Row) => (
        <>
          {sentence(row)} <Where gap={row} rubricId={of.rubricId} />
        </>
      ),
    },
    {
      title: t('gaps.place'),
      key: 'place',
      width: '9%',
      render: (_: unknown, { spaceName }: Row) =>
        spaceName ?? <span className="soft">{t('gaps.anywhere')}</span>,
    },
    {
      title: t('gaps.item'),
      key: 'item',
      width: '18%',
      render: (_: unknown, { item, itemName }: Row) => (
        <Link to={`/assessment/${of.rubricId}/items/${item}?${search}`}>{both(itemName)}</Link>
      ),
    },
    {
      title: t('gaps.points'),
      key: 'points',
      width: '13%',
      align: 'right' as const,
      render: (_: unknown, { before, after }: Row) => (
        <span className="num">
          {before === null ? t('assessment.undetermined') : pointsText(before)} →{' '}
          {after === null ? t('assessment.undetermined') : pointsText(after)}
        </span>
      ),
    },
    {
      title: t('gaps.effort'),
      key: 'effort',
      width: '9%',
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

function Gaps({ of, gaps }: { of: Pick<ItemOfPeriod, 'rubricId' | 'period'>; gaps: readonly Gap[] }) {
  const t = useWords();
  const columns = useColumns(of);
  const { values, set } = useFilters(['kind'] as const);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const rows: Row[] = gaps.map((gap) => ({
    ...gap,
    // What is found again by the same condition is the same row, whatever came before it.
    key: JSON.stringify(conditionOf(gap) ?? [gap.item, gap.ends, gap.function]),
  }));
  const group = groupNames.find((name) => name === values.kind);
  const conditions = rows.flatMap((row) => (chosen.includes(row.key) ? (conditionOf(row) ?? []) : []));
  return (
    <>
      {conditions.length === 0 ? null : <WhatIfPanel of={of} chosen={conditions} />}
      <Panel
        title={t('gaps.list')}
        actions={
          <Segmented<string>
            value={group ?? ''}
            options={[
              { value: '', label: `${t('gaps.group.any')} ${rows.length}` },
              ...groupNames.map((name) => ({
                value: name,
                label: `${t(`gaps.group.${name}`)} ${rows.filter((row) => isOf(name, row)).length}`,
              })),
            ]}
            onChange={(name) => set({ kind: name === '' ? null : name })}
          />
        }
      >
        <Table<Row>
          size="small"
          tableLayout="fixed"
          pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
          dataSource={group === undefined ? rows : rows.filter((row) => isOf(group, row))}
          columns={columns}
          rowSelection={{
            selectedRowKeys: [...chosen],
            preserveSelectedRowKeys: true,
            onChange: (selected) => setChosen(selected.map(String)),
            // What has not ended cannot be mended.
            getCheckboxProps: ({ kind }) => ({ disabled: kind === 'lapse' }),
          }}
        />
      </Panel>
    </>
  );
}

/** What the park mends first, and what it would bring. */
export function GapsPage() {
  const t = useWords();
  const periodText = usePeriodText();
  const { rubricId = '' } = useParams();
  const [search] = useSearchParams();
  const period = { from: search.get('from') ?? '', to: search.get('to') ?? '' };
  const query = useQuery({
    queryKey: [...keys.assessment, rubricId, period, 'gaps'],
    queryFn: () => assessorApi.gaps(rubricId, period),
  });
  return (
    <Page
      title={t('gaps.title')}
      beside={
        // Opened without one, the period is the API's own.
        period.from === '' ? null : <span className="soft num">{periodText(period)}</span>
      }
      actions={<Link to={`/assessment/${rubricId}?${search.toString()}`}>{t('assessor.back')}</Link>}
    >
      <p className="soft">{t('gaps.hint')}</p>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('gaps.none')} hint={t('gaps.noneHint')} />
          ) : (
            <Gaps of={{ rubricId, period }} gaps={items} />
          )
        }
      </Loaded>
    </Page>
  );
}
