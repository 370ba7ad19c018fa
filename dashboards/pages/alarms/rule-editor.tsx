import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Drawer, Form, Input, InputNumber, Segmented, Select, Space, Switch } from 'antd';
import { idPattern } from '../../app/ids.ts';
import type { AlarmRule } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { severityOrder, useScale } from '../../app/theme.ts';
import { useNotify } from '../../components/notify.ts';
import { Refusal } from '../../components/refusal.tsx';
import { useConditionWords } from './rule-condition.ts';
import { RuleTrial, RuleVersions } from './rule-trial.tsx';
import type { RuleForm } from './rule-form.ts';
import { emptyRule, fromCommonForm, fromForm, isFormRule, toCommonForm, toForm } from './rule-form.ts';

const sides = ['high-high', 'high', 'low', 'low-low'] as const satisfies readonly RuleForm['side'][];
const longestDelayS = 86_400;

function TargetFields() {
  const t = useWords();
  const className = useClassNames();
  const classes = useDeviceClasses().data?.items ?? [];
  const watch = Form.useWatch<RuleForm['watch']>('watch');
  const required = [{ required: true, message: t('common.required') }];
  return (
    <>
      <Form.Item name="watch" label={t('rules.target')}>
        <Segmented
          options={[
            { value: 'point', label: t('rules.targetPoint') },
            { value: 'class', label: t('rules.targetClass') },
          ]}
        />
      </Form.Item>
      {watch === 'class' ? (
        <Space align="start">
          <Form.Item name="deviceClass" label={t('rules.deviceClass')} rules={required}>
            <Select
              showSearch
              optionFilterProp="label"
              style={{ width: 240 }}
              options={classes.map(({ id }) => ({ value: id, label: className(id) }))}
            />
          </Form.Item>
          <Form.Item name="metric" label={t('rules.metric')} extra={t('rules.metricHint')} rules={required}>
            <Input className="mono" />
          </Form.Item>
        </Space>
      ) : (
        <Form.Item name="point" label={t('rules.point')} extra={t('rules.pointHint')} rules={required}>
          <Input className="mono" />
        </Form.Item>
      )}
    </>
  );
}

function ConditionFields() {
  const t = useWords();
  const required = [{ required: true, message: t('common.required') }];
  const delay = { min: 0, max: longestDelayS, suffix: t('rules.seconds'), style: { width: 140 } };
  return (
    <>
      <Space align="start" wrap>
        <Form.Item name="side" label={t('rules.side')}>
          <Select
            style={{ width: 130 }}
            options={sides.map((side) => ({ value: side, label: t(`rules.${side}`) }))}
          />
        </Form.Item>
        <Form.Item name="limit" label={t('rules.limit')} rules={required}>
          <InputNumber style={{ width: 140 }} />
        </Form.Item>
        <Form.Item
          name="deadband"
          label={t('rules.deadband')}
          tooltip={t('rules.deadbandHint')}
          rules={required}
        >
          <InputNumber min={0} style={{ width: 140 }} />
        </Form.Item>
        <Form.Item name="severity" label={t('severity.title')}>
          <Select
            style={{ width: 120 }}
            options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
          />
        </Form.Item>
      </Space>
      <Space align="start" wrap>
        <Form.Item name="onDelayS" label={t('rules.onDelay')} rules={required}>
          <InputNumber {...delay} />
        </Form.Item>
        <Form.Item name="offDelayS" label={t('rules.offDelay')} rules={required}>
          <InputNumber {...delay} />
        </Form.Item>
        <Form.Item name="enabled" label={t('rules.state')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item
          name="requiresConfirm"
          label={t('act.confirm')}
          tooltip={t('act.confirmHint')}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
      </Space>
    </>
  );
}

/** Of a rule whose condition the form cannot hold: what it is, its severity, on or off. */
function KeptFields({ rule }: { rule: AlarmRule }) {
  const t = useWords();
  const { text: told } = useConditionWords()(rule);
  return (
    <>
      <p className="soft">{t('rules.conditionKept', { condition: told })}</p>
      <Space align="start" wrap>
        <Form.Item name="severity" label={t('severity.title')}>
          <Select
            style={{ width: 120 }}
            options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
          />
        </Form.Item>
        <Form.Item name="enabled" label={t('rules.state')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item
          name="requiresConfirm"
          label={t('act.confirm')}
          tooltip={t('act.confirmHint')}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
      </Space>
    </>
  );
}

function initialValues(rule: AlarmRule | null): Partial<RuleForm> {
  if (rule === null) return emptyRule();
  return isFormRule(rule) ? toForm(rule) : toCommonForm(rule);
}

function NameFields({ fresh }: { fresh: boolean }) {
  const t = useWords();
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <Form.Item
        name="id"
        label={t('common.id')}
        extra={fresh ? t('rules.idHint') : undefined}
        rules={[required, { pattern: idPattern, message: t('rules.idHint') }]}
      >
        <Input className="mono" disabled={!fresh} />
      </Form.Item>
      <Form.Item name="name" label={t('common.name')} rules={[required]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="nameEn" label={t('rules.nameEn')} extra={t('rules.englishHint')}>
        <Input maxLength={200} />
      </Form.Item>
    </>
  );
}

/** Creates a limit rule, or makes its next version; either way the reason is written down. */
export function RuleEditor({ rule, onClose }: { rule: AlarmRule | null; onClose: () => void }) {
  const t = useWords();
  const scale = useScale();
  const client = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<RuleForm>();
  const save = useMutation({
    mutationFn: async (values: RuleForm) => {
      if (rule === null || isFormRule(rule)) {
        const { id, ...body } = fromForm({ ...values, id: rule?.id ?? values.id });
        await (rule === null ? api.createAlarmRule({ id, ...body }) : api.changeAlarmRule(id, body));
      } else await api.changeAlarmRule(rule.id, fromCommonForm(values));
      await client.invalidateQueries({ queryKey: keys.alarmRules });
      notify.done(t('rules.saved', { name: values.name }));
    },
    onSuccess: onClose,
  });
  return (
    <Drawer
      open
      size={640 * scale}
      onClose={onClose}
      title={rule === null ? t('rules.createTitle') : t('rules.editTitle', { name: rule.name })}
      extra={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t('common.save')}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={initialValues(rule)}
        onFinish={(values) => save.mutate(values)}
      >
        <NameFields fresh={rule === null} />
        {rule === null || isFormRule(rule) ? (
          <>
            <TargetFields />
            <ConditionFields />
          </>
        ) : (
          <KeptFields rule={rule} />
        )}
        <Form.Item name="recommendedAction" label={t('rules.action')} extra={t('rules.actionHint')}>
          <Input.TextArea rows={2} maxLength={2_000} />
        </Form.Item>
        <Form.Item name="recommendedActionEn" label={t('rules.actionEn')} extra={t('rules.englishHint')}>
          <Input.TextArea rows={2} maxLength={2_000} />
        </Form.Item>
        <Form.Item
          name="reason"
          label={t('common.reason')}
          extra={`${t('rules.reasonHint')} ${rule === null ? '' : t('rules.versionNote')}`}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        <Refusal error={save.error} />
      </Form>
      {rule === null ? null : (
        <div className="stack">
          <RuleTrial rule={rule} />
          <RuleVersions rule={rule} />
        </div>
      )}
    </Drawer>
  );
}
