import { lazy, Suspense, useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Alert, Select, Table } from 'antd';
import { Link, useParams } from 'react-router';
import type { Difference, Night } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose, formatTime } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useSession } from '../../app/session.ts';
import { usePalette, useScale } from '../../app/theme.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded, Loading } from '../../components/states.tsx';
import { toTrend } from '../device/trend.ts';
import { CauseList } from './cause-list.tsx';
import { useUnit } from './units.ts';
import { pointsText } from './figures.ts';

const TrendChart = lazy(async () => ({ default: (await import('../device/trend-chart.tsx')).TrendChart }));

const dayMs = 86_400_000;
/** Nights that were left out are a gap. */
const gapMs = 1.5 * dayMs;

/** Where a night stands on the axis: on the day that it ends, not on the one after. */
const shownAt = ({ to }: Night): number => Date.parse(to) - dayMs;

/** Points determined over the nights: the most as a line, what the rubric leaves open as a band below it. */
function NightChart({ nights, onDay }: { nights: readonly Night[]; onDay: (day: string) => void }) {
  const t = useWords();
  const palette = usePalette();
  const scale = useScale();
  const { timeZone } = useSession();
  const content = useMemo(() => {
    const times = nights.map(shownAt);
    const most = nights.map(({ determined }) => determined.max);
    const least = nights.map(({ determined }) => determined.min);
    const q = nights.map(() => 0);
    const trend = toTrend({ t: times, v: most, q, min: least, max: most }, gapMs);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const room = Math.max(dayMs, (last - first) * 0.02);
    // The lower edge as a line of its own, so that the axis reaches down to it.
    const before = toTrend({ t: times, v: least, q }, gapMs);
    return { trend, before, fromMs: first - room, toMs: last + room, limits: [], spans: [], states: [] };
  }, [nights]);
  const look = useMemo(() => {
    const nightAt = (timeMs: number) => nights.find((each) => shownAt(each) === timeMs);
    return {
      palette,
      scale,
      formatAxisTime: (timeMs: number) => formatTime(timeMs, timeZone, 'day').slice(5),
      formatAxisValue: (points: number) => formatLoose(points, 1),
      finestMark: 1,
      finestMarkMs: dayMs,
      describe: (timeMs: number) => {
        const night = nightAt(timeMs);
        if (night === undefined) return '';
        return [
          night.day,
          `${t('assessment.determined')} ${pointsText(night.determined)} / ${formatLoose(night.maximum, 2)}`,
          `${t('assessment.undetermined')} ${formatLoose(night.undetermined, 2)}`,
        ].join('\n');
      },
    };
  }, [nights, palette, scale, t, timeZone]);
  const zoomTo = (_fromMs: number, toMs: number) => {
    const night = nights.findLast((each) => shownAt(each) <= toMs);
    if (night !== undefined) onDay(night.day);
  };
  return (
    <div className="chart-box">
      <Suspense fallback={<Loading />}>
        <TrendChart content={content} look={look} label={t('assessment.trend')} onZoom={zoomTo} />
      </Suspense>
      <div className="legend num">
        <span>
          <i />
          {t('assessment.trendMost')}
        </span>
        <span>
          <i className="band" />
          {t('assessment.trendBand')}
        </span>
      </div>
    </div>
  );
}

type Item = Difference['items'][number];

function OutcomeCell({ outcome, maximum }: { outcome: Item['before']; maximum: number }) {
  const t = useWords();
  const unitOf = useUnit();
  if (outcome === null) return <span className="soft">{t('assessment.missing')}</span>;
  const { points, value, unit } = outcome;
  return (
    <div className="num">
      <b>{points === null ? t('assessment.undetermined') : pointsText(points)}</b>
      <span className="soft"> / {formatLoose(maximum, 2)}</span>
      {value === null ? null : (
        <div className="soft small">
          {formatLoose(value, 2)} {unitOf(unit)}
        </div>
      )}
    </div>
  );
}

