import { useQueryClient } from '@tanstack/react-query';
import { Form, Input, Select, TreeSelect } from 'antd';
import type { UnitName } from '#schemas/units.ts';
import { unitNames } from '#schemas/units.ts';
import type { AdoptAnswer, Discovery } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { formatCount, unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';

function useAdopted(): (id: string, answer: AdoptAnswer) => Promise<void> {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  return async (id, { values }) => {
    notify.done(t('gateways.adopted', { id, values: formatCount(values) }));
    await Promise.all(
      [keys.discoveries, keys.devices, keys.overview].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  };
}

interface DeviceValues {
  readonly class: string;
  readonly name?: string;
  readonly spaceId?: string;
}

/** An unknown device becomes one of the park's; what it sent in the last day is stored. */
export function AdoptDevice({ discovery, onClose }: { discovery: Discovery; onClose: () => void }) {
  const t = useWords();
  const className = useClassNames();
  const adopted = useAdopted();
  const classes = useDeviceClasses().data?.items ?? [];
  const spaces = useSpaces().data?.items ?? [];
  const { deviceId, guessedClass } = discovery;
  return (
    <FormModal<DeviceValues>
      title={t('gateways.adoptTitle', { id: deviceId })}
      action={t('gateways.adopt')}
      initial={guessedClass === null ? {} : { class: guessedClass }}
      onClose={onClose}
      onSubmit={async ({ class: deviceClass, name, spaceId }) => {
        const named = name === undefined || name.trim() === '' ? {} : { name: name.trim() };
        const placed = spaceId === undefined ? {} : { spaceId };
        await adopted(deviceId, await api.adopt(deviceId, { class: deviceClass, ...named, ...placed }));
      }}
    >
      <Form.Item
        name="class"
        label={t('common.class')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Select
          showSearch
          optionFilterProp="label"
          options={classes.map(({ id }) => ({ value: id, label: className(id) }))}
        />
      </Form.Item>
      <Form.Item name="name" label={`${t('common.name')} (${t('common.optional')})`}>
        <Input maxLength={200} />
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

interface MetricValues {
  readonly kind: 'gauge' | 'counter';
  readonly unit: UnitName;
}

interface AdoptMetricProps {
  readonly deviceId: string;
  readonly metric: string;
  readonly onClose: () => void;
}

/** A new metric of a known device becomes a point. */
export function AdoptMetric({ deviceId, metric, onClose }: AdoptMetricProps) {
  const t = useWords();
  const adopted = useAdopted();
  const id = `${deviceId}.${metric}`;
  return (
    <FormModal<MetricValues>
      title={t('gateways.adoptMetricTitle', { id })}
      action={t('gateways.adopt')}
      initial={{ kind: 'gauge', unit: '1' }}
      onClose={onClose}
      onSubmit={async (values) => adopted(id, await api.adoptMetric({ deviceId, metric }, values))}
    >
      <Form.Item name="kind" label={t('common.class')}>
        <Select
          options={(['gauge', 'counter'] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
        />
      </Form.Item>
      <Form.Item name="unit" label={t('common.unit')}>
        <Select
          showSearch
          options={unitNames.map((unit) => ({ value: unit, label: unitSign(unit) || '1' }))}
        />
      </Form.Item>
    </FormModal>
  );
}
