import { useState } from 'react';
import { Button, Form, Select, Table } from 'antd';
import { admins, engineers } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import type { ReachablePerson, TeamBody } from '../../app/notify-api.ts';
import { useMay } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { IdAndName } from './fields.tsx';
import { usePeople, usePeopleOptions, usePersonName, useSettingActions, useTeams } from './lookups.ts';
import { PersonPreferences } from './preferences-panel.tsx';

function TeamEditor({ team, onClose }: { team: TeamBody | null; onClose: () => void }) {
  const t = useWords();
  const options = usePeopleOptions();
  const { save } = useSettingActions('teams');
  return (
    <FormModal<TeamBody>
      title={team === null ? t('notify.teamForm.add') : team.name}
      action={t('common.save')}
      initial={team ?? { people: [] }}
      onClose={onClose}
      onSubmit={({ id, name, people }) => {
        const body: TeamBody = { id, name, people };
        return save(body, team === null);
      }}
    >
      <IdAndName isNew={team === null} />
      <Form.Item name="people" label={t('notify.people')}>
        <Select mode="multiple" options={options} optionFilterProp="label" />
      </Form.Item>
    </FormModal>
  );
}

function TeamTable({ teams, onEdit }: { teams: readonly TeamBody[]; onEdit: (team: TeamBody) => void }) {
  const t = useWords();
  const nameOf = usePersonName();
  const mayEdit = useMay(engineers);
  const { remove } = useSettingActions('teams');
  return (
    <Table<TeamBody>
      size="small"
      rowKey="id"
      pagination={false}
      dataSource={[...teams]}
      columns={[
        {
          title: t('common.name'),
          key: 'name',
          render: (_, team) => (
            <>
              {team.name} <span className="mono soft small">{team.id}</span>
            </>
          ),
        },
        {
          title: t('notify.people'),
          key: 'people',
          render: (_, team) =>
            team.people.length === 0 ? (
              <span className="severity high">{t('common.none')}</span>
            ) : (
              team.people.map(nameOf).join(' · ')
            ),
        },
        {
          title: '',
          key: 'actions',
          align: 'right',
          render: (_, team) =>
            mayEdit ? (
              <span className="row end">
                <Button size="small" onClick={() => onEdit(team)}>
                  {t('common.edit')}
                </Button>
                <Button size="small" danger onClick={() => remove(team)}>
                  {t('account.delete')}
                </Button>
              </span>
            ) : null,
        },
      ]}
    />
  );
}

/** Who can be told at all: without an address only the console reaches a person. */
function Addresses() {
  const t = useWords();
  const people = usePeople();
  const isAdmin = useMay(admins);
  const [editing, setEditing] = useState<ReachablePerson | null>(null);
  return (
    <Panel title={t('notify.teamForm.addresses')}>
      <Loaded query={people}>
        {({ items }) => (
          <Table<ReachablePerson>
            size="small"
            rowKey="username"
            pagination={false}
            dataSource={items.filter(({ role }) => role !== 'viewer' && role !== 'assessor')}
            columns={[
              {
                title: t('notify.person'),
                key: 'name',
                render: (_, person) => (
                  <>
                    {person.displayName} <span className="mono soft small">{person.username}</span>{' '}
                    {person.isActive ? null : <span className="tag strong">{t('notify.inactive')}</span>}
                  </>
                ),
              },
              { title: t('people.role'), key: 'role', render: (_, person) => t(`role.${person.role}`) },
              {
                title: t('notify.teamForm.addresses'),
                key: 'reach',
                render: (_, { hasEmail, hasPhone }) => (
                  <span className="row">
                    <span className={hasEmail ? 'tag' : 'soft small'}>
                      {t(hasEmail ? 'notify.me.email' : 'notify.teamForm.noEmail')}
                    </span>
                    <span className={hasPhone ? 'tag' : 'soft small'}>
                      {t(hasPhone ? 'notify.me.phone' : 'notify.teamForm.noPhone')}
                    </span>
                  </span>
                ),
              },
              {
                title: '',
                key: 'actions',
                align: 'right',
                render: (_, person) =>
                  isAdmin ? (
                    <Button size="small" onClick={() => setEditing(person)}>
                      {t('common.edit')}
                    </Button>
                  ) : null,
              },
            ]}
          />
        )}
      </Loaded>
      {editing === null ? null : <PersonPreferences person={editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

export function Teams() {
  const t = useWords();
  const query = useTeams();
  const mayEdit = useMay(engineers);
  const [editing, setEditing] = useState<TeamBody | 'new' | null>(null);
  return (
    <div className="notify-stack">
      <Panel
        title={t('notify.teams')}
        actions={
          mayEdit ? (
            <Button type="primary" onClick={() => setEditing('new')}>
              {t('notify.teamForm.add')}
            </Button>
          ) : null
        }
      >
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t('notify.teamForm.empty')} hint={t('notify.teamForm.emptyHint')} />
            ) : (
              <TeamTable teams={items} onEdit={setEditing} />
            )
          }
        </Loaded>
      </Panel>
      <Addresses />
      {editing === null ? null : (
        <TeamEditor team={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}
