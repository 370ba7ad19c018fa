import { useQueryClient } from '@tanstack/react-query';
import { Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd';
import type { DocumentRef, RecordDetail, RegisterSummary } from '#schemas/api/registers.ts';
import type { RecordField, RecordFields, RecordValue } from '#schemas/registers/field.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';
import { RecordSelect, SpaceSelect } from './reference-fields.tsx';
import { DocumentsField } from './documents-field.tsx';
import { useUnitName } from './values.tsx';

interface Values {
  readonly code?: string;
  readonly how?: 'correct' | 'change';
  readonly from: string;
  readonly until?: string;
  readonly fields: Readonly<Record<string, RecordValue | null | undefined>>;
  readonly documents?: readonly DocumentRef[];
  readonly reason?: string;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The control of a field, by its type. */
function FieldInput({ name, field }: { name: string; field: RecordField }) {
  const t = useWords();
  const both = useBilingual();
  const unitName = useUnitName();
  const numberRule = useNumberRule();
  const required = { required: field.required, message: t('common.required') };
  const label = field.required ? both(field.label) : `${both(field.label)} (${t('common.optional')})`;
  const extra = field.hint === undefined ? null : both(field.hint);
  const common = { name: ['fields', name], label, extra, rules: [required] };
  switch (field.type) {
    case 'text':
      return (
        <Form.Item {...common} rules={[{ ...required, whitespace: field.required }]}>
          {field.lines ? (
            <Input.TextArea maxLength={field.most} autoSize={{ minRows: 2, maxRows: 8 }} />
          ) : (
            <Input maxLength={field.most} />
          )}
        </Form.Item>
      );
    case 'number':
      return (
        <Form.Item {...common} rules={[required, numberRule(field)]}>
          <InputNumber suffix={unitName(field.unit)} style={{ width: '100%' }} />
        </Form.Item>
      );
    case 'flag':
      return (
        <Form.Item name={['fields', name]} valuePropName="checked">
          <Checkbox>{both(field.label)}</Checkbox>
        </Form.Item>
      );
    case 'day':
      return (
        <Form.Item {...common}>
          <Input type="date" />
        </Form.Item>
      );
    case 'choice':
    case 'choices':
      return (
        <Form.Item {...common}>
          <Select
            allowClear={!field.required}
            showSearch={{ optionFilterProp: 'label' }}
            {...(field.type === 'choices' ? { mode: 'multiple' as const } : {})}
            options={field.options.map((option) => ({ value: option.id, label: both(option.name) }))}
          />
        </Form.Item>
      );
    case 'tags':
      return (
        <Form.Item {...common}>
          <Select mode="tags" tokenSeparators={[',', '，', ';', '；']} open={false} suffixIcon={null} />
        </Form.Item>
      );
    case 'record':
      return (
        <Form.Item {...common}>
          <RecordSelect kind={field.kind} clearable={!field.required} />
        </Form.Item>
      );
    case 'space':
      return (
        <Form.Item {...common}>
          <SpaceSelect />
        </Form.Item>
      );
  }
}

/** What the form holds, without what was left empty; a flag that was not ticked is a no. */
function fieldsOf(register: RegisterSummary, values: Values['fields']): RecordFields {
  const entries = Object.entries(register.fields).flatMap(([key, field]): [string, RecordValue][] => {
    const value = values[key];
    if (field.type === 'flag') return [[key, value === true]];
    const isEmpty =
      value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    return isEmpty ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

interface RecordFormProps {
  readonly register: RegisterSummary;
  /** Absent for a new one. */
  readonly record?: RecordDetail;
  readonly today: string;
  readonly onClose: () => void;
}

/** One form for every kind of record: its fields come with the kind. */
export function RecordForm({ register, record, today, onClose }: RecordFormProps) {
  const t = useWords();
  const both = useBilingual();
  const client = useQueryClient();
  const notify = useNotify();
  const { kind, time, fields } = register;
  const initial: Partial<Values> = {
    how: 'correct',
    from: record?.from ?? today,
    ...(record?.until == null ? {} : { until: record.until }),
    fields: record?.fields ?? {},
    documents: record?.documents ?? [],
  };
  const save = async (values: Values) => {
    const { code, how = 'correct', from, until, documents = [], reason } = values;
    const said = {
      from,
      until: time === 'event' ? from : until === undefined || until === '' ? null : until,
      fields: fieldsOf(register, values.fields),
      documents: [...documents],
      ...(reason === undefined || reason.trim() === '' ? {} : { reason: reason.trim() }),
    };
    const saved =
      record === undefined
        ? await registerApi.create(kind, { ...said, ...(code === undefined || code === '' ? {} : { code }) })
        : await registerApi.amend(kind, record.code, {
            ...said,
            version: record.version,
            how,
            ...(how === 'correct' ? { of: record.from } : {}),
          });
    notify.done(t('record.saved', { title: saved.title }));
    await client.invalidateQueries({ queryKey: keys.registers });
  };
  return (
    <FormModal<Values>
      title={`${t(record === undefined ? 'record.add' : 'record.edit')} · ${both(register.name)}`}
      action={t('common.save')}
      width={640}
      initial={initial}
      onClose={onClose}
      onSubmit={save}
    >
      {record === undefined ? (
        <Form.Item name="code" label={t('record.code')} extra={t('record.codeHint')}>
          <Input className="mono" maxLength={64} />
        </Form.Item>
      ) : time === 'event' ? null : (
        <Form.Item name="how" label={t('record.how')}>
          <Radio.Group
            options={[
              { value: 'correct', label: t('record.correct') },
              { value: 'change', label: t('record.change') },
            ]}
            style={{ display: 'grid', gap: 4 }}
          />
        </Form.Item>
      )}
      <Days time={time} />
      {Object.entries(fields).map(([name, field]) => (
        <FieldInput key={name} name={name} field={field} />
      ))}
      <Form.Item name="documents" label={t('record.documents')}>
        <DocumentsField />
      </Form.Item>
      <Form.Item name="reason" label={t('record.reason')}>
        <Input maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

function Days({ time }: { time: RegisterSummary['time'] }) {
  const t = useWords();
  const how = Form.useWatch<Values['how']>('how');
  const rule = { required: true, pattern: dayPattern, message: t('common.required') };
  return (
    <>
      <Form.Item
        name="from"
        label={t(time === 'event' ? 'record.when' : how === 'change' ? 'record.changeFrom' : 'record.from')}
        rules={[rule]}
      >
        <Input type="date" />
      </Form.Item>
      {time === 'event' ? null : (
        <Form.Item
          name="until"
          label={time === 'expiring' ? t('record.lastDay') : `${t('record.until')} (${t('record.openEnd')})`}
          rules={[{ ...rule, required: time === 'expiring' }]}
        >
          <Input type="date" />
        </Form.Item>
      )}
    </>
  );
}
