import { useState } from 'react';
import { Button, Dropdown, Table } from 'antd';
import { admins, engineers } from '#schemas/roles.ts';
import { useNow } from '../../app/clock.ts';
import { useWords } from '../../app/i18n.ts';
import type { Channel } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { Age } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { ChannelEditor } from './channel-editor.tsx';
import { useDeliveryTest } from './channel-test.ts';
import { useChannels, useSettingActions } from './lookups.ts';

/** How a channel does: quiet when it works. */
function Health({ channel }: { channel: Channel }) {
  const t = useWords();
  const parkTime = useParkTime();
  const present = useNow();
  const { failures, failingSince, openUntil, lastError, lastDeliveredAt, waiting } = channel.health;
  const isPaused = openUntil !== null && Date.parse(openUntil) > present;
  return (
    <div className="small">
      {!channel.enabled ? (
        <span className="tag strong">{t('notify.channel.off')}</span>
      ) : failures > 0 ? (
        <>
          <span className="tag alert wrap">
            {t('notify.channel.failing', { count: failures })} <Age time={failingSince} />
          </span>{' '}
          {isPaused ? (
            <span>{t('notify.channel.paused', { time: parkTime(openUntil, 'minute') })}</span>
          ) : null}
          <div className="mono">{lastError}</div>
        </>
      ) : (
        <span>{t(lastDeliveredAt === null ? 'notify.channel.unused' : 'notify.channel.fine')}</span>
      )}
      {waiting > 0 ? <div className="num">{t('notify.channel.waiting', { count: waiting })}</div> : null}
      {lastDeliveredAt === null ? null : (
        <div className="soft">
          {t('notify.channel.lastOk')} <Age time={lastDeliveredAt} />
        </div>
      )}
    </div>
  );
}

function target({ config }: Channel): string {
  if (config.kind === 'email') return `${config.host}:${config.port}`;
  return config.kind === 'http' || config.kind === 'webhook' ? config.url : '';
}

/** Ways out, how each does, and a test of each. */
export function Channels() {
  const t = useWords();
  const query = useChannels();
  const mayEdit = useMay(admins);
  const mayTest = useMay(engineers);
  const { remove } = useSettingActions('channels');
  const { testing, test } = useDeliveryTest(notifyApi.test);
  const [editing, setEditing] = useState<Channel | 'new' | null>(null);
  return (
    <Panel
      title={t('notify.channels')}
      actions={
        mayEdit ? (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('notify.channel.add')}
          </Button>
        ) : null
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('notify.channel.unused')} />
          ) : (
            <Table<Channel>
              size="small"
              rowKey="id"
              pagination={false}
              scroll={{ x: 900 }}
              dataSource={[...items]}
              columns={[
                {
                  title: t('common.name'),
                  key: 'name',
                  render: (_, channel) => (
                    <>
                      <div>{channel.name}</div>
                      <span className="mono soft small">{channel.id}</span>
                    </>
                  ),
                },
                {
                  title: t('notify.delivery.channel'),
                  key: 'kind',
                  render: (_, channel) => (
                    <>
                      <div>{t(`notify.kind.${channel.config.kind}`)}</div>
                      <span className="mono soft small cut">{target(channel)}</span>
                    </>
                  ),
                },
                {
                  title: t('notify.channel.health'),
                  key: 'health',
                  width: '40%',
                  render: (_, channel) => <Health channel={channel} />,
                },
                {
                  title: '',
                  key: 'actions',
                  align: 'right',
                  render: (_, channel) => (
                    <span className="row end">
                      {mayTest ? (
                        <Button
                          size="small"
                          loading={testing === channel.id}
                          onClick={() => void test(channel)}
                          disabled={!channel.enabled}
                        >
                          {t('notify.channel.test')}
                        </Button>
                      ) : null}
                      {mayEdit ? (
                        <Dropdown
                          trigger={['click']}
                          menu={{
                            items: [
                              { key: 'edit', label: t('common.edit'), onClick: () => setEditing(channel) },
                              {
                                key: 'remove',
                                danger: true,
                                label: t('account.delete'),
                                onClick: () => remove(channel),
                              },
                            ],
                          }}
                        >
                          <Button size="small">{t('common.actions')}</Button>
                        </Dropdown>
                      ) : null}
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {editing === null ? null : (
        <ChannelEditor channel={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </Panel>
  );
}
