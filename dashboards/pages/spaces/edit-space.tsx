import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, InputNumber, Select, TreeSelect } from 'antd';
import type { SpaceKind } from '#schemas/registry.ts';
import { spaceKinds } from '#schemas/registry.ts';
import { spaceTagNames, spaceTags, type SpaceTag } from '#schemas/space-tags.ts';
import type { Space } from '../../app/api.ts';
import { fieldApi } from '../../app/field-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';

interface Values {
  readonly id: string;
  readonly name: string;
  readonly kind: SpaceKind;
  readonly parentId?: string;
  readonly role?: string;
  readonly areaM2?: number | null;
  readonly tags?: SpaceTag[];
}

function useRenewSpaces(): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all([keys.spaces, keys.devices].map((queryKey) => client.invalidateQueries({ queryKey })));
}

interface SpaceFormProps {
  readonly title: string;
  /** Absent for a new one. */
  readonly space?: Space;
  readonly parent: string | null;
  readonly onClose: () => void;
}

function SpaceForm({ title, space, parent, onClose }: SpaceFormProps) {
  const t = useWords();
  const nameOf = useBilingual();
  const renew = useRenewSpaces();
  const notify = useNotify();
  const spaces = useSpaces().data?.items ?? [];
  const required = { required: true, message: t('common.required') };
  const initial: Partial<Values> = {
    ...(parent === null ? { kind: 'park' as const } : { parentId: parent, kind: 'zone' as const }),
    ...(space === undefined ? {} : { name: space.name, kind: space.kind }),
    ...(space?.role == null ? {} : { role: space.role }),
    ...(space?.areaM2 == null ? {} : { areaM2: space.areaM2 }),
    tags: space?.tags ?? [],
  };
  return (
    <FormModal<Values>
      title={title}
      action={t('common.save')}
      initial={initial}
      onClose={onClose}
      onSubmit={async ({ id, name, kind, parentId = null, role = '', areaM2 = null, tags = [] }) => {
        const facts = {
          name: name.trim(),
          kind,
          parentId,
          role: role.trim() === '' ? null : role.trim(),
          areaM2,
          tags,
        };
        if (space === undefined) await fieldApi.createSpace({ id, ...facts });
        else await fieldApi.changeSpace(space.id, facts);
        notify.done(t('spaceEdit.saved', { name: facts.name }));
        await renew();
      }}
    >
      {space === undefined ? (
        <Form.Item name="id" label={t('common.id')} rules={[required]}>
          <Input maxLength={64} className="mono" />
        </Form.Item>
      ) : null}
      <Form.Item name="name" label={t('common.name')} rules={[{ ...required, whitespace: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="kind" label={t('spaceEdit.kind')}>
        <Select options={spaceKinds.map((kind) => ({ value: kind, label: t(`spaceKind.${kind}`) }))} />
      </Form.Item>
      <Form.Item name="parentId" label={t('spaceEdit.parent')}>
        <TreeSelect
          allowClear
          showSearch
          treeDefaultExpandAll
          treeNodeFilterProp="title"
          placeholder={t('spaceEdit.none')}
          treeData={spaceTree(spaces.filter(({ id }) => id !== space?.id))}
        />
      </Form.Item>
      <Form.Item name="role" label={`${t('spaceEdit.role')} (${t('common.optional')})`}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="areaM2" label={`${t('spaceEdit.area')} (${t('common.optional')})`}>
        <InputNumber min={0.01} style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="tags" label={`${t('spaceEdit.tags')} (${t('common.optional')})`}>
        <Select
          mode="multiple"
          options={spaceTags.map((value) => ({ value, label: nameOf(spaceTagNames[value]) }))}
        />
      </Form.Item>
    </FormModal>
  );
}

/** The first space of a park that has none. */
export function AddRoot() {
  const t = useWords();
  const [adding, setAdding] = useState(false);
  const title = t('spaceEdit.addRoot');
  return (
    <>
      <Button type="primary" onClick={() => setAdding(true)}>
        {title}
      </Button>
      {adding ? <SpaceForm title={title} parent={null} onClose={() => setAdding(false)} /> : null}
    </>
  );
}

/** What engineers do with a space. */
export function SpaceActs({ space }: { space: Space }) {
  const t = useWords();
  const renew = useRenewSpaces();
  const notify = useNotify();
  const { modal } = App.useApp();
  const [doing, setDoing] = useState<'add' | 'edit' | null>(null);
  const done = () => setDoing(null);
  const { name } = space;
  const remove = () =>
    void modal.confirm({
      title: t('spaceEdit.removeTitle', { name }),
      content: t('spaceEdit.removeBody'),
      okText: t('spaceEdit.remove'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await fieldApi.removeSpace(space.id);
          notify.done(t('spaceEdit.removed', { name }));
        } catch (error) {
          notify.failed(error);
        }
        await renew();
      },
    });
  return (
    <span className="row">
      <Button size="small" onClick={() => setDoing('add')}>
        {t('spaceEdit.add')}
      </Button>
      <Button size="small" onClick={() => setDoing('edit')}>
        {t('spaceEdit.edit')}
      </Button>
      <Button size="small" danger onClick={remove}>
        {t('spaceEdit.remove')}
      </Button>
      {doing === 'add' ? (
        <SpaceForm title={t('spaceEdit.addTitle', { name })} parent={space.id} onClose={done} />
      ) : null}
      {doing === 'edit' ? (
        <SpaceForm
          title={t('spaceEdit.editTitle', { name })}
          space={space}
          parent={space.parentId}
          onClose={done}
        />
      ) : null}
    </span>
  );
}