function ChangedItems({ difference }: { difference: Difference }) {
  const t = useWords();
  const both = useBilingual();
  const { from, to, items } = difference;
  if (items.length === 0) {
    return <EmptyState title={t('assessment.noChange')} hint={t('assessment.noChangeHint')} />;
  }
  return (
    <Table<Item>
      size="small"
      rowKey="item"
      pagination={false}
      dataSource={items}
      expandable={{
        defaultExpandAllRows: true,
        expandedRowRender: (item) => <CauseList item={item} />,
      }}
      columns={[
        {
          title: t('assessment.item'),
          key: 'item',
          render: (_, item) => (
            <>
              <div>{both(item.name)}</div>
              <span className="mono soft small">{item.item}</span>
            </>
          ),
        },
        {
          title: from.day,
          key: 'before',
          align: 'right',
          width: '18%',
          render: (_, item) => <OutcomeCell outcome={item.before} maximum={item.maximum} />,
        },
        {
          title: to.day,
          key: 'after',
          align: 'right',
          width: '18%',
          render: (_, item) => <OutcomeCell outcome={item.after} maximum={item.maximum} />,
        },
      ]}
    />
  );
}

/** Which two nights are compared: those of the address, else the newest and the one before. */
function comparedDays(nights: readonly Night[], values: { from: string; to: string }) {
  const known = (day: string) => nights.some((night) => night.day === day);
  const to = known(values.to) ? values.to : (nights.at(-1)?.day ?? '');
  const before = nights.findLast(({ day }) => day < to)?.day ?? '';
  return { from: known(values.from) ? values.from : before, to };
}

function Comparison({ rubricId, nights }: { rubricId: string; nights: readonly Night[] }) {
  const t = useWords();
  const filters = useFilters(['from', 'to'] as const);
  const { from, to } = comparedDays(nights, filters.values);
  const query = useQuery({
    queryKey: [...keys.assessment, rubricId, 'difference', from, to],
    queryFn: () => api.difference(rubricId, { from, to }),
    enabled: from !== '' && to !== '',
  });
  const days = nights.map(({ day }) => ({ value: day, label: day })).toReversed();
  const pick = (name: 'from' | 'to', value: string) => (
    <Select
      value={value === '' ? null : value}
      options={days}
      showSearch
      style={{ width: '10em' }}
      aria-label={t(`assessment.${name === 'from' ? 'changedFrom' : 'changedTo'}`)}
      onChange={(day: string) => filters.set({ [name]: day })}
    />
  );
  return (
    <>
      <Panel title={t('assessment.trend')}>
        <NightChart nights={nights} onDay={(day) => filters.set({ to: day })} />
      </Panel>
      <Panel
        title={t('assessment.changes')}
        actions={
          <span className="row">
            {pick('from', from)} → {pick('to', to)}
          </span>
        }
      >
        {from === '' ? (
          <EmptyState title={t('assessment.oneNight')} hint={t('assessment.oneNightHint')} />
        ) : (
          <Loaded query={query}>{(difference) => <ChangedItems difference={difference} />}</Loaded>
        )}
      </Panel>
    </>
  );
}

/** The score of a rubric night by night, and why it is another one than it was. */
export function TrendPage() {
  const t = useWords();
  const both = useBilingual();
  const { rubricId = '' } = useParams();
  const rubrics = useQuery({ queryKey: keys.rubrics, queryFn: api.rubrics });
  const trend = useQuery({
    queryKey: [...keys.assessment, rubricId, 'trend'],
    queryFn: () => api.trend(rubricId),
  });
  const rubric = rubrics.data?.items.find(({ id }) => id === rubricId);
  return (
    <Page
      title={rubric === undefined ? rubricId : both(rubric.title)}
      beside={<span className="tag">{t('assessment.trendTitle')}</span>}
      actions={<Link to={`/assessment/${rubricId}`}>{t('evidence.backToScore')}</Link>}
    >
      <Loaded query={trend}>
        {({ items }) => (
          <>
            {items.some(({ demo }) => demo) ? (
              <Alert type="warning" showIcon title={t('assessment.demo')} />
            ) : null}
            {items.length === 0 ? (
              <EmptyState title={t('assessment.noNight')} hint={t('assessment.noNightHint')} />
            ) : (
              <Comparison rubricId={rubricId} nights={items} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
