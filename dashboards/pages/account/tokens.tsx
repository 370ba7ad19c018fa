import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Select, Table } from 'antd';
import type { TokenScope } from '#schemas/roles.ts';
import { tokenScopes } from '#schemas/roles.ts';
import type { Token, TokenSecret } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { nowMs } from '../../app/clock.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { Age } from '../../components/marks.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Secret } from '../../components/secret.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

const dayMs = 86_400_000;
const expiryDays = [7, 30, 90, 365] as const;

interface TokenValues {
  readonly name: string;
  readonly scopes: TokenScope[];
  readonly days: number;
}

function CreateToken(props: { onSecret: (secret: TokenSecret) => void; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  return (
    <FormModal<TokenValues>
      title={t('account.addToken')}
      action={t('account.addToken')}
      initial={{ scopes: ['read'], days: 90 }}
      onClose={props.onClose}
      onSubmit={async ({ name, scopes, days }) => {
        const expiresAt = new Date(nowMs() + days * dayMs).toISOString();
        props.onSecret(await api.createToken({ name, scopes, expiresAt }));
        await client.invalidateQueries({ queryKey: keys.tokens });
      }}
    >
      <Form.Item
        name="name"
        label={t('account.tokenName')}
        extra={t('account.tokenNameHint')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item
        name="scopes"
        label={t('account.scopes')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Checkbox.Group
          options={tokenScopes.map((scope) => ({ value: scope, label: t(`account.${scope}`) }))}
        />
      </Form.Item>
      <Form.Item name="days" label={t('account.expiry')}>
        <Select options={expiryDays.map((n) => ({ value: n, label: t('account.expiryDays', { n }) }))} />
      </Form.Item>
    </FormModal>
  );
}

/** Asks, then deletes; programs that use the token lose access at once. */
function useDelete(): (token: Token) => void {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  return (token) =>
    void modal.confirm({
      title: t('account.deleteTitle', { name: token.name }),
      content: t('account.deleteBody'),
      okText: t('account.delete'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await api.deleteToken(token.id);
          notify.done(t('account.deleted', { name: token.name }));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: keys.tokens });
      },
    });
}

function TokenTable({ tokens }: { tokens: readonly Token[] }) {
  const t = useWords();
  const parkTime = useParkTime();
  const remove = useDelete();
  return (
    <Table<Token>
      size="small"
      rowKey="id"
      pagination={false}
      dataSource={[...tokens]}
      columns={[
        { title: t('account.tokenName'), dataIndex: 'name' },
        {
          title: t('account.scopes'),
          key: 'scopes',
          render: (_, token) => token.scopes.map((scope) => t(`account.${scope}`)).join(' · '),
        },
        {
          title: t('people.created'),
          key: 'created',
          render: (_, token) => <span className="num">{parkTime(token.createdAt, 'day')}</span>,
        },
        {
          title: t('account.expires'),
          key: 'expires',
          render: (_, token) => <span className="num">{parkTime(token.expiresAt, 'minute')}</span>,
        },
        {
          title: t('account.lastUsed'),
          key: 'lastUsed',
          render: (_, token) => <Age time={token.lastUsedAt} />,
        },
        {
          title: '',
          key: 'actions',
          align: 'right',
          render: (_, token) => (
            <Button size="small" danger onClick={() => remove(token)}>
              {t('account.delete')}
            </Button>
          ),
        },
      ]}
    />
  );
}

export function Tokens() {
  const t = useWords();
  const parkTime = useParkTime();
  const query = useQuery({ queryKey: keys.tokens, queryFn: api.tokens });
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<TokenSecret | null>(null);
  return (
    <Panel
      title={t('account.tokens')}
      actions={<Button onClick={() => setCreating(true)}>{t('account.addToken')}</Button>}
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('account.noTokens')} hint={t('account.noTokensHint')} />
          ) : (
            <TokenTable tokens={items} />
          )
        }
      </Loaded>
      {creating ? <CreateToken onSecret={setSecret} onClose={() => setCreating(false)} /> : null}
      {secret === null ? null : (
        <Secret
          title={t('account.secret', { name: secret.token.name })}
          warning={t('account.secretOnce')}
          secret={secret.secret}
          note={t('people.validUntil', { time: parkTime(secret.token.expiresAt) })}
          onClose={() => setSecret(null)}
        />
      )}
    </Panel>
  );
}
