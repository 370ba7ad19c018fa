import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Form, InputNumber, Select, Switch } from 'antd';
import { api } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import type { RouteBody } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { severityOrder } from '../../app/theme.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { IdAndName, WindowsField } from './fields.tsx';
import { useChannels, useSettingActions } from './lookups.ts';
import { routeForm, routeWrite, type RouteValues } from './route-form.ts';
import { useTargetOptions } from './targets.ts';

const width = 860;

interface ChoiceProps {
  readonly field: 'categories' | 'spaces' | 'deviceClasses' | 'rules' | 'severities';
  readonly options: { value: string; label: string }[];
}

function Choice({ field, options }: ChoiceProps) {
  const t = useWords();
  return (
    <Form.Item name={['match', field]} label={t(`notify.routeForm.${field}`)}>
      <Select mode="multiple" placeholder={t('notify.any')} options={options} optionFilterProp="label" />
    </Form.Item>
  );
}

function MatchFields() {
  const t = useWords();
  const both = useBilingual();
  const classes = useDeviceClasses();
  const spaces = useSpaces();
  const rules = useQuery({ queryKey: keys.alarmRules, queryFn: api.alarmRules });
  const known = rules.data?.items ?? [];
  const categories = [...new Set(known.flatMap((rule) => ('category' in rule ? [rule.category] : [])))];
  return (
    <fieldset>
      <legend>{t('notify.routeForm.match')}</legend>
      <div className="form-grid">
        <Choice
          field="severities"
          options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
        />
        <Choice field="categories" options={categories.map((each) => ({ value: each, label: each }))} />
        <Choice
          field="spaces"
          options={(spaces.data?.items ?? []).map(({ id, name }) => ({
            value: id,
            label: `${name} (${id})`,
          }))}
        />
        <Choice
          field="deviceClasses"
          options={(classes.data?.items ?? []).map(({ id, name }) => ({ value: id, label: both(name) }))}
        />
        <Choice
          field="rules"
          options={known.map(({ id, name, nameEn }) => ({
            value: id,
            label: both({ zh: name, en: nameEn ?? name }),
          }))}
        />
      </div>
      <WindowsField name={['match', 'windows']} label={t('notify.routeForm.windows')} />
    </fieldset>
  );
}

function StepFields() {
  const t = useWords();
  const targets = useTargetOptions();
  const channels = useChannels();
  return (
    <Form.List name="steps">
      {(steps, { add, remove }) => (
        <fieldset>
          <legend>{t('notify.routeForm.steps')}</legend>
          {steps.map((step, i) => (
            <div key={step.key} className="form-card">
              <div className="row">
                <b>{t('notify.routeForm.step', { n: i + 1 })}</b>
                <span>{t('notify.routeForm.after')}</span>
                <Form.Item noStyle name={[step.name, 'afterMinutes']} rules={[{ required: true }]}>
                  <InputNumber
                    min={0}
                    max={10_080}
                    aria-label={t('notify.routeForm.minutes')}
                    style={{ width: '6.4em' }}
                  />
                </Form.Item>
                <span className="grow">{t('notify.routeForm.minutes')}</span>
                <Button
                  type="text"
                  danger
                  disabled={steps.length === 1}
                  aria-label={t('notify.routeForm.removeStep')}
                  icon={<DeleteOutlined />}
                  onClick={() => remove(step.name)}
                />
              </div>
              <div className="form-grid">
                <Form.Item
                  name={[step.name, 'targets']}
                  label={t('notify.routeForm.targets')}
                  dependencies={[['steps', step.name, 'channels']]}
                  rules={[
                    ({ getFieldValue }) => ({
                      validator: (_, value: readonly string[] | undefined) => {
                        const through = getFieldValue(['steps', step.name, 'channels']) as
                          | readonly string[]
                          | undefined;
                        const isNamed = (value?.length ?? 0) + (through?.length ?? 0) > 0;
                        return isNamed
                          ? Promise.resolve()
                          : Promise.reject(new Error(t('notify.routeForm.needTarget')));
                      },
                    }),
                  ]}
                >
                  <Select mode="multiple" options={targets} optionFilterProp="label" />
                </Form.Item>
                <Form.Item
                  name={[step.name, 'channels']}
                  label={t('notify.routeForm.through')}
                  extra={t('notify.routeForm.throughHint')}
                >
                  <Select
                    mode="multiple"
                    options={(channels.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                    optionFilterProp="label"
                  />
                </Form.Item>
              </div>
            </div>
          ))}
          <Button
            size="small"
            icon={<PlusOutlined />}
            disabled={steps.length >= 10}
            onClick={() => add({ afterMinutes: steps.length * 15, targets: [], channels: [] })}
          >
            {t('notify.routeForm.addStep')}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

const flags = ['endsWhenCleared', 'tellCleared', 'tellAcknowledged', 'breaksQuiet', 'isLast'] as const;

function RestFields() {
  const t = useWords();
  return (
    <>
      <div className="form-row">
        <Form.Item name="isRepeated" label={t('notify.routeForm.repeat')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item
          name="everyMinutes"
          label={`${t('notify.routeForm.every')} (${t('notify.routeForm.minutes')})`}
        >
          <InputNumber min={1} max={1_440} />
        </Form.Item>
        <Form.Item name="times" label={t('notify.routeForm.times')}>
          <InputNumber min={1} max={100} />
        </Form.Item>
        <Form.Item name="digestMinutes" label={t('notify.routeForm.digest')}>
          <InputNumber min={0} max={1_440} />
        </Form.Item>
      </div>
      <div className="form-grid">
        {flags.map((flag) => (
          <Form.Item key={flag} name={flag} valuePropName="checked">
            <Checkbox>{t(`notify.routeForm.${flag}`)}</Checkbox>
          </Form.Item>
        ))}
      </div>
    </>
  );
}

/** Which alarms, whom, in which steps. */
export function RouteEditor({ route, onClose }: { route: RouteBody | null; onClose: () => void }) {
  const t = useWords();
  const { save } = useSettingActions('routes');
  return (
    <FormModal<RouteValues>
      title={route === null ? t('notify.routeForm.add') : route.name}
      action={t('common.save')}
      width={width}
      initial={routeForm(route)}
      onClose={onClose}
      onSubmit={(values) => save(routeWrite(values), route === null)}
    >
      <IdAndName isNew={route === null} />
      <div className="form-row">
        <Form.Item
          name="position"
          label={t('notify.routeForm.position')}
          extra={t('notify.routeForm.positionHint')}
        >
          <InputNumber min={0} max={10_000} />
        </Form.Item>
        <Form.Item name="enabled" label={t('notify.routeForm.enabled')} valuePropName="checked">
          <Switch />
        </Form.Item>
      </div>
      <MatchFields />
      <StepFields />
      <RestFields />
    </FormModal>
  );
}
