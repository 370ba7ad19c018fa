import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown, Table } from 'antd';
import type { OneTimePassword, User } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { Age } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { Secret } from '../../components/secret.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useUserActions } from './user-actions.ts';
import { CreateUser, EditUser } from './user-forms.tsx';

type Editing = { readonly kind: 'new' } | { readonly kind: 'edit'; readonly user: User };

function UserState({ user }: { user: User }) {
  const t = useWords();
  if (user.disabled) return <span className="tag alert">{t('people.disabled')}</span>;
  if (user.mustChangePassword) return <span className="tag strong">{t('people.mustChange')}</span>;
  return <span>{t('people.active')}</span>;
}

interface UserMenuProps {
  readonly user: User;
  readonly onEdit: () => void;
  readonly onSecret: (secret: OneTimePassword) => void;
}

function UserMenu({ user, onEdit, onSecret }: UserMenuProps) {
  const t = useWords();
  const { user: self } = useSession();
  const { reset, disable, enable } = useUserActions(onSecret);
  if (self.id === user.id) return <span className="soft small">{t('people.own')}</span>;
  const state = user.disabled
    ? { key: 'enable', label: t('people.enable'), onClick: () => enable(user) }
    : { key: 'disable', danger: true, label: t('people.disable'), onClick: () => void disable(user) };
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'edit', label: t('common.edit'), onClick: onEdit },
          { key: 'reset', label: t('people.reset'), onClick: () => void reset(user) },
          state,
        ],
      }}
    >
      <Button size="small">{t('common.actions')}</Button>
    </Dropdown>
  );
}

/** Who may log in, and as what. */
export function Users() {
  const t = useWords();
  const parkTime = useParkTime();
  const query = useQuery({ queryKey: keys.users, queryFn: api.users });
  const [editing, setEditing] = useState<Editing | null>(null);
  const [secret, setSecret] = useState<OneTimePassword | null>(null);
  return (
    <Panel
      title={t('system.users')}
      actions={
        <Button type="primary" onClick={() => setEditing({ kind: 'new' })}>
          {t('people.add')}
        </Button>
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('people.empty')} />
          ) : (
            <Table<User>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={[...items]}
              columns={[
                {
                  title: t('people.username'),
                  key: 'username',
                  render: (_, user) => <span className="mono">{user.username}</span>,
                },
                { title: t('people.displayName'), dataIndex: 'displayName' },
                { title: t('people.role'), key: 'role', render: (_, user) => t(`role.${user.role}`) },
                {
                  title: t('status.title'),
                  key: 'state',
                  render: (_, user) => <UserState user={user} />,
                },
                {
                  title: t('people.lastLogin'),
                  key: 'lastLogin',
                  render: (_, user) => <Age time={user.lastLoginAt} />,
                },
                {
                  title: t('people.created'),
                  key: 'created',
                  render: (_, user) => <span className="num">{parkTime(user.createdAt, 'day')}</span>,
                },
                {
                  title: t('people.expiresAt'),
                  key: 'expires',
                  render: (_, user) => <span className="num">{parkTime(user.expiresAt, 'day')}</span>,
                },
                {
                  title: '',
                  key: 'actions',
                  align: 'right',
                  render: (_, user) => (
                    <UserMenu
                      user={user}
                      onEdit={() => setEditing({ kind: 'edit', user })}
                      onSecret={setSecret}
                    />
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {editing?.kind === 'new' ? (
        <CreateUser onSecret={setSecret} onClose={() => setEditing(null)} />
      ) : editing?.kind === 'edit' ? (
        <EditUser user={editing.user} onClose={() => setEditing(null)} />
      ) : null}
      {secret === null ? null : (
        <Secret
          title={t('people.oneTime', { name: secret.user.username })}
          warning={t('people.onceOnly')}
          secret={secret.oneTimePassword}
          note={t('people.validUntil', { time: parkTime(secret.expiresAt) })}
          onClose={() => setSecret(null)}
        />
      )}
    </Panel>
  );
}
