import { useQueryClient } from '@tanstack/react-query';
import {
  Checkbox,
  DatePicker,
  Form,
  Input,
  InputNumber,
  Segmented,
  Select,
  TimePicker,
  TreeSelect,
} from 'antd';
import type { Dayjs } from 'dayjs';
import { alarmApi } from '../../app/alarm-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useSession } from '../../app/session.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { instantOf } from '../../components/dates.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';

interface Fields {
  readonly name: string;
  readonly device?: string;
  readonly space?: string;
  readonly deviceClass?: string;
  readonly tag?: string;
  readonly kind: 'once' | 'weekly';
  readonly period?: readonly [Dayjs, Dayjs];
  readonly days?: readonly number[];
  readonly start?: Dayjs;
  readonly minutes?: number;
  readonly fromDay?: Dayjs;
  readonly toDay?: Dayjs | null;
  readonly withCritical?: boolean;
  readonly reason: string;
}

const day = (date: Dayjs | null | undefined) => date?.format('YYYY-MM-DD') ?? '';

/** What the API takes of the filled form. */
function toBody(fields: Fields, timeZone: string): Parameters<typeof alarmApi.planMaintenance>[0] {
  const named = (key: 'device' | 'space' | 'deviceClass' | 'tag') =>
    fields[key] === undefined || fields[key] === '' ? {} : { [key]: fields[key] };
  const { toDay } = fields;
  return {
    name: fields.name,
    reason: fields.reason,
    withCritical: fields.withCritical ?? false,
    target: { ...named('device'), ...named('space'), ...named('deviceClass'), ...named('tag') },
    schedule:
      fields.kind === 'once'
        ? {
            kind: 'once',
            from: instantOf(fields.period?.[0], timeZone) ?? '',
            to: instantOf(fields.period?.[1], timeZone) ?? '',
          }
        : {
            kind: 'weekly',
            days: [...(fields.days ?? [])],
            start: fields.start?.format('HH:mm') ?? '',
            minutes: fields.minutes ?? 0,
            fromDay: day(fields.fromDay),
            ...(toDay === null || toDay === undefined ? {} : { toDay: day(toDay) }),
          },
  };
}

/** Plans work. */
export function MaintenanceForm({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { timeZone } = useSession();
  const required = { required: true, message: t('common.required') };
  return (
    <FormModal<Fields>
      title={t('maintenance.addTitle')}
      action={t('common.save')}
      initial={{ kind: 'once', minutes: 120, days: [] }}
      onClose={onClose}
      onSubmit={async (fields) => {
        const { name } = await alarmApi.planMaintenance(toBody(fields, timeZone));
        await client.invalidateQueries({ queryKey: keys.alarms });
        notify.done(t('maintenance.planned', { name }));
      }}
    >
      <p className="soft">{t('maintenance.hint')}</p>
      <Form.Item name="name" label={t('maintenance.name')} rules={[{ ...required, whitespace: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <TargetFields />
      <WhenFields />
      <Form.Item name="withCritical" valuePropName="checked" extra={t('maintenance.withCriticalHint')}>
        <Checkbox>{t('maintenance.withCritical')}</Checkbox>
      </Form.Item>
      <Form.Item name="reason" label={t('maintenance.reason')} rules={[{ ...required, whitespace: true }]}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

function TargetFields() {
  const t = useWords();
  const className = useClassNames();
  const { data: spaces } = useSpaces();
  const { data: classes } = useDeviceClasses();
  return (
    <Form.Item label={t('maintenance.target')} extra={t('maintenance.targetHint')}>
      <div className="two-columns">
        <Form.Item name="space" noStyle>
          <TreeSelect
            allowClear
            showSearch={{ treeNodeFilterProp: 'title' }}
            placeholder={t('maintenance.space')}
            aria-label={t('maintenance.space')}
            treeData={spaceTree(spaces?.items ?? [])}
          />
        </Form.Item>
        <Form.Item name="deviceClass" noStyle>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('maintenance.deviceClass')}
            aria-label={t('maintenance.deviceClass')}
            options={(classes?.items ?? []).map(({ id }) => ({ value: id, label: className(id) }))}
          />
        </Form.Item>
        <Form.Item name="device" noStyle>
          <Input allowClear placeholder={t('maintenance.device')} aria-label={t('maintenance.device')} />
        </Form.Item>
        <Form.Item name="tag" noStyle>
          <Input
            allowClear
            placeholder={t('maintenance.tag')}
            aria-label={t('maintenance.tag')}
            title={t('maintenance.tagHint')}
          />
        </Form.Item>
      </div>
    </Form.Item>
  );
}

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

function WhenFields() {
  const t = useWords();
  const kind = Form.useWatch<Fields['kind'] | undefined>('kind');
  const rules = [{ required: true, message: t('common.required') }];
  return (
    <>
      <Form.Item name="kind" label={t('maintenance.kind')}>
        <Segmented
          options={(['once', 'weekly'] as const).map((each) => ({
            value: each,
            label: t(`maintenance.${each}`),
          }))}
        />
      </Form.Item>
      {kind === 'weekly' ? (
        <>
          <Form.Item name="days" label={t('maintenance.days')} rules={rules}>
            <Checkbox.Group
              options={weekdays.map((each) => ({ value: each, label: t(`maintenance.day${each}`) }))}
            />
          </Form.Item>
          <div className="two-columns">
            <Form.Item name="start" label={t('maintenance.start')} rules={rules}>
              <TimePicker format="HH:mm" style={{ width: '100%' }} />
            </Form.Item>
            <Form.Item name="minutes" label={t('maintenance.minutes')} rules={rules}>
              <InputNumber min={1} max={1_440} style={{ width: '100%' }} />
            </Form.Item>
            <Form.Item name="fromDay" label={t('maintenance.fromDay')} rules={rules}>
              <DatePicker style={{ width: '100%' }} />
            </Form.Item>
            <Form.Item name="toDay" label={t('maintenance.toDay')}>
              <DatePicker style={{ width: '100%' }} />
            </Form.Item>
          </div>
        </>
      ) : (
        <Form.Item name="period" label={t('maintenance.period')} rules={rules}>
          <DatePicker.RangePicker
            showTime={{ format: 'HH:mm' }}
            format="YYYY-MM-DD HH:mm"
            style={{ width: '100%' }}
          />
        </Form.Item>
      )}
    </>
  );
}
