import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import type { OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { ServerEditor } from './server-editor.tsx';
import { Connected, Status } from './status.tsx';

const renewMs = 2_000;

function useRemove() {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  return ({ id, nodeCount }: OpcuaServerAnswer) =>
    void modal.confirm({
      title: t('opcua.removeTitle', { id }),
      content: t('opcua.removeBody', { nodes: nodeCount }),
      okText: t('opcua.remove'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await opcuaApi.remove(id);
          notify.done(t('opcua.removed', { id }));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: opcuaKeys.servers });
      },
    });
}

interface ServerPanelProps {
  readonly server: OpcuaServerAnswer;
  readonly onOpen: () => void;
  readonly onEdit: () => void;
}

function ServerPanel({ server, onOpen, onEdit }: ServerPanelProps) {
  const t = useWords();
  const remove = useRemove();
  const { id, origin, settings, figures } = server;
  const isOverruled = settings !== null && origin === 'file';
  return (
    <Panel
      title={
        <span className="row wrap">
          <span className="mono">{id}</span>
          <Connected server={server} />
          <span className="tag">{t(`opcua.origin.${origin}`)}</span>
          {(figures?.securityMode ?? settings?.securityMode) === 'None' ? (
            <span className="tag strong">{t('opcua.mode.None')}</span>
          ) : null}
          <span className="soft small mono">{figures?.endpoint ?? settings?.endpoint}</span>
        </span>
      }
      actions={
        <span className="row">
          {settings === null && origin === 'file' ? (
            <span className="soft small">{t('opcua.inFile')}</span>
          ) : null}
          <Button size="small" onClick={onOpen}>
            {t('opcua.open')}
          </Button>
          {settings === null ? null : (
            <>
              <Button size="small" onClick={onEdit}>
                {t('opcua.edit')}
              </Button>
              <Button size="small" danger onClick={() => remove(server)}>
                {t('opcua.remove')}
              </Button>
            </>
          )}
        </span>
      }
    >
      {isOverruled ? <p className="tag alert wrap-words">{t('opcua.fileWins')}</p> : null}
      <Status server={server} />
    </Panel>
  );
}

/** Every server with its state; those that are kept here can be changed. */
export function Servers({ onOpen }: { onOpen: (id: string) => void }) {
  const t = useWords();
  const query = useQuery({
    queryKey: opcuaKeys.servers,
    queryFn: opcuaApi.servers,
    refetchInterval: renewMs,
  });
  const [edited, setEdited] = useState<OpcuaServerAnswer | 'new' | null>(null);
  return (
    <>
      {edited === null ? null : (
        <ServerEditor server={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      <div className="row">
        <strong>{t('opcua.servers')}</strong>
        <span className="grow" />
        <Button type="primary" onClick={() => setEdited('new')}>
          {t('opcua.add')}
        </Button>
      </div>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('opcua.none')} hint={t('opcua.noneHint')} />
          ) : (
            <>
              {items.map((server) => (
                <ServerPanel
                  key={server.id}
                  server={server}
                  onOpen={() => onOpen(server.id)}
                  onEdit={() => setEdited(server)}
                />
              ))}
            </>
          )
        }
      </Loaded>
    </>
  );
}
