import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Table, Tooltip } from 'antd';
import { Link } from 'react-router';
import { engineers } from '#schemas/roles.ts';
import type { Discovery } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { DeviceFilter } from '../../components/device-filter.tsx';
import { Age } from '../../components/marks.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AddDevice } from '../device/edit-device.tsx';
import { AdoptDevice, AdoptMetric } from './adopt.tsx';
import { AdoptMany } from './adopt-many.tsx';

const renewMs = 15_000;
const names = ['device'] as const;

type Adopting =
  | { readonly discovery: Discovery }
  | { readonly discovery: Discovery; readonly metric: string };

/** Of a known device each metric is decided for itself. */
function MetricActions({ discovery, onAdopt }: { discovery: Discovery; onAdopt: (metric: string) => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  const ignore = (metric: string) => {
    const id = `${discovery.deviceId}.${metric}`;
    modal.confirm({
      title: t('gateways.ignoreTitle', { id }),
      content: t('gateways.ignoreBody', { id }),
      okText: t('gateways.ignore'),
      onOk: async () => {
        try {
          await api.ignoreMetric({ deviceId: discovery.deviceId, metric });
          notify.done(t('gateways.ignored', { id }));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: keys.discoveries });
      },
    });
  };
  return (
    <div className="lines">
      {discovery.metrics.map((metric) => (
        <div key={metric} className="row">
          <span className="mono grow">{metric}</span>
          <Button size="small" onClick={() => onAdopt(metric)}>
            {t('gateways.adopt')}
          </Button>
          <Button size="small" onClick={() => ignore(metric)}>
            {t('gateways.ignore')}
          </Button>
        </div>
      ))}
    </div>
  );
}

/** Of one device nothing waits: it is adopted by now, or nothing of what it sent could be kept. */
function NothingOf({ device }: { device: string }) {
  const t = useWords();
  const mayAdd = useMay(engineers);
  const [adding, setAdding] = useState(false);
  return (
    <EmptyState title={t('gateways.noDiscoveryOf', { id: device })} hint={t('gateways.noDiscoveryOfHint')}>
      <span className="row">
        <Link to={`/gateways?tab=rejections&device=${encodeURIComponent(device)}`}>
          {t('gateways.rejections')}
        </Link>
        {mayAdd ? <Button onClick={() => setAdding(true)}>{t('deviceEdit.add')}</Button> : null}
      </span>
      {adding ? <AddDevice id={device} onClose={() => setAdding(false)} /> : null}
    </EmptyState>
  );
}

/** What reports without being known: adopt it, or say that it is of no interest. */
export function Discoveries() {
  const t = useWords();
  const className = useClassNames();
  const mayAdopt = useMay(engineers);
  const { values, set, any, reset } = useFilters(names);
  const list = usePages<Discovery>({
    queryKey: keys.discoveries,
    load: api.discoveries,
    query: values,
    refetchIntervalMs: renewMs,
  });
  const [adopting, setAdopting] = useState<Adopting | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [many, setMany] = useState(false);
  const several = (list.data ?? []).filter((row) => chosen.includes(row.deviceId));
  return (
    <>
      <div className="filters">
        <DeviceFilter value={values.device} onSearch={(device) => set({ device })} />
        {any ? <Button onClick={reset}>{t('common.reset')}</Button> : null}
        {several.length === 0 ? null : (
          <Button type="primary" onClick={() => setMany(true)}>
            {t('adoptMany.selected', { count: several.length })}
          </Button>
        )}
      </div>
      <Panel flush>
        <Loaded query={list}>
          {(items) =>
            items.length === 0 ? (
              values.device === '' ? (
                <EmptyState title={t('gateways.noDiscoveries')} hint={t('gateways.noDiscoveriesHint')} />
              ) : (
                <NothingOf device={values.device} />
              )
            ) : (
              <Table<Discovery>
                size="small"
                rowKey="deviceId"
                pagination={false}
                {...(mayAdopt
                  ? {
                      rowSelection: {
                        selectedRowKeys: [...chosen],
                        onChange: (selected) => setChosen(selected.map(String)),
                        getCheckboxProps: (row) => ({ disabled: row.knownDevice }),
                      },
                    }
                  : {})}
                dataSource={[...items]}
                columns={[
                  {
                    title: t('alarm.device'),
                    key: 'device',
                    width: '26%',
                    render: (_, row) => (
                      <>
                        <div className="mono">{row.deviceId}</div>
                        <span className="soft small">
                          {t(row.knownDevice ? 'gateways.knownDevice' : 'gateways.unknownDevice')}
                          {row.guessedClass === null
                            ? ''
                            : ` · ${t('gateways.guessed', { name: className(row.guessedClass) })}`}
                        </span>
                      </>
                    ),
                  },
                  {
                    title: t('gateways.metrics'),
                    key: 'metrics',
                    width: '26%',
                    render: (_, row) =>
                      row.knownDevice && mayAdopt ? (
                        <MetricActions
                          discovery={row}
                          onAdopt={(metric) => setAdopting({ discovery: row, metric })}
                        />
                      ) : (
                        <span className="mono small">{row.metrics.join(', ')}</span>
                      ),
                  },
                  {
                    title: t('gateways.packetsSeen'),
                    key: 'packets',
                    align: 'right',
                    render: (_, row) => <span className="num">{formatCount(row.packets)}</span>,
                  },
                  {
                    title: t('gateways.firstSeen'),
                    key: 'firstSeen',
                    render: (_, row) => <Age time={row.firstSeen} />,
                  },
                  {
                    title: t('gateways.lastSeen'),
                    key: 'lastSeen',
                    render: (_, row) => <Age time={row.lastSeen} />,
                  },
                  {
                    title: t('gateways.sample'),
                    key: 'sample',
                    ellipsis: true,
                    render: (_, row) => (
                      <Tooltip title={row.sample}>
                        <span className="mono small">{row.sample}</span>
                      </Tooltip>
                    ),
                  },
                  {
                    title: '',
                    key: 'actions',
                    align: 'right',
                    render: (_, row) =>
                      row.knownDevice || !mayAdopt ? null : (
                        <Button type="primary" size="small" onClick={() => setAdopting({ discovery: row })}>
                          {t('gateways.adopt')}
                        </Button>
                      ),
                  },
                ]}
              />
            )
          }
        </Loaded>
        <MoreRows list={list} />
      </Panel>
      {many ? (
        <AdoptMany
          discoveries={several}
          onClose={() => {
            setMany(false);
            setChosen([]);
          }}
        />
      ) : null}
      {adopting === null ? null : 'metric' in adopting ? (
        <AdoptMetric
          deviceId={adopting.discovery.deviceId}
          metric={adopting.metric}
          onClose={() => setAdopting(null)}
        />
      ) : (
        <AdoptDevice discovery={adopting.discovery} onClose={() => setAdopting(null)} />
      )}
    </>
  );
}
