import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, InputNumber, Select, Table, type TableColumnsType } from 'antd';
import type { CredentialSecret, FieldCredential, FieldGrant } from '#schemas/api/field-access.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useParkTime } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { Age } from '../../components/marks.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Secret } from '../../components/secret.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

const hourS = 3_600;
const overlaps = [0, hourS, 24 * hourS, 7 * 24 * hourS] as const;

/** Everything that shows credentials is read again. */
export function useRenewAccess(): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [fieldKeys.access, fieldKeys.credentials].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
}

function useOverlapText(): (seconds: number) => string {
  const t = useWords();
  return (seconds) => {
    if (seconds === 0) return t('fieldAccess.overlapNow');
    const hours = seconds / hourS;
    return hours <= 24
      ? t('fieldAccess.overlapHours', { n: hours })
      : t('fieldAccess.overlapDays', { n: hours / 24 });
  };
}

/** A password that has just been made: shown once. */
export function NewSecret({ made, onClose }: { made: CredentialSecret; onClose: () => void }) {
  const t = useWords();
  return (
    <Secret
      title={t('fieldAccess.secretTitle', { id: made.username })}
      warning={t('fieldAccess.secretOnce')}
      secret={made.secret}
      note={t('fieldAccess.secretUser', { username: made.username })}
      onClose={onClose}
    />
  );
}

interface RotateProps {
  readonly credential: FieldCredential;
  readonly onMade: (made: CredentialSecret) => void;
  readonly onClose: () => void;
}

function Rotate({ credential, onMade, onClose }: RotateProps) {
  const t = useWords();
  const renew = useRenewAccess();
  const overlapText = useOverlapText();
  return (
    <FormModal<{ overlapS: number }>
      title={t('fieldAccess.rotateTitle', { id: credential.deviceId })}
      action={t('fieldAccess.rotate')}
      initial={{ overlapS: 24 * hourS }}
      onClose={onClose}
      onSubmit={async ({ overlapS }) => {
        onMade(await fieldApi.rotate(credential.id, overlapS));
        await renew();
      }}
    >
      <Form.Item name="overlapS" label={t('fieldAccess.overlap')}>
        <Select options={overlaps.map((value) => ({ value, label: overlapText(value) }))} />
      </Form.Item>
    </FormModal>
  );
}

/** Asks, then revokes: whoever uses it is disconnected. */
export function useRevoke(): (credential: FieldCredential) => void {
  const t = useWords();
  const renew = useRenewAccess();
  const notify = useNotify();
  const { modal } = App.useApp();
  return ({ id, deviceId }) =>
    void modal.confirm({
      title: t('fieldAccess.revokeTitle', { id: deviceId }),
      content: t('fieldAccess.revokeBody'),
      okText: t('fieldAccess.revoke'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await fieldApi.revoke(id);
          notify.done(t('fieldAccess.revoked', { id: deviceId }));
        } catch (error) {
          notify.failed(error);
        }
        await renew();
      },
    });
}

interface CredentialTableProps {
  readonly credentials: readonly FieldCredential[];
  readonly onRotate: (credential: FieldCredential) => void;
}

/** Since when and until when a credential counts; of every table that shows some. */
export function useSpanColumns(): TableColumnsType<FieldCredential> {
  const t = useWords();
  const parkTime = useParkTime();
  return [
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
  ];
}

function CredentialTable({ credentials, onRotate }: CredentialTableProps) {
  const t = useWords();
  const spanColumns = useSpanColumns();
  const revoke = useRevoke();
  return (
    <Table<FieldCredential>
      size="small"
      rowKey="id"
      pagination={false}
      dataSource={[...credentials]}
      columns={[
        {
          title: t('fieldAccess.kind'),
          key: 'kind',
          render: (_, row) => (
            <>
              {t(`fieldAccess.${row.kind}`)}
              {row.subject === null ? null : <span className="mono soft small"> {row.subject}</span>}
            </>
          ),
        },
        ...spanColumns,
        {
          title: t('fieldAccess.lastUsed'),
          key: 'lastUsed',
          render: (_, row) => (
            <>
              <Age time={row.lastUsedAt} /> <span className="mono soft small">{row.lastAddress}</span>
            </>
          ),
        },
        {
          title: '',
          key: 'actions',
          align: 'right',
          render: (_, row) => (
            <span className="row end">
              {row.kind === 'password' && row.expiresAt === null ? (
                <Button size="small" onClick={() => onRotate(row)}>
                  {t('fieldAccess.rotate')}
                </Button>
              ) : null}
              <Button size="small" danger onClick={() => revoke(row)}>
                {t('fieldAccess.revoke')}
              </Button>
            </span>
          ),
        },
      ]}
    />
  );
}

