import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import type { OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { MapMany } from './map-many.tsx';
import { MapNode } from './map-node.tsx';
import { AlarmSource, Meanings, MethodCommand } from './meaning.tsx';
import { Nodes } from './nodes.tsx';
import { Connected, Status } from './status.tsx';
import { ServerTree, type TreeNode } from './tree.tsx';

const renewMs = 2_000;

/** What can be done with the chosen node; only a server that is kept here takes it. */
function Chosen({ server, node }: { server: OpcuaServerAnswer; node: TreeNode }) {
  const t = useWords();
  const [isOpen, setOpen] = useState(false);
  const { browsed, parentId } = node;
  if (browsed === null) return null;
  const { nodeId, name, nodeClass, isMappable } = browsed;
  const canChange = server.settings !== null && server.origin !== 'file';
  const act = {
    variable: 'opcua.mapVariable',
    object: 'opcua.sourceAct',
    method: 'opcua.methodAct',
  } as const;
  const isBlocked = nodeClass === 'variable' && !isMappable;
  const close = () => setOpen(false);
  const common = { nodeId, name, onClose: close };
  return (
    <div className="row wrap" data-testid="chosen">
      <span className="mono small">{nodeId}</span>
      <span className="grow" />
      {isBlocked ? <span className="soft small">{t('opcua.notMappable')}</span> : null}
      {canChange ? (
        <Button type="primary" size="small" disabled={isBlocked} onClick={() => setOpen(true)}>
          {t(act[nodeClass])}
        </Button>
      ) : (
        <span className="soft small">{t('opcua.inFile')}</span>
      )}
      {isOpen && nodeClass === 'variable' ? <MapNode {...common} serverId={server.id} known={null} /> : null}
      {isOpen && nodeClass === 'object' ? <AlarmSource {...common} server={server} /> : null}
      {isOpen && nodeClass === 'method' ? (
        <MethodCommand {...common} server={server} objectId={parentId} />
      ) : null}
    </div>
  );
}

interface ServerNodesProps {
  readonly server: OpcuaServerAnswer;
}

/** What the server has: one node at a time, or many of them that become points together. */
function ServerNodes({ server }: ServerNodesProps) {
  const t = useWords();
  const [node, setNode] = useState<TreeNode | null>(null);
  const [chosen, setChosen] = useState<readonly TreeNode[] | null>(null);
  const [isMapping, setMapping] = useState(false);
  const canChange = server.settings !== null && server.origin !== 'file';
  const starts = (chosen ?? []).flatMap(({ browsed, path }) =>
    browsed === null ? [] : [{ node: browsed, path }],
  );
  return (
    <Panel
      title={t('opcua.tree')}
      actions={
        canChange ? (
          <span className="row">
            {chosen === null ? null : (
              <Button
                type="primary"
                size="small"
                disabled={chosen.length === 0}
                onClick={() => setMapping(true)}
              >
                {t('opcua.many.act', { count: chosen.length })}
              </Button>
            )}
            <Button
              size="small"
              disabled={!server.connected}
              aria-pressed={chosen !== null}
              onClick={() => setChosen(chosen === null ? [] : null)}
            >
              {t(chosen === null ? 'opcua.many.choose' : 'opcua.many.one')}
            </Button>
          </span>
        ) : null
      }
    >
      {server.connected ? null : <p className="soft">{t('opcua.notConnected')}</p>}
      {chosen === null ? null : <p className="soft small">{t('opcua.many.hint')}</p>}
      {node === null || chosen !== null ? null : <Chosen key={node.key} server={server} node={node} />}
      <ServerTree
        serverId={server.id}
        onSelect={setNode}
        {...(chosen === null ? {} : { many: { chosen, onChange: setChosen } })}
      />
      {isMapping ? (
        <MapMany
          serverId={server.id}
          starts={starts}
          onClose={() => setMapping(false)}
          onDone={() => {
            setMapping(false);
            setChosen(null);
          }}
        />
      ) : null}
    </Panel>
  );
}

/** One server: how it does, what it has, and what of it is read. */
export function ServerView({ id, onBack }: { id: string; onBack: () => void }) {
  const t = useWords();
  const query = useQuery({
    queryKey: [...opcuaKeys.servers, id],
    queryFn: () => opcuaApi.server(id),
    refetchInterval: renewMs,
  });
  return (
    <div className="stack">
      <div>
        <Button size="small" onClick={onBack}>
          ← {t('opcua.back')}
        </Button>
      </div>
      <Loaded query={query}>
        {(server) => (
          <>
            <Panel
              title={
                <span className="row wrap">
                  <span className="mono">{server.id}</span>
                  <Connected server={server} />
                  <span className="soft small mono">
                    {server.figures?.endpoint ?? server.settings?.endpoint}
                  </span>
                </span>
              }
            >
              <Status server={server} />
              <Meanings server={server} />
            </Panel>
            <div className="split">
              <ServerNodes server={server} />
              {server.settings === null ? null : <Nodes serverId={server.id} />}
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}
