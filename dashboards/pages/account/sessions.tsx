import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Table } from 'antd';
import type { Session } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Age } from '../../components/marks.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

export function Sessions() {
  const t = useWords();
  const parkTime = useParkTime();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  const query = useQuery({ queryKey: keys.sessions, queryFn: () => api.sessions() });
  const end = (session: Session) =>
    modal.confirm({
      title: t('account.endTitle'),
      content: t('account.endBody', { address: session.address }),
      okText: t('account.end'),
      onOk: async () => {
        try {
          await api.endSession(session.id);
          notify.done(t('account.ended'));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: keys.sessions });
      },
    });
  return (
    <Panel title={t('account.sessions')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('account.noSessions')} />
          ) : (
            <Table<Session>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={[...items]}
              columns={[
                {
                  title: t('account.address'),
                  key: 'address',
                  render: (_, session) => <span className="mono">{session.address}</span>,
                },
                { title: t('account.agent'), dataIndex: 'userAgent', ellipsis: true, width: '38%' },
                {
                  title: t('account.lastSeen'),
                  key: 'lastSeen',
                  render: (_, session) => <Age time={session.lastSeenAt} />,
                },
                {
                  title: t('account.expires'),
                  key: 'expires',
                  render: (_, session) => (
                    <span className="num">{parkTime(session.expiresAt, 'minute')}</span>
                  ),
                },
                {
                  title: '',
                  key: 'actions',
                  align: 'right',
                  render: (_, session) =>
                    session.current ? (
                      <span className="tag strong">{t('account.current')}</span>
                    ) : (
                      <Button size="small" onClick={() => void end(session)}>
                        {t('account.end')}
                      </Button>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
