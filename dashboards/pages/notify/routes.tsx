import { useState } from 'react';
import { Button, Table } from 'antd';
import { engineers } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useSpaces } from '../../app/lookups.ts';
import type { RouteBody } from '../../app/notify-api.ts';
import { useMay } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { nameIn, useChannels, useRoutes, useSettingActions } from './lookups.ts';
import { PreviewPanel } from './preview.tsx';
import { RouteEditor } from './route-editor.tsx';
import { useTargetName } from './targets.ts';
import { windowsText } from './windows.ts';

function MatchText({ route }: { route: RouteBody }) {
  const t = useWords();
  const className = useClassNames();
  const spaces = useSpaces();
  const { severities, categories, spaces: within, deviceClasses, rules, windows } = route.match;
  const rest = [
    categories.join(', '),
    within.map((id) => nameIn(spaces.data?.items, id)).join(', '),
    deviceClasses.map(className).join(', '),
    rules.join(', '),
    windowsText(t, windows),
  ].filter((text) => text !== '');
  return (
    <div className="row wrap">
      {severities.length === 0 && rest.length === 0 ? <span>{t('notify.any')}</span> : null}
      {severities.map((severity) => (
        <SeverityMark key={severity} severity={severity} />
      ))}
      {rest.map((text) => (
        <span key={text} className="tag wrap">
          {text}
        </span>
      ))}
    </div>
  );
}

function Steps({ route }: { route: RouteBody }) {
  const t = useWords();
  const targetName = useTargetName();
  const channels = useChannels();
  return (
    <ol className="steps">
      {route.steps.map((step, i) => (
        <li key={i}>
          <span className="num">
            {step.afterMinutes === 0
              ? t('notify.routeForm.immediately')
              : t('notify.routeForm.afterMinutes', { n: step.afterMinutes })}
          </span>{' '}
          <b>{step.targets.map(targetName).join(', ')}</b>{' '}
          <span className="soft">
            {step.channels.length === 0
              ? t('notify.routeForm.personalOnly')
              : step.channels.map((id) => nameIn(channels.data?.items, id)).join(', ')}
          </span>
        </li>
      ))}
      {route.repeat === null ? null : (
        <li className="soft after">
          {t('notify.routeForm.repeats', { every: route.repeat.everyMinutes, times: route.repeat.times })}
        </li>
      )}
    </ol>
  );
}

/** Which alarms tell whom, step by step. */
export function Routes() {
  const t = useWords();
  const query = useRoutes();
  const mayEdit = useMay(engineers);
  const { remove } = useSettingActions('routes');
  const [editing, setEditing] = useState<RouteBody | 'new' | null>(null);
  const inOrder = (items: readonly RouteBody[]) =>
    items.toSorted((a, b) => a.position - b.position || a.id.localeCompare(b.id));
  return (
    <div className="notify-stack">
      <Panel
        title={t('notify.routes')}
        actions={
          mayEdit ? (
            <Button type="primary" onClick={() => setEditing('new')}>
              {t('notify.routeForm.add')}
            </Button>
          ) : null
        }
      >
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t('notify.routeForm.empty')} hint={t('notify.routeForm.emptyHint')} />
            ) : (
              <Table<RouteBody>
                size="small"
                rowKey="id"
                pagination={false}
                scroll={{ x: 900 }}
                dataSource={inOrder(items)}
                columns={[
                  {
                    title: t('notify.routeForm.position'),
                    dataIndex: 'position',
                    width: 70,
                    className: 'num',
                  },
                  {
                    title: t('common.name'),
                    key: 'name',
                    render: (_, route) => (
                      <>
                        <div>{route.name}</div>
                        <span className="mono soft small">{route.id}</span>{' '}
                        {route.enabled ? null : <span className="tag strong">{t('common.disabled')}</span>}
                        {route.isLast ? (
                          <div className="soft small">{t('notify.routeForm.isLast')}</div>
                        ) : null}
                      </>
                    ),
                  },
                  {
                    title: t('notify.routeForm.match'),
                    key: 'match',
                    render: (_, route) => <MatchText route={route} />,
                  },
                  {
                    title: t('notify.routeForm.steps'),
                    key: 'steps',
                    render: (_, route) => <Steps route={route} />,
                  },
                  {
                    title: '',
                    key: 'actions',
                    align: 'right',
                    render: (_, route) =>
                      mayEdit ? (
                        <span className="row end">
                          <Button size="small" onClick={() => setEditing(route)}>
                            {t('common.edit')}
                          </Button>
                          <Button size="small" danger onClick={() => remove(route)}>
                            {t('account.delete')}
                          </Button>
                        </span>
                      ) : null,
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      <PreviewPanel />
      {editing === null ? null : (
        <RouteEditor route={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}
