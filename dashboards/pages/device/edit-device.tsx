import { useQueryClient } from '@tanstack/react-query';
import { DatePicker, Form, Input, InputNumber, Select, TreeSelect } from 'antd';
import type { Dayjs } from 'dayjs';
import type { Lifecycle } from '#schemas/registry.ts';
import { lifecycles } from '#schemas/registry.ts';
import type { DeviceDetail } from '../../app/api.ts';
import { fieldApi } from '../../app/field-api.ts';
import { unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import {
  useAttributeNames,
  useClassNames,
  useDeviceClasses,
  useMetrics,
  useSpaces,
} from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useSession } from '../../app/session.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { instantOf } from '../../components/dates.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';

export function useRenewDevices(): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [keys.devices, keys.overview, keys.deviceClasses].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}

/** Name, class and space: the same for a new device and one that stands. */
function CommonFields() {
  const t = useWords();
  const className = useClassNames();
  const classes = useDeviceClasses().data?.items ?? [];
  const spaces = useSpaces().data?.items ?? [];
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <Form.Item name="name" label={t('common.name')} rules={[{ ...required, whitespace: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="class" label={t('common.class')} rules={[required]}>
        <Select
          showSearch
          optionFilterProp="label"
          options={classes.map(({ id }) => ({ value: id, label: className(id) }))}
        />
      </Form.Item>
      <Form.Item name="spaceId" label={t('devices.space')} extra={t('deviceEdit.move')}>
        <TreeSelect
          allowClear
          showSearch
          treeDefaultExpandAll
          treeNodeFilterProp="title"
          treeData={spaceTree(spaces)}
        />
      </Form.Item>
    </>
  );
}

interface EditValues {
  readonly name: string;
  readonly class: string;
  readonly spaceId?: string;
  readonly lifecycle: Lifecycle;
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  readonly reason?: string;
}

/** Text of a form as an attribute: a number where it is one. */
function attributeOf(text: string): string | number {
  return /^(0|[1-9]\d{0,14})(\.\d{1,10})?$/.test(text) ? Number(text) : text;
}

/** Edits, moves and retires a device; each change closes what stood and opens the next. */
export function EditDevice({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const t = useWords();
  const renew = useRenewDevices();
  const notify = useNotify();
  const attributeName = useAttributeNames(device.class);
  const known = useDeviceClasses().data?.items.find(({ id }) => id === device.class)?.attributes ?? {};
  const names = [...new Set([...Object.keys(known), ...Object.keys(device.attributes)])];
  const shown = Object.fromEntries(names.map((name) => [name, String(device.attributes[name] ?? '')]));
  return (
    <FormModal<EditValues>
      title={t('deviceEdit.title', { id: device.id })}
      action={t('common.save')}
      initial={{
        name: device.name,
        class: device.class,
        lifecycle: device.lifecycle,
        attributes: shown,
        ...(device.spaceId === null ? {} : { spaceId: device.spaceId }),
      }}
      onClose={onClose}
      onSubmit={async ({
        name,
        class: deviceClass,
        spaceId = null,
        lifecycle,
        attributes = {},
        reason = '',
      }) => {
        const given = Object.entries(attributes).flatMap(([key, text = '']) => {
          if (text.trim() === '') return [];
          // What was not touched keeps its type.
          const value = text === shown[key] ? device.attributes[key] : attributeOf(text.trim());
          return value === undefined ? [] : [[key, value] as const];
        });
        await fieldApi.changeDevice(device.id, {
          name: name.trim(),
          class: deviceClass,
          spaceId,
          lifecycle,
          attributes: Object.fromEntries(given),
          ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
        });
        notify.done(t('deviceEdit.saved', { id: device.id }));
        await renew();
      }}
    >
      <CommonFields />
      <Form.Item name="lifecycle" label={t('lifecycle.title')} extra={t('deviceEdit.lifecycleHint')}>
        <Select options={lifecycles.map((each) => ({ value: each, label: t(`lifecycle.${each}`) }))} />
      </Form.Item>
      {names.map((name) => (
        <Form.Item key={name} name={['attributes', name]} label={attributeName(name)}>
          <Input maxLength={500} />
        </Form.Item>
      ))}
      <Form.Item name="reason" label={`${t('deviceEdit.reason')} (${t('common.optional')})`}>
        <Input maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

interface AddValues {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  readonly spaceId?: string;
}

/** `id`: where it is known already, as of a device that has sent something. */
export function AddDevice({ id, onClose }: { id?: string; onClose: () => void }) {
  const t = useWords();
  const renew = useRenewDevices();
  const notify = useNotify();
  return (
    <FormModal<AddValues>
      title={t('deviceEdit.addTitle')}
      action={t('deviceEdit.add')}
      initial={id === undefined ? {} : { id }}
      onClose={onClose}
      onSubmit={async ({ spaceId = null, ...values }) => {
        await fieldApi.createDevice({ ...values, spaceId });
        notify.done(t('deviceEdit.added', { id: values.id }));
        await renew();
      }}
    >
      <Form.Item
        name="id"
        label={t('common.id')}
        extra={t('deviceEdit.idHint')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Input maxLength={64} className="mono" />
      </Form.Item>
      <CommonFields />
    </FormModal>
  );
}

interface ReplaceValues {
  readonly metric: string;
  readonly at: Dayjs;
  readonly closing: number;
  readonly opening: number;
  readonly reason: string;
}

/** A meter was changed: what the old one showed last and the new one first, so that consumption goes on. */
export function ReplaceMeter({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const metricOf = useMetrics();
  const both = useBilingual();
  const { timeZone } = useSession();
  const counters = device.points.filter(({ kind }) => kind === 'counter');
  const required = [{ required: true, message: t('common.required') }];
  const unitOf = (chosen: string) => unitSign(counters.find(({ metric }) => metric === chosen)?.unit ?? '');
  return (
    <FormModal<ReplaceValues>
      title={t('deviceEdit.replaceTitle', { id: device.id })}
      action={t('deviceEdit.replace')}
      initial={{ opening: 0, ...(counters[0] === undefined ? {} : { metric: counters[0].metric }) }}
      onClose={onClose}
      onSubmit={async ({ at, ...values }) => {
        await fieldApi.replace(device.id, { ...values, at: instantOf(at, timeZone) ?? '' });
        await client.invalidateQueries({ queryKey: ['consumption'] });
        notify.done(t('deviceEdit.replaced'));
      }}
    >
      <p className="soft">{t('deviceEdit.replaceHint')}</p>
      <Form.Item name="metric" label={t('deviceEdit.register')} rules={required}>
        <Select
          options={counters.map(({ metric }) => ({
            value: metric,
            label: both(metricOf({ metric, deviceClass: device.class }).name),
          }))}
        />
      </Form.Item>
      <Form.Item name="at" label={t('deviceEdit.at')} rules={required}>
        <DatePicker showTime style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item noStyle dependencies={['metric']}>
        {({ getFieldValue }) =>
          (['closing', 'opening'] as const).map((register) => (
            <Form.Item
              key={register}
              name={register}
              label={t(`deviceEdit.${register}`, { unit: unitOf(String(getFieldValue('metric'))) })}
              rules={required}
            >
              <InputNumber min={0} style={{ width: '100%' }} />
            </Form.Item>
          ))
        }
      </Form.Item>
      <Form.Item name="reason" label={t('deviceEdit.reason')} rules={required}>
        <Input maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}
