import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons';
import { Button, Form, Input, Select } from 'antd';
import { Link } from 'react-router';
import { engineers } from '#schemas/roles.ts';
import type { OperatorPosition } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { FlushTable } from '../../components/flush-table.tsx';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { IdAndName } from '../notify/fields.tsx';
import { usePeopleOptions, usePersonName } from '../notify/lookups.ts';

type Positions = readonly OperatorPosition[];

export function usePositions() {
  return useQuery({ queryKey: [...keys.alarms, 'positions'], queryFn: alarmApi.positions });
}

/** What is to be done with all of them: they are said anew as a whole, since their order decides. */
interface Change {
  readonly title: string;
  readonly hint?: string;
  /** The one that is edited; null for a new one, undefined where only the order or the number changes. */
  readonly edited?: OperatorPosition | null;
  readonly apply: (edited: OperatorPosition) => Positions;
}

type Values = OperatorPosition & { readonly reason: string };

function ChangeForm({ change, onClose }: { change: Change; onClose: () => void }) {
  const t = useWords();
  const both = useBilingual();
  const client = useQueryClient();
  const notify = useNotify();
  const people = usePeopleOptions();
  const spaces = useSpaces();
  const classes = useDeviceClasses();
  const { title, hint, edited, apply } = change;
  return (
    <FormModal<Values>
      title={title}
      action={t('common.save')}
      initial={{ spaces: [], deviceClasses: [], people: [], ...edited, nameEn: edited?.nameEn ?? '' }}
      onClose={onClose}
      onSubmit={async ({ reason, nameEn, ...rest }) => {
        const english = (nameEn ?? '').trim();
        const items = [...apply({ ...rest, nameEn: english === '' ? null : english })];
        await alarmApi.savePositions({ items, reason: reason.trim() });
        await client.invalidateQueries({ queryKey: keys.alarms });
        notify.done(t('desks.saved'));
      }}
    >
      {hint === undefined ? null : <p>{hint}</p>}
      {edited === undefined ? null : (
        <>
          <IdAndName isNew={edited === null} />
          <Form.Item name="nameEn" label={t('desks.nameEn')}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="spaces" label={t('desks.spaces')}>
            <Select
              mode="multiple"
              optionFilterProp="label"
              options={(spaces.data?.items ?? []).map(({ id, name }) => ({
                value: id,
                label: `${name} (${id})`,
              }))}
            />
          </Form.Item>
          <Form.Item name="deviceClasses" label={t('desks.classes')}>
            <Select
              mode="multiple"
              optionFilterProp="label"
              options={(classes.data?.items ?? []).map(({ id, name }) => ({ value: id, label: both(name) }))}
            />
          </Form.Item>
          <Form.Item name="people" label={t('desks.people')}>
            <Select mode="multiple" optionFilterProp="label" options={people} />
          </Form.Item>
        </>
      )}
      <Form.Item
        name="reason"
        label={t('desks.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

/** Who sits where: which alarms each position takes, in order, and who staffs it. */
export function OperatorPositions() {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  const personName = usePersonName();
  const mayEdit = useMay(engineers);
  const query = usePositions();
  const spaces = useSpaces();
  const [change, setChange] = useState<Change | null>(null);
  const items = query.data?.items ?? [];
  const nameOf = ({ name, nameEn }: OperatorPosition) => both({ zh: name, en: nameEn ?? name });
  const spaceName = (id: string) => spaces.data?.items.find((space) => space.id === id)?.name ?? id;
  const move = (at: number, by: number) => {
    const [moved] = items.slice(at, at + 1);
    if (moved === undefined) return;
    const rest = items.toSpliced(at, 1);
    setChange({
      title: `${nameOf(moved)} · ${t('desks.order')}`,
      apply: () => rest.toSpliced(at + by, 0, moved),
    });
  };
  const placeOf = ({ id }: OperatorPosition) => items.findIndex((each) => each.id === id);
  return (
    <div className="notify-stack">
      <div className="filters">
        <span className="soft small grow">{t('desks.hint')}</span>
        {mayEdit ? (
          <Button
            type="primary"
            onClick={() =>
              setChange({ title: t('desks.add'), edited: null, apply: (added) => [...items, added] })
            }
          >
            {t('desks.add')}
          </Button>
        ) : null}
      </div>
      <FlushTable<OperatorPosition>
        query={query}
        rowKey="id"
        empty={{ title: t('desks.none'), hint: t('desks.noneHint') }}
        columns={[
          {
            title: t('common.name'),
            key: 'name',
            render: (_, position) => (
              <>
                {nameOf(position)} <span className="mono soft small">{position.id}</span>
              </>
            ),
          },
          {
            title: t('notify.preview.space'),
            key: 'spaces',
            render: (_, { spaces: of }) =>
              of.length === 0 ? (
                <span className="soft">{t('desks.anySpace')}</span>
              ) : (
                of.map(spaceName).join(' · ')
              ),
          },
          {
            title: t('notify.preview.class'),
            key: 'classes',
            render: (_, { deviceClasses }) =>
              deviceClasses.length === 0 ? (
                <span className="soft">{t('desks.anyClass')}</span>
              ) : (
                deviceClasses.map(className).join(' · ')
              ),
          },
          {
            title: t('desks.people'),
            key: 'people',
            render: (_, { people }) =>
              people.length === 0 ? (
                <span className="soft">{t('desks.nobody')}</span>
              ) : (
                people.map(personName).join(' · ')
              ),
          },
          {
            title: '',
            key: 'actions',
            align: 'right',
            render: (_, position) => (
              <span className="row end">
                <Link to={`/alarms/figures?position=${position.id}`}>{t('desks.figures')}</Link>
                {mayEdit ? (
                  <>
                    <Button
                      size="small"
                      aria-label={t('desks.up')}
                      icon={<ArrowUpOutlined />}
                      disabled={placeOf(position) === 0}
                      onClick={() => move(placeOf(position), -1)}
                    />
                    <Button
                      size="small"
                      aria-label={t('desks.down')}
                      icon={<ArrowDownOutlined />}
                      disabled={placeOf(position) === items.length - 1}
                      onClick={() => move(placeOf(position), 1)}
                    />
                    <Button
                      size="small"
                      onClick={() =>
                        setChange({
                          title: t('desks.edit'),
                          edited: position,
                          apply: (edited) => items.map((each) => (each.id === edited.id ? edited : each)),
                        })
                      }
                    >
                      {t('common.edit')}
                    </Button>
                    <Button
                      size="small"
                      danger
                      onClick={() =>
                        setChange({
                          title: t('desks.removeTitle', { name: nameOf(position) }),
                          hint: t('desks.removeHint'),
                          apply: () => items.filter((each) => each.id !== position.id),
                        })
                      }
                    >
                      {t('account.delete')}
                    </Button>
                  </>
                ) : null}
              </span>
            ),
          },
        ]}
      />
      <p className="soft small flat">
        {t('desks.main')} · {t('desks.mainTakes')} ·{' '}
        <Link to="/alarms/figures?position=main">{t('desks.figures')}</Link>
      </p>
      {change === null ? null : <ChangeForm change={change} onClose={() => setChange(null)} />}
    </div>
  );
}
