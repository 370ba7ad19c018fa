import { useQueryClient } from '@tanstack/react-query';
import { Form, Input, Select, TreeSelect } from 'antd';
import { limits } from '#schemas/limits.ts';
import type { Discovery } from '../../app/api.ts';
import { fieldApi } from '../../app/field-api.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';

/** Instead of a class: each its own guess. */
const byGuess = '';
const idMark = '{id}';

interface Values {
  readonly class: string;
  readonly naming: string;
  readonly spaceId?: string;
}

/** Many unknown devices become devices of the park in one act. */
export function AdoptMany(props: { discoveries: readonly Discovery[]; onClose: () => void }) {
  const { discoveries, onClose } = props;
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const className = useClassNames();
  const classes = useDeviceClasses().data?.items ?? [];
  const spaces = useSpaces().data?.items ?? [];
  const guessed = discoveries.every(({ guessedClass }) => guessedClass !== null);
  return (
    <FormModal<Values>
      title={t('adoptMany.title', { count: discoveries.length })}
      action={t('gateways.adopt')}
      initial={{ naming: idMark, ...(guessed ? { class: byGuess } : {}) }}
      onClose={onClose}
      onSubmit={async ({ class: chosen, naming, spaceId }) => {
        const items = discoveries.map(({ deviceId, guessedClass }) => ({
          deviceId,
          class: chosen === byGuess ? (guessedClass ?? '') : chosen,
          name: naming.replaceAll(idMark, deviceId),
          ...(spaceId === undefined ? {} : { spaceId }),
        }));
        let values = 0;
        for (let from = 0; from < items.length; from += limits.adoptAtOnce) {
          const adopted = await fieldApi.adoptMany(items.slice(from, from + limits.adoptAtOnce));
          values += adopted.values;
        }
        notify.done(t('adoptMany.adopted', { count: items.length, values: formatCount(values) }));
        await Promise.all(
          [keys.discoveries, keys.devices, keys.overview].map((queryKey) =>
            client.invalidateQueries({ queryKey }),
          ),
        );
      }}
    >
      <Form.Item
        name="class"
        label={t('common.class')}
        extra={guessed ? '' : t('adoptMany.noGuess')}
        rules={[{ required: !guessed, message: t('common.required') }]}
      >
        <Select
          showSearch
          optionFilterProp="label"
          options={[
            ...(guessed ? [{ value: byGuess, label: t('adoptMany.byGuess') }] : []),
            ...classes.map(({ id }) => ({ value: id, label: className(id) })),
          ]}
        />
      </Form.Item>
      <Form.Item
        name="naming"
        label={t('adoptMany.naming')}
        extra={t('adoptMany.namingHint')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={150} />
      </Form.Item>
      <Form.Item name="spaceId" label={`${t('devices.space')} (${t('common.optional')})`}>
        <TreeSelect
          allowClear
          showSearch
          treeDefaultExpandAll
          treeNodeFilterProp="title"
          treeData={spaceTree(spaces)}
        />
      </Form.Item>
    </FormModal>
  );
}
