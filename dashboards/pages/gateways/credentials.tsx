import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Table } from 'antd';
import { Link } from 'react-router';
import type { FieldCredential } from '#schemas/api/field-access.ts';
import { admins } from '#schemas/roles.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { Age } from '../../components/marks.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useRevoke } from '../device/field-access.tsx';

/** Whether the shared credential still counts; an administrator decides. */
function SharedLogin() {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  const mayDecide = useMay(admins);
  const query = useQuery({ queryKey: fieldKeys.policy, queryFn: fieldApi.policy });
  const decide = (sharedLogin: boolean) =>
    void modal.confirm({
      title: t(sharedLogin ? 'fieldAccess.turnOn' : 'fieldAccess.turnOff'),
      content: t(sharedLogin ? 'fieldAccess.turnOnBody' : 'fieldAccess.turnOffBody'),
      okText: t(sharedLogin ? 'fieldAccess.turnOn' : 'fieldAccess.turnOff'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await fieldApi.changePolicy({ sharedLogin });
          notify.done(t('fieldAccess.saved'));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: fieldKeys.policy });
      },
    });
  return (
    <Loaded query={query}>
      {({ sharedLogin }) => (
        <div className="row wrap">
          <strong>{t('fieldAccess.shared')}</strong>
          <span>{t(sharedLogin ? 'fieldAccess.sharedOn' : 'fieldAccess.sharedOff')}</span>
          <span className="grow" />
          {mayDecide ? (
            <Button danger={sharedLogin} onClick={() => decide(!sharedLogin)}>
              {t(sharedLogin ? 'fieldAccess.turnOff' : 'fieldAccess.turnOn')}
            </Button>
          ) : null}
        </div>
      )}
    </Loaded>
  );
}

/** Every credential of the park that stands. */
export function Credentials() {
  const t = useWords();
  const parkTime = useParkTime();
  const revoke = useRevoke();
  const query = useQuery({ queryKey: fieldKeys.credentials, queryFn: fieldApi.credentials });
  return (
    <>
      <Panel>
        <SharedLogin />
      </Panel>
      <Panel flush>
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t('fieldAccess.allNone')} hint={t('fieldAccess.allNoneHint')} />
            ) : (
              <Table<FieldCredential>
                size="small"
                rowKey="id"
                pagination={items.length > 100 ? { pageSize: 100 } : false}
                dataSource={[...items]}
                columns={[
                  {
                    title: t('alarm.device'),
                    key: 'device',
                    render: (_, row) => (
                      <>
                        <Link to={`/devices/${row.deviceId}?tab=connection`}>
                          {row.deviceName ?? row.deviceId}
                        </Link>{' '}
                        <span className="mono soft small">{row.deviceId}</span>
                      </>
                    ),
                  },
                  {
                    title: t('fieldAccess.kind'),
                    key: 'kind',
                    render: (_, row) => (
                      <>
                        {t(`fieldAccess.${row.kind}`)} <span className="mono soft small">{row.subject}</span>
                      </>
                    ),
                  },
                  {
                    title: t('fieldAccess.created'),
                    key: 'created',
                    render: (_, row) => (
                      <>
                        <span className="num">{parkTime(row.createdAt, 'minute')}</span>{' '}
                        <span className="soft small">{row.createdBy}</span>
                      </>
                    ),
                  },
                  {
                    title: t('fieldAccess.expires'),
                    key: 'expires',
                    render: (_, row) =>
                      row.expiresAt === null ? (
                        t('fieldAccess.never')
                      ) : (
                        <span className="num">{parkTime(row.expiresAt, 'minute')}</span>
                      ),
                  },
                  {
                    title: t('fieldAccess.lastUsed'),
                    key: 'lastUsed',
                    render: (_, row) => <Age time={row.lastUsedAt} />,
                  },
                  {
                    title: '',
                    key: 'actions',
                    align: 'right',
                    render: (_, row) => (
                      <Button size="small" danger onClick={() => revoke(row)}>
                        {t('fieldAccess.revoke')}
                      </Button>
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}
