import { useState } from 'react';
import { AutoComplete, Button, Form, Input, InputNumber, Segmented, Select, Space, Switch } from 'antd';
import type { ConditionField } from '#schemas/alarm-fields.ts';
import { conditionFields, inputTestFields } from '#schemas/alarm-fields.ts';
import type { AlarmKind } from '#schemas/alarm.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useDeviceClasses, useMetrics } from '../../app/lookups.ts';
import type { FieldName, PlaceForm } from './rule-form.ts';
import { startInput } from './rule-form.ts';

type Name = (string | number)[];

/** What a metric is looked up by. */
export interface Watched {
  readonly metric: string;
  readonly deviceClass?: string;
}

const spanUnits = [
  ['unitSeconds', 1_000],
  ['unitMinutes', 60_000],
  ['unitHours', 3_600_000],
  ['unitDays', 86_400_000],
] as const;

/** A length of time in the unit that tells it whole; its value is ms. */
function SpanInput(props: {
  id?: string;
  value?: number | null;
  onChange?: (ms: number | null) => void;
  minMs: number;
  maxMs: number;
  label: string;
}) {
  const t = useWords();
  const { id, value, onChange, minMs, maxMs, label } = props;
  const whole = spanUnits.findLast(([, ms]) => value !== 0 && (value ?? 1) % ms === 0)?.[1] ?? 1_000;
  const [unitMs, setUnit] = useState(whole);
  return (
    <Space.Compact>
      <InputNumber
        {...(id === undefined ? {} : { id })}
        aria-label={label}
        style={{ width: '6.9em' }}
        min={minMs / unitMs}
        max={maxMs / unitMs}
        value={value === undefined || value === null ? null : value / unitMs}
        onChange={(given) => onChange?.(given === null ? null : Math.round(given * unitMs))}
      />
      <Select
        aria-label={label}
        style={{ width: '6em' }}
        value={unitMs}
        onChange={(next) => {
          setUnit(next);
          if (value !== undefined && value !== null) onChange?.(Math.round((value / unitMs) * next));
        }}
        options={spanUnits.map(([key, ms]) => ({ value: ms, label: t(`ruleForm.${key}`) }))}
      />
    </Space.Compact>
  );
}

function hintOf(t: ReturnType<typeof useWords>, key: ConditionField['key']): string | undefined {
  switch (key) {
    case 'deadband':
    case 'where':
    case 'type':
    case 'maxAgeMs':
    case 'keyPrefix':
      return t(`ruleForm.hint.${key}`);
    default:
      return undefined;
  }
}

/** One field of a condition, drawn by its type. */
function OneField({ field, name, watched }: { field: ConditionField; name: Name; watched: Watched }) {
  const t = useWords();
  const both = useBilingual();
  const metric = useMetrics()(watched);
  const label = t(`ruleForm.field.${field.key}`);
  const needed = { required: true, message: t('common.required') };
  const common = { name: [...name, field.key], label, tooltip: hintOf(t, field.key) };
  switch (field.type) {
    case 'choice':
      return (
        <Form.Item {...common} rules={[needed]}>
          <Select
            style={{ width: '10em' }}
            options={field.options.map((each) => ({ value: each, label: t(`ruleForm.option.${each}`) }))}
          />
        </Form.Item>
      );
    case 'number':
      return (
        <Form.Item {...common} rules={[needed]}>
          <InputNumber
            style={{ width: '10em' }}
            {...(field.min === undefined ? {} : { min: field.min })}
            {...(field.max === undefined ? {} : { max: field.max })}
            {...(field.whole === true ? { precision: 0 } : {})}
            {...(field.inMetric && metric.unit !== '' ? { suffix: metric.unit } : {})}
          />
        </Form.Item>
      );
    case 'span':
      return (
        <Form.Item {...common} rules={[needed]}>
          <SpanInput minMs={field.minMs} maxMs={field.maxMs} label={label} />
        </Form.Item>
      );
    case 'flag':
      return (
        <Form.Item {...common} valuePropName="checked">
          <Switch />
        </Form.Item>
      );
    case 'states':
      return (
        <Form.Item {...common} rules={[needed]}>
          <Select
            mode="tags"
            style={{ minWidth: '15.7em' }}
            options={metric.states.map((each) => ({ value: each.key, label: both(each.name) }))}
          />
        </Form.Item>
      );
    case 'text':
      return (
        <Form.Item {...common} rules={field.optional ? [] : [needed]}>
          <Input className="mono" style={{ width: '14.3em' }} maxLength={100} />
        </Form.Item>
      );
    case 'values':
      return (
        <Form.Item {...common}>
          <Input.TextArea
            className="mono"
            autoSize={{ minRows: 1, maxRows: 6 }}
            style={{ width: '17.1em' }}
          />
        </Form.Item>
      );
    case 'inputs':
      return <Places watched={watched} />;
  }
}

/** The fields of a condition of a kind; `name` is where it stands in the form. */
export function ConditionFields({
  kind,
  name,
  watched,
}: {
  kind: AlarmKind;
  name: FieldName;
  watched: Watched;
}) {
  return (
    <div className="condition-fields">
      {conditionFields[kind].map((field) => (
        <OneField key={`${kind} ${field.key}`} field={field} name={[...name]} watched={watched} />
      ))}
    </div>
  );
}

