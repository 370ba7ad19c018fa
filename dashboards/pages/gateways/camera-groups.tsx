import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import type { CctvGroup } from '#schemas/api/cctv.ts';
import { idPattern } from '#schemas/ids.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';

const editorRows = 16;

/** What a new group looks like. */
const template = {
  intervalS: 60,
  username: 'parkwatch',
  password: '',
  cameras: [
    {
      deviceId: 'cam-gate-1',
      onvif: 'http://10.0.0.11/onvif/device_service',
      rtsp: 'rtsp://10.0.0.11:554/Streaming/Channels/101',
    },
  ],
};

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

interface Fields {
  readonly id: string;
  readonly definition: string;
}

/** One group as JSON; faults are told by their paths. @param group absent: a new one */
function EditGroup({ group, onClose }: { group: CctvGroup | null; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { id: _, ...known } = group?.definition ?? { id: '', ...template };
  return (
    <FormModal<Fields>
      title={group === null ? t('cameras.addGroup') : t('cameras.editGroup', { id: group.id })}
      action={t('common.save')}
      width={760}
      initial={{ id: group?.id ?? '', definition: JSON.stringify(known, null, 2) }}
      onClose={onClose}
      onSubmit={async ({ id, definition }) => {
        await fieldApi.putCameraGroup(id, { definition: parse(definition) ?? {}, base: group?.version ?? 0 });
        notify.done(t('cameras.saved', { id }));
        await client.invalidateQueries({ queryKey: fieldKeys.cameraGroups });
      }}
    >
      <Form.Item
        name="id"
        label={t('cameras.groupId')}
        hidden={group !== null}
        rules={[{ required: true, pattern: idPattern, message: t('common.required') }]}
      >
        <Input className="mono" maxLength={64} />
      </Form.Item>
      <Form.Item
        name="definition"
        label={t('cameras.definition')}
        extra={t('cameras.definitionHint')}
        rules={[
          {
            validator: (_rule, text: string) =>
              parse(text) === null ? Promise.reject(new Error(t('cameras.badJson'))) : Promise.resolve(),
          },
        ]}
      >
        <Input.TextArea className="mono" rows={editorRows} spellCheck={false} />
      </Form.Item>
      {group === null || group.secretsSet.length === 0 ? null : (
        <p className="soft small">{t('cameras.secrets', { names: group.secretsSet.join(', ') })}</p>
      )}
    </FormModal>
  );
}

function useRemove() {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  return ({ id }: CctvGroup) =>
    void modal.confirm({
      title: t('cameras.removeTitle', { id }),
      content: t('cameras.removeBody'),
      okText: t('cameras.remove'),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await fieldApi.removeCameraGroup(id);
          notify.done(t('cameras.removed', { id }));
        } catch (error) {
          notify.failed(error);
        }
        await client.invalidateQueries({ queryKey: fieldKeys.cameraGroups });
      },
    });
}

function Group({ group, onEdit }: { group: CctvGroup; onEdit: () => void }) {
  const t = useWords();
  const remove = useRemove();
  const { cameras, platform } = (group.definition ?? {}) as {
    cameras?: readonly unknown[];
    platform?: { url?: string };
  };
  return (
    <div className="row wrap">
      <strong className="mono">{group.id}</strong>
      <span className="tag">{t(`cameras.origin.${group.origin}`)}</span>
      {cameras === undefined ? null : (
        <span className="soft small">{t('cameras.count', { cameras: cameras.length })}</span>
      )}
      {platform?.url === undefined ? null : (
        <span className="soft small">{t('cameras.platform', { url: platform.url })}</span>
      )}
      <span className="grow" />
      {group.origin === 'file' ? (
        <span className="soft small">{t('cameras.inFile')}</span>
      ) : (
        <>
          <Button size="small" onClick={onEdit}>
            {t('deviceEdit.edit')}
          </Button>
          <Button size="small" danger onClick={() => remove(group)}>
            {t('cameras.remove')}
          </Button>
        </>
      )}
    </div>
  );
}

/** Groups of cameras and platforms that are asked; those of the file are changed there. */
export function CameraGroups() {
  const t = useWords();
  const query = useQuery({ queryKey: fieldKeys.cameraGroups, queryFn: fieldApi.cameraGroups });
  const [edited, setEdited] = useState<CctvGroup | 'new' | null>(null);
  return (
    <Panel
      title={t('cameras.groups')}
      actions={<Button onClick={() => setEdited('new')}>{t('cameras.addGroup')}</Button>}
    >
      {edited === null ? null : (
        <EditGroup group={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      <Loaded query={query}>
        {({ items }) => (
          <div className="stack">
            {items.length === 0 ? <span className="soft">{t('cameras.noGroups')}</span> : null}
            {items.map((group) => (
              <Group key={`${group.origin} ${group.id}`} group={group} onEdit={() => setEdited(group)} />
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
