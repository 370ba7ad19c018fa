import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Modal, Select, Table } from 'antd';
import { Link } from 'react-router';
import type { CredentialSecret, FieldCredential } from '#schemas/api/field-access.ts';
import { admins } from '#schemas/roles.ts';
import { downloadCsv } from '../../app/download.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { Age } from '../../components/marks.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useRenewAccess, useRevoke, useSpanColumns } from '../device/field-access.tsx';

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

/** Ids of one request; more are made by the API. */
const mostAtOnce = 1_000;

interface ManyProps {
  readonly onMade: (made: readonly CredentialSecret[]) => void;
  readonly onClose: () => void;
}

/** One password each for many devices. */
function CreateMany({ onMade, onClose }: ManyProps) {
  const t = useWords();
  const renew = useRenewAccess();
  return (
    <FormModal<{ deviceIds: string[] }>
      title={t('fieldAccess.createMany')}
      action={t('fieldAccess.create')}
      onClose={onClose}
      onSubmit={async ({ deviceIds }) => {
        onMade((await fieldApi.createCredentials(deviceIds)).items);
        await renew();
      }}
    >
      <Form.Item
        name="deviceIds"
        label={t('fieldAccess.children')}
        extra={t('fieldAccess.createManyHint')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Select
          mode="tags"
          open={false}
          suffixIcon={null}
          maxCount={mostAtOnce}
          tokenSeparators={[',', ' ', '\n', '\t', ';']}
          className="mono"
        />
      </Form.Item>
    </FormModal>
  );
}

/** Secrets of many devices: a file, once. */
function ManySecrets({ made, onClose }: { made: readonly CredentialSecret[]; onClose: () => void }) {
  const t = useWords();
  const save = () =>
    downloadCsv('credentials', [
      ['username', 'password'],
      ...made.map(({ username, secret }) => [username, secret]),
    ]);
  return (
    <Modal
      open
      title={t('fieldAccess.secretsTitle', { count: made.length })}
      mask={{ closable: false }}
      keyboard={false}
      closable={false}
      footer={
        <>
          <Button onClick={onClose}>{t('common.close')}</Button>
          <Button type="primary" onClick={save}>
            {t('fieldAccess.downloadSecrets')}
          </Button>
        </>
      }
    >
      <Alert type="warning" showIcon title={t('fieldAccess.secretsOnce')} />
    </Modal>
  );
}

/** Every credential of the park that stands. */
export function Credentials() {
  const t = useWords();
  const spanColumns = useSpanColumns();
  const revoke = useRevoke();
  const query = useQuery({ queryKey: fieldKeys.credentials, queryFn: fieldApi.credentials });
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<readonly CredentialSecret[]>([]);
  return (
    <>
      <Panel>
        <SharedLogin />
      </Panel>
      <Panel
        flush
        title={t('fieldAccess.title')}
        actions={<Button onClick={() => setCreating(true)}>{t('fieldAccess.createMany')}</Button>}
      >
        {creating ? <CreateMany onMade={setMade} onClose={() => setCreating(false)} /> : null}
        {made.length === 0 ? null : <ManySecrets made={made} onClose={() => setMade([])} />}
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
                  ...spanColumns,
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