/** A metric by its name in the chosen language, or typed. */
export function MetricInput(props: {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
  deviceClass?: string | undefined;
}) {
  const both = useBilingual();
  const t = useWords();
  const { data } = useDeviceClasses();
  const { deviceClass, ...rest } = props;
  const metrics = data?.items.find(({ id }) => id === deviceClass)?.metrics ?? {};
  return (
    <AutoComplete
      {...rest}
      style={{ width: '15.7em' }}
      placeholder={t('ruleForm.pickMetric')}
      options={Object.entries(metrics).map(([key, { name }]) => ({
        value: key,
        label: `${both(name)} · ${key}`,
      }))}
      showSearch={{
        filterOption: (typed, option) => (option?.label ?? '').toLowerCase().includes(typed.toLowerCase()),
      }}
    />
  );
}

/** The values of a combination; a group is one of them. */
function Places({ watched }: { watched: Watched }) {
  const t = useWords();
  const form = Form.useFormInstance();
  const path = ['condition', 'of'];
  return (
    <div className="places">
      <Form.List name={path}>
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name: at }) => {
              const place = form.getFieldValue([...path, at]) as PlaceForm | undefined;
              return place?.inputs === undefined ? (
                <OneInput
                  key={key}
                  inList={[at]}
                  path={[...path, at]}
                  watched={watched}
                  {...(fields.length > 1 ? { onRemove: () => remove(at) } : {})}
                />
              ) : (
                <Group key={key} at={at} watched={watched} onRemove={() => remove(at)} />
              );
            })}
            <Space>
              <Button size="small" disabled={fields.length >= 10} onClick={() => add(startInput())}>
                {t('ruleForm.addInput')}
              </Button>
              <Button
                size="small"
                disabled={fields.length >= 10}
                onClick={() => add({ match: 'any', inputs: [startInput(), startInput()] })}
              >
                {t('ruleForm.addGroup')}
              </Button>
            </Space>
          </>
        )}
      </Form.List>
    </div>
  );
}

function Group({ at, watched, onRemove }: { at: number; watched: Watched; onRemove: () => void }) {
  const t = useWords();
  const options = (['all', 'any'] as const).map((each) => ({
    value: each,
    label: t(`ruleForm.option.${each}`),
  }));
  return (
    <fieldset className="place-group">
      <legend>{t('ruleForm.group')}</legend>
      <Space>
        <Form.Item name={[at, 'match']} noStyle>
          <Segmented size="small" options={options} />
        </Form.Item>
        <Button size="small" type="text" onClick={onRemove}>
          {t('ruleForm.removeGroup')}
        </Button>
      </Space>
      <Form.List name={[at, 'inputs']}>
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name: inner }) => (
              <OneInput
                key={key}
                inList={[inner]}
                path={['condition', 'of', at, 'inputs', inner]}
                watched={watched}
                {...(fields.length > 1 ? { onRemove: () => remove(inner) } : {})}
              />
            ))}
            <Button size="small" disabled={fields.length >= 10} onClick={() => add(startInput())}>
              {t('ruleForm.addInput')}
            </Button>
          </>
        )}
      </Form.List>
    </fieldset>
  );
}

interface OneInputProps {
  /** Its name within the list around it. */
  readonly inList: Name;
  /** Its name in the form. */
  readonly path: Name;
  readonly watched: Watched;
  readonly onRemove?: () => void;
}

function OneInput({ inList, path, watched, onRemove }: OneInputProps) {
  const t = useWords();
  const ref = Form.useWatch<string | undefined>([...path, 'ref']) ?? '';
  const kind = Form.useWatch<'limit' | 'state' | undefined>([...path, 'test', 'kind']) ?? 'limit';
  const ofDevice = watched.deviceClass === undefined ? {} : { deviceClass: watched.deviceClass };
  const named = ref.includes('.') ? { metric: ref.split('.')[1] ?? '' } : { metric: ref, ...ofDevice };
  return (
    <div className="condition-fields place">
      <Form.Item
        name={[...inList, 'ref']}
        label={t('ruleForm.ref')}
        tooltip={t('ruleForm.refHint')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <MetricInput deviceClass={watched.deviceClass} />
      </Form.Item>
      <Form.Item name={[...inList, 'test', 'kind']} label={t('ruleForm.inputKind')}>
        <Select
          style={{ width: '7.1em' }}
          options={(['limit', 'state'] as const).map((each) => ({
            value: each,
            label: t(`ruleForm.kinds.${each}`),
          }))}
        />
      </Form.Item>
      {inputTestFields[kind].map((field) => (
        <OneField key={`${kind} ${field.key}`} field={field} name={[...inList, 'test']} watched={named} />
      ))}
      {onRemove === undefined ? null : (
        <Button size="small" type="text" onClick={onRemove}>
          {t('ruleForm.removeInput')}
        </Button>
      )}
    </div>
  );
}
