import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Button, Descriptions, Drawer, Select, Table } from 'antd';
import { Link } from 'react-router';
import { engineers } from '#schemas/roles.ts';
import { useFilters } from '../../app/filters.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import type { Delivery, DeliveryDetail } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { ListTable } from '../../components/list-table.tsx';
import { useNotify } from '../../components/notify.ts';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { nameIn, useChannels, usePeopleOptions, usePersonName } from './lookups.ts';

const states = ['waiting', 'sending', 'delivered', 'dead', 'cancelled'] as const;
const stateClass = {
  waiting: 'tag strong',
  sending: 'tag strong',
  delivered: 'tag',
  dead: 'tag alert',
  cancelled: 'soft',
};
const renewMs = 5_000;

function State({ delivery }: { delivery: Delivery }) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <>
      <span className={stateClass[delivery.state]}>{t(`notify.state.${delivery.state}`)}</span>
      {delivery.state === 'waiting' ? (
        <div className="soft small num">{t('notify.delivery.due', { time: parkTime(delivery.dueAt) })}</div>
      ) : null}
    </>
  );
}

function useColumns(): TableColumnsType<Delivery> {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const nameOf = usePersonName();
  const channels = useChannels();
  return [
    {
      title: t('notify.delivery.time'),
      key: 'time',
      width: 165,
      render: (_, row) => <span className="num">{parkTime(row.createdAt)}</span>,
    },
    {
      title: t('notify.delivery.alarm'),
      key: 'alarm',
      ellipsis: true,
      render: (_, row) => (
        <span className="row">
          {row.severity === null ? null : <SeverityMark severity={row.severity} />}
          <span className="tag">{t(`notify.about.${row.kind}`)}</span>
          {row.alarmId === null || row.rule === null ? null : (
            <Link className="cut" to={`/alarms?state=all&alarm=${row.alarmId}`}>
              {both(row.rule)} · {row.deviceName}
            </Link>
          )}
        </span>
      ),
    },
    {
      title: t('notify.delivery.to'),
      key: 'to',
      width: 110,
      ellipsis: true,
      render: (_, row) => (row.username === null ? t('notify.delivery.group') : nameOf(row.username)),
    },
    {
      title: t('notify.delivery.channel'),
      key: 'channel',
      width: 120,
      ellipsis: true,
      render: (_, row) => nameIn(channels.data?.items, row.channel),
    },
    {
      title: t('notify.delivery.state'),
      key: 'state',
      width: 130,
      render: (_, row) => <State delivery={row} />,
    },
    {
      title: t('notify.delivery.attempts'),
      dataIndex: 'attempts',
      width: 80,
      align: 'right',
      className: 'num',
    },
    {
      title: t('notify.delivery.error'),
      key: 'error',
      width: 150,
      ellipsis: true,
      render: (_, { lastError }) => <span className="small">{lastError}</span>,
    },
  ];
}

function Log({ delivery }: { delivery: DeliveryDetail }) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <Table
      size="small"
      rowKey="at"
      pagination={false}
      scroll={{ x: 560 }}
      dataSource={[...delivery.log]}
      columns={[
        {
          title: t('notify.delivery.time'),
          key: 'at',
          render: (_, entry) => <span className="num">{parkTime(entry.at)}</span>,
        },
        {
          title: t('notify.delivery.outcome'),
          key: 'outcome',
          render: (_, entry) => (
            <span className={entry.outcome === 'delivered' ? 'tag' : 'tag alert'}>
              {t(`notify.outcome.${entry.outcome}`)}
            </span>
          ),
        },
        { title: t('notify.delivery.code'), dataIndex: 'code', className: 'mono small' },
        { title: t('notify.delivery.answer'), dataIndex: 'excerpt', className: 'small' },
        {
          title: t('notify.delivery.duration'),
          key: 'duration',
          align: 'right',
          render: (_, entry) => <span className="num">{entry.durationMs} ms</span>,
        },
      ]}
    />
  );
}

