import { useState } from 'react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Table } from 'antd';
import { Link } from 'react-router';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { MapNode } from './map-node.tsx';

const pageSize = 200;
const namedMost = 5;

function keyOf({ deviceId, metric }: OpcuaNode): string {
  return `${deviceId}.${metric}`;
}

function useUnmap(serverId: string, onDone: () => void) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  return (nodes: readonly OpcuaNode[]) => {
    const count = nodes.length;
    const named = nodes.slice(0, namedMost).map(keyOf).join(', ');
    void modal.confirm({
      title: t('opcua.unmapTitle', { count }),
      content: t('opcua.unmapBody', { points: count > namedMost ? `${named} …` : named }),
      okText: t('opcua.unmap'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await opcuaApi.unmap(
            serverId,
            nodes.map(({ deviceId, metric }) => ({ deviceId, metric })),
          );
          notify.done(t('opcua.unmapped', { count }));
          onDone();
        } catch (error) {
          notify.failed(error);
        }
        await Promise.all(
          [opcuaKeys.nodes, opcuaKeys.servers].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
      },
    });
  };
}

/** How a node differs from what its server does. */
function settingsOf({ unit, scale, deadband, samplingIntervalMs, states }: OpcuaNode): string {
  return [
    ...(unit === undefined ? [] : [unitSign(unit)]),
    ...(scale === undefined ? [] : [`× ${scale}`]),
    ...(deadband === undefined ? [] : [`± ${deadband}`]),
    ...(samplingIntervalMs === undefined ? [] : [`${samplingIntervalMs} ms`]),
    ...(states === undefined
      ? []
      : [
          Object.entries(states)
            .map((pair) => pair.join('→'))
            .join(' '),
        ]),
  ].join(' · ');
}

/** Which nodes are which points. */
export function Nodes({ serverId }: { serverId: string }) {
  const t = useWords();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<readonly OpcuaNode[]>([]);
  const [edited, setEdited] = useState<OpcuaNode | null>(null);
  const unmap = useUnmap(serverId, () => setChosen([]));
  const list = useInfiniteQuery({
    queryKey: [...opcuaKeys.nodes, serverId, search],
    queryFn: ({ pageParam }) =>
      opcuaApi.nodes(serverId, {
        limit: pageSize,
        ...(search === '' ? {} : { search }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  return (
    <Panel
      title={t('opcua.mapped')}
      actions={
        <span className="row">
          <Button size="small" danger disabled={chosen.length === 0} onClick={() => unmap(chosen)}>
            {t('opcua.unmap')}
            {chosen.length === 0 ? '' : ` (${chosen.length})`}
          </Button>
          <Input.Search
            allowClear
            size="small"
            placeholder={t('opcua.search')}
            aria-label={t('opcua.search')}
            onSearch={(text) => setSearch(text.trim())}
          />
        </span>
      }
    >
      {edited === null ? null : (
        <MapNode
          serverId={serverId}
          nodeId={edited.nodeId}
          name={edited.nodeId}
          known={edited}
          onClose={() => setEdited(null)}
        />
      )}
      <Loaded query={list}>
        {({ pages }) => {
          const nodes = pages.flatMap(({ items }) => items);
          if (nodes.length === 0)
            return <EmptyState title={t('opcua.mappedNone')} hint={t('opcua.mappedNoneHint')} />;
          return (
            <Table<OpcuaNode>
              size="small"
              rowKey={keyOf}
              pagination={nodes.length > pageSize ? { pageSize } : false}
              dataSource={nodes}
              rowSelection={{
                selectedRowKeys: chosen.map(keyOf),
                onChange: (_, rows) => setChosen(rows),
              }}
              columns={[
                {
                  title: t('opcua.point'),
                  key: 'point',
                  render: (_, node) => (
                    <Link className="mono" to={`/devices/${node.deviceId}`}>
                      {keyOf(node)}
                    </Link>
                  ),
                },
                {
                  title: t('opcua.node'),
                  key: 'node',
                  render: (_, node) => (
                    <>
                      <span className="mono small">{node.nodeId}</span>
                      <div className="soft small">{settingsOf(node)}</div>
                    </>
                  ),
                },
                {
                  title: '',
                  key: 'actions',
                  align: 'right',
                  render: (_, node) => (
                    <Button size="small" onClick={() => setEdited(node)}>
                      {t('opcua.edit')}
                    </Button>
                  ),
                },
              ]}
            />
          );
        }}
      </Loaded>
      {list.hasNextPage ? (
        <div className="row">
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('opcua.more')}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}
