import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import type { ConsumptionBucket, ConsumptionChange } from '#schemas/api/consumption.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { DeviceDetail } from '../../app/api.ts';
import { nowMs } from '../../app/clock.ts';
import { consumptionApi } from '../../app/consumption-api.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import type { Translate } from '../../app/i18n.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { DeviceReviews } from '../reviews/device-reviews.tsx';
import { DeviceReplacements } from './device-replacements.tsx';

const shownDays = 14;
const mostChanges = 10;
const quarterMs = 15 * 60_000;
const renewMs = 60_000;

/** The words of the server's flags; one that is newer than this console is shown as it is. */
function flagText(t: Translate, flags: readonly string[]): string {
  return flags.map((flag) => t(`consumption.flag.${flag}` as 'consumption.flag.estimated', flag)).join(' · ');
}

function amount(value: number | null, unit: string): string {
  return value === null ? '—' : `${formatLoose(value)} ${unitSign(unit)}`;
}

const share = (coverage: number) => `${Math.floor(coverage * 100)} %`;

function Days({ unit, buckets }: { unit: string; buckets: readonly ConsumptionBucket[] }) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <Table<ConsumptionBucket>
      size="small"
      rowKey="from"
      pagination={false}
      dataSource={buckets.toReversed()}
      columns={[
        {
          title: t('consumption.day'),
          key: 'day',
          render: (_, bucket) => <span className="num">{parkTime(bucket.from, 'day')}</span>,
        },
        {
          title: t('consumption.value'),
          key: 'value',
          align: 'right',
          render: (_, bucket) => <span className="num">{amount(bucket.value, unit)}</span>,
        },
        {
          title: t('consumption.coverage'),
          key: 'coverage',
          align: 'right',
          render: (_, bucket) => <span className="num">{share(bucket.coverage)}</span>,
        },
        {
          title: t('consumption.flags'),
          key: 'flags',
          render: (_, bucket) => <span className="soft small">{flagText(t, bucket.flags)}</span>,
        },
      ]}
    />
  );
}

function Changes({ points }: { points: string }) {
  const t = useWords();
  const parkTime = useParkTime();
  const query = useQuery({
    queryKey: ['consumption', 'changes', points],
    queryFn: () => consumptionApi.changes({ points, limit: mostChanges }),
    refetchInterval: renewMs,
  });
  return (
    <Panel title={t('consumption.changes')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('consumption.noChanges')} hint={t('consumption.changesHint')} />
          ) : (
            <Table<ConsumptionChange>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={[...items]}
              columns={[
                {
                  title: t('consumption.interval'),
                  key: 'interval',
                  render: (_, { from, to }) => (
                    <span className="num small">{`${parkTime(from, 'minute')} – ${parkTime(to, 'minute')}`}</span>
                  ),
                },
                {
                  title: t('consumption.before'),
                  key: 'before',
                  align: 'right',
                  render: (_, { before, unit }) => (
                    <span className="num soft">{`${amount(before.value, unit)} · ${share(before.coverage)}`}</span>
                  ),
                },
                {
                  title: t('consumption.after'),
                  key: 'after',
                  align: 'right',
                  render: (_, { after, unit }) => (
                    <span className="num">{`${amount(after.value, unit)} · ${share(after.coverage)}`}</span>
                  ),
                },
                {
                  title: t('consumption.why'),
                  key: 'cause',
                  render: (_, { cause }) => t(`consumption.cause.${cause}`),
                },
                {
                  title: t('consumption.known'),
                  key: 'at',
                  render: (_, { at }) => <span className="num small">{parkTime(at, 'minute')}</span>,
                },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** What counters of a device advanced day by day, what of it waits for a person, and what changed of it since. */
export function DeviceConsumption({ device }: { device: Pick<DeviceDetail, 'id' | 'points'> }) {
  const t = useWords();
  const both = useBilingual();
  const { timeZone } = useSession();
  const counters = device.points.filter(({ kind }) => kind === 'counter');
  const points = counters.map(({ key }) => key).join(',');
  const query = useQuery({
    queryKey: ['consumption', 'days', points],
    enabled: counters.length > 0,
    refetchInterval: renewMs,
    queryFn: () => {
      const calendar = localCalendar(timeZone);
      const presentMs = nowMs();
      const fromMs = calendar.startOf(shiftDay(calendar.dayOf(presentMs), 1 - shownDays));
      return consumptionApi.of({
        points,
        interval: '1d',
        from: new Date(fromMs).toISOString(),
        to: new Date(Math.ceil((presentMs + 1) / quarterMs) * quarterMs).toISOString(),
      });
    },
  });
  if (counters.length === 0) return null;
  return (
    <>
      <Panel title={t('consumption.title')}>
        <Loaded query={query}>
          {({ items }) =>
            items
              .filter(({ buckets }, at) => at === 0 || buckets.some(({ value }) => value !== null))
              .map(({ point, unit, buckets }) => (
                <div key={point}>
                  <p className="soft small">
                    {both(counters.find(({ key }) => key === point)?.name ?? { zh: point, en: point })} ·{' '}
                    {t('consumption.hint', { days: shownDays })}
                  </p>
                  <Days unit={unit} buckets={buckets} />
                </div>
              ))
          }
        </Loaded>
      </Panel>
      {/* The steps of days that are not over are found by asking for their consumption. */}
      {query.isSuccess ? <DeviceReviews deviceId={device.id} points={points} /> : null}
      <DeviceReplacements deviceId={device.id} counters={counters} />
      <Changes points={points} />
    </>
  );
}
