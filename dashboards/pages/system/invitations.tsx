import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Form, Input, Table } from 'antd';
import type { Dayjs } from 'dayjs';
import type { Invitation } from '#schemas/api/people.ts';
import { invitationApi, type InvitationAnswer } from '../../app/invitation-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { instantOf } from '../../components/dates.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Secret } from '../../components/secret.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

interface Values {
  readonly username: string;
  readonly displayName: string;
  readonly expires: Dayjs;
  readonly email?: string;
}

/** What schemas/api/people.ts asks of a user name. */
const usernamePattern = /^[a-z][a-z0-9._-]{1,31}$/;

function InviteDialog(props: { onClose: () => void; onInvited: (answer: InvitationAnswer) => void }) {
  const t = useWords();
  const client = useQueryClient();
  const { timeZone } = useSession();
  const required = { required: true, message: t('common.required') };
  return (
    <FormModal<Values>
      title={t('invitation.invite')}
      action={t('invitation.invite')}
      onClose={props.onClose}
      onSubmit={async ({ username, displayName, expires, email }) => {
        const expiresAt = instantOf(expires.startOf('day'), timeZone) ?? '';
        const to = email === undefined || email === '' ? {} : { email };
        props.onInvited(await invitationApi.invite({ username, displayName, expiresAt, ...to }));
        await client.invalidateQueries({ queryKey: keys.users });
      }}
    >
      <Form.Item name="displayName" label={t('people.displayName')} rules={[required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item
        name="username"
        label={t('people.username')}
        extra={t('people.usernameRule')}
        rules={[{ required: true, pattern: usernamePattern, message: t('people.usernameRule') }]}
      >
        <Input className="mono" autoCapitalize="none" autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="expires"
        label={t('people.expiresAt')}
        extra={t('invitation.endsHint')}
        rules={[required]}
      >
        <DatePicker />
      </Form.Item>
      <Form.Item name="email" label={t('invitation.email')} extra={t('invitation.emailHint')}>
        <Input type="email" maxLength={200} autoComplete="off" />
      </Form.Item>
    </FormModal>
  );
}

function useRevoke(): (invitation: Invitation) => void {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  return ({ id, username }) =>
    void modal.confirm({
      title: t('invitation.revokeTitle', { name: username }),
      content: t('invitation.revokeBody'),
      okText: t('invitation.revoke'),
      onOk: async () => {
        try {
          await invitationApi.revoke(id);
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: keys.users });
      },
    });
}

/** Assessors who were invited for a time. */
export function Invitations() {
  const t = useWords();
  const parkTime = useParkTime();
  const revoke = useRevoke();
  const notify = useNotify();
  const [inviting, setInviting] = useState(false);
  const [secret, setSecret] = useState<{ link: string; invitation: Invitation } | null>(null);
  const query = useQuery({ queryKey: [...keys.users, 'invitations'], queryFn: invitationApi.list });
  const invited = ({ link, invitation }: InvitationAnswer) => {
    if (link === null) notify.done(t('invitation.mailed', { email: invitation.email ?? '' }));
    else setSecret({ link, invitation });
  };
  return (
    <Panel
      title={t('invitation.title')}
      actions={<Button onClick={() => setInviting(true)}>{t('invitation.invite')}</Button>}
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('invitation.none')} hint={t('invitation.noneHint')} />
          ) : (
            <Table<Invitation>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={[...items]}
              columns={[
                { title: t('people.displayName'), dataIndex: 'displayName' },
                {
                  title: t('people.username'),
                  key: 'username',
                  render: (_, { username }) => <span className="mono">{username}</span>,
                },
                {
                  title: t('status.title'),
                  key: 'state',
                  render: (_, row) => t(`invitation.state.${row.state}`),
                },
                {
                  title: t('invitation.linkEnds'),
                  key: 'link',
                  render: (_, row) => <span className="num">{parkTime(row.linkEndsAt)}</span>,
                },
                {
                  title: t('people.expiresAt'),
                  key: 'end',
                  render: (_, row) => <span className="num">{parkTime(row.accountEndsAt, 'day')}</span>,
                },
                {
                  title: '',
                  key: 'revoke',
                  align: 'right',
                  render: (_, row) =>
                    row.state === 'revoked' ? null : (
                      <Button size="small" danger onClick={() => revoke(row)}>
                        {t('invitation.revoke')}
                      </Button>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {inviting ? <InviteDialog onClose={() => setInviting(false)} onInvited={invited} /> : null}
      {secret === null ? null : (
        <Secret
          title={t('invitation.linkTitle', { name: secret.invitation.displayName })}
          warning={t('invitation.linkOnce')}
          secret={secret.link}
          note={t('people.validUntil', { time: parkTime(secret.invitation.linkEndsAt) })}
          onClose={() => setSecret(null)}
        />
      )}
    </Panel>
  );
}
