import { Button, Select } from 'antd';
import type { Review, ReviewState } from '#schemas/api/consumption.ts';
import { consumptionApi } from '../../app/consumption-api.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { useScale } from '../../app/theme.ts';
import { DeviceFilter } from '../../components/device-filter.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { EmptyState } from '../../components/states.tsx';
import { ReviewAct } from './review-act.tsx';
import { amountText, ReviewOutcome, ReviewPoint, ReviewStep } from './review-cells.tsx';

const names = ['device', 'state'] as const;
const states: readonly ReviewState[] = ['open', 'accepted', 'left-out', 'replacement', 'superseded'];
const any = 'any';
const renewMs = 15_000;

type FilterSet = ReturnType<typeof useFilters<(typeof names)[number]>>;

function Filters({ filters }: { filters: FilterSet }) {
  const t = useWords();
  const scale = useScale();
  const { values, set } = filters;
  return (
    <div className="filters">
      <Select
        aria-label={t('reviews.state')}
        style={{ width: 200 * scale }}
        value={values.state === '' ? 'open' : values.state}
        options={[
          ...states.map((state) => ({ value: state, label: t(`reviews.states.${state}`) })),
          { value: any, label: t('reviews.anyState') },
        ]}
        onChange={(state) => set({ state: state === 'open' ? null : state })}
      />
      <DeviceFilter value={values.device} onSearch={(device) => set({ device })} />
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
      <span className="soft small">{t('reviews.panelHint')}</span>
    </div>
  );
}

/** Implausible steps of counters: those that wait for a person, and what was decided of the others. */
export function Reviews() {
  const t = useWords();
  const filters = useFilters(names);
  const { device, state } = filters.values;
  const list = usePages<Review>({
    queryKey: ['consumption', 'reviews'],
    load: consumptionApi.reviews,
    query: { device, state: state === '' ? 'open' : state === any ? '' : state },
    refetchIntervalMs: renewMs,
  });
  return (
    <>
      <Filters filters={filters} />
      <ListTable
        list={list}
        steady
        empty={
          filters.any ? (
            <EmptyState title={t('reviews.noneOfFilter')} />
          ) : (
            <EmptyState title={t('reviews.none')} hint={t('reviews.noneHint')} />
          )
        }
        columns={[
          {
            title: t('reviews.point'),
            key: 'point',
            width: 200,
            ellipsis: true,
            render: (_, review) => <ReviewPoint point={review.point} />,
          },
          {
            title: t('reviews.step'),
            key: 'step',
            width: 310,
            render: (_, review) => <ReviewStep review={review} />,
          },
          {
            title: <span title={t('reviews.claimedHint')}>{t('reviews.claimed')}</span>,
            key: 'claimed',
            width: 130,
            align: 'right',
            className: 'num',
            render: (_, review) => amountText(review.claimed, review.unit),
          },
          {
            title: t('reviews.decision'),
            key: 'outcome',
            render: (_, review) => <ReviewOutcome review={review} />,
          },
          {
            title: '',
            key: 'act',
            width: 100,
            align: 'right',
            render: (_, review) => <ReviewAct review={review} />,
          },
        ]}
      />
    </>
  );
}
