import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import type { CctvGroup } from '#schemas/api/cctv.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { CameraGroupEditor } from './camera-group-editor.tsx';

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
        <CameraGroupEditor group={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
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