function AddCertificate({ deviceId, onClose }: { deviceId: string; onClose: () => void }) {
  const t = useWords();
  const renew = useRenewAccess();
  return (
    <FormModal<{ subject: string }>
      title={t('fieldAccess.addCertificate')}
      action={t('fieldAccess.addCertificate')}
      onClose={onClose}
      onSubmit={async ({ subject }) => {
        await fieldApi.addCertificate(deviceId, subject.trim());
        await renew();
      }}
    >
      <Form.Item
        name="subject"
        label={t('fieldAccess.subject')}
        extra={t('fieldAccess.subjectHint')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={64} className="mono" />
      </Form.Item>
    </FormModal>
  );
}

function EditGrant(props: { deviceId: string; grant: FieldGrant; onClose: () => void }) {
  const { deviceId, grant, onClose } = props;
  const t = useWords();
  const renew = useRenewAccess();
  const notify = useNotify();
  const list = (name: 'children' | 'prefixes' | 'topics') => (
    <Form.Item name={name} label={t(`fieldAccess.${name}`)}>
      <Select
        mode="tags"
        open={false}
        suffixIcon={null}
        tokenSeparators={[',', ' ', '\n']}
        className="mono"
      />
    </Form.Item>
  );
  return (
    <FormModal<FieldGrant>
      title={t('fieldAccess.grant')}
      action={t('common.save')}
      initial={grant}
      onClose={onClose}
      onSubmit={async (values) => {
        await fieldApi.changeGrant(deviceId, values);
        notify.done(t('fieldAccess.saved'));
        await renew();
      }}
    >
      <p className="soft">{t('fieldAccess.grantHint')}</p>
      {list('children')}
      {list('prefixes')}
      {list('topics')}
      <Form.Item name="packetsPerS" label={t('fieldAccess.packetsPerS')}>
        <InputNumber min={1} max={100_000} placeholder={t('fieldAccess.byDefault')} />
      </Form.Item>
      <Form.Item name="connections" label={t('fieldAccess.connectionsMost')}>
        <InputNumber min={1} max={1_000} placeholder={t('fieldAccess.byDefault')} />
      </Form.Item>
    </FormModal>
  );
}

const shownChildren = 12;

function Grant({ deviceId, grant }: { deviceId: string; grant: FieldGrant }) {
  const t = useWords();
  const [editing, setEditing] = useState(false);
  const lists = (['children', 'prefixes', 'topics'] as const).filter((name) => grant[name].length > 0);
  return (
    <Panel
      title={t('fieldAccess.grant')}
      actions={<Button onClick={() => setEditing(true)}>{t('fieldAccess.edit')}</Button>}
    >
      <dl className="facts">
        {lists.length === 0 ? <dd>{t('fieldAccess.nothingMore')}</dd> : null}
        {lists.map((name) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{t(`fieldAccess.${name}`)}</dt>
            <dd className="mono small">
              {grant[name].slice(0, shownChildren).join(', ')}
              {grant[name].length > shownChildren ? ` … (${grant[name].length})` : ''}
            </dd>
          </div>
        ))}
        {(['packetsPerS', 'connections'] as const).map((name) =>
          grant[name] === null ? null : (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{t(name === 'connections' ? 'fieldAccess.connectionsMost' : 'fieldAccess.packetsPerS')}</dt>
              <dd className="num">{grant[name]}</dd>
            </div>
          ),
        )}
      </dl>
      {editing ? <EditGrant deviceId={deviceId} grant={grant} onClose={() => setEditing(false)} /> : null}
    </Panel>
  );
}

/** How a device logs in, and what that lets it do. */
export function FieldAccess({ deviceId }: { deviceId: string }) {
  const t = useWords();
  const renew = useRenewAccess();
  const notify = useNotify();
  const query = useQuery({
    queryKey: [...fieldKeys.access, deviceId],
    queryFn: () => fieldApi.access(deviceId),
    refetchInterval: 15_000,
  });
  const [made, setMade] = useState<CredentialSecret | null>(null);
  const [rotating, setRotating] = useState<FieldCredential | null>(null);
  const [certifying, setCertifying] = useState(false);
  const create = async () => {
    try {
      const [item] = (await fieldApi.createCredentials([deviceId])).items;
      setMade(item ?? null);
    } catch (error) {
      notify.failed(error);
    }
    await renew();
  };
  return (
    <Loaded query={query}>
      {({ credentials, grant, connections }) => (
        <>
          <Panel
            title={
              <>
                {t('fieldAccess.title')}{' '}
                {connections === null ? null : (
                  <span className="soft small num">
                    {t('fieldAccess.connections', { count: connections })}
                  </span>
                )}
              </>
            }
            actions={
              <span className="row">
                <Button onClick={() => setCertifying(true)}>{t('fieldAccess.addCertificate')}</Button>
                <Button type="primary" onClick={() => void create()}>
                  {t('fieldAccess.create')}
                </Button>
              </span>
            }
          >
            {credentials.length === 0 ? (
              <EmptyState title={t('fieldAccess.none')} hint={t('fieldAccess.noneHint')} />
            ) : (
              <CredentialTable credentials={credentials} onRotate={setRotating} />
            )}
          </Panel>
          <Grant deviceId={deviceId} grant={grant} />
          {made === null ? null : <NewSecret made={made} onClose={() => setMade(null)} />}
          {certifying ? <AddCertificate deviceId={deviceId} onClose={() => setCertifying(false)} /> : null}
          {rotating === null ? null : (
            <Rotate credential={rotating} onMade={setMade} onClose={() => setRotating(null)} />
          )}
        </>
      )}
    </Loaded>
  );
}