function DeliveryDrawer({ deliveryId, onClose }: { deliveryId: string; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const nameOf = usePersonName();
  const mayRetry = useMay(engineers);
  const channels = useChannels();
  const query = useQuery({
    queryKey: [...keys.notify, 'delivery', deliveryId],
    queryFn: () => notifyApi.delivery(deliveryId),
    refetchInterval: renewMs,
  });
  const retry = async () => {
    try {
      await notifyApi.retry(deliveryId);
      notify.done(t('notify.delivery.retried'));
    } catch (error) {
      notify.failed(error);
    }
    await client.invalidateQueries({ queryKey: keys.notify });
  };
  return (
    <Drawer open size={720} title={t('notify.delivery.log')} onClose={onClose}>
      <Loaded query={query}>
        {(delivery) => (
          <div className="notify-stack">
            <Descriptions
              size="small"
              column={1}
              items={[
                {
                  key: 'about',
                  label: t('notify.delivery.about'),
                  children: t(`notify.about.${delivery.kind}`),
                },
                {
                  key: 'to',
                  label: t('notify.delivery.to'),
                  children: `${delivery.username === null ? t('notify.delivery.group') : nameOf(delivery.username)} · ${nameIn(channels.data?.items, delivery.channel)}`,
                },
                { key: 'state', label: t('notify.delivery.state'), children: <State delivery={delivery} /> },
                {
                  key: 'key',
                  label: t('notify.delivery.key'),
                  children: <span className="mono small">{delivery.key}</span>,
                },
                ...(delivery.lastError === null
                  ? []
                  : [{ key: 'error', label: t('notify.delivery.error'), children: delivery.lastError }]),
              ]}
            />
            {delivery.state === 'dead' && mayRetry ? (
              <div>
                <Button type="primary" onClick={() => void retry()}>
                  {t('notify.delivery.retry')}
                </Button>
              </div>
            ) : null}
            <Log delivery={delivery} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

const names = ['state', 'channel', 'username', 'alarm'] as const;

/** Every message, what came of it, and every attempt. */
export function Deliveries() {
  const t = useWords();
  const { values, set } = useFilters(names);
  const drawer = useFilters(['delivery'] as const);
  const channels = useChannels();
  const people = usePeopleOptions();
  const columns = useColumns();
  const list = usePages({
    queryKey: [...keys.notify, 'deliveries'],
    load: notifyApi.deliveries,
    query: values,
    refetchIntervalMs: renewMs,
  });
  const chosen = (text: string) => (text === '' ? null : text);
  return (
    <>
      <div className="filters">
        <Select
          allowClear
          aria-label={t('notify.delivery.state')}
          placeholder={t('notify.delivery.state')}
          style={{ width: '10em' }}
          value={chosen(values.state)}
          options={states.map((each) => ({ value: each, label: t(`notify.state.${each}`) }))}
          onChange={(state) => set({ state })}
        />
        <Select
          allowClear
          aria-label={t('notify.delivery.channel')}
          placeholder={t('notify.delivery.channel')}
          style={{ width: '14.3em' }}
          value={chosen(values.channel)}
          options={(channels.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(channel) => set({ channel })}
        />
        <Select
          allowClear
          showSearch
          optionFilterProp="label"
          aria-label={t('notify.delivery.to')}
          placeholder={t('notify.delivery.to')}
          style={{ width: '15.7em' }}
          value={chosen(values.username)}
          options={people}
          onChange={(username) => set({ username })}
        />
      </div>
      <ListTable
        list={list}
        columns={columns}
        minWidth={1_000}
        steady
        onOpen={(delivery) => drawer.set({ delivery: delivery.id })}
        empty={<EmptyState title={t('notify.delivery.empty')} hint={t('notify.delivery.emptyHint')} />}
      />
      {drawer.values.delivery === '' ? null : (
        <DeliveryDrawer deliveryId={drawer.values.delivery} onClose={() => drawer.set({ delivery: null })} />
      )}
    </>
  );
}
