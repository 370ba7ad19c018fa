import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormInstance } from 'antd';
import { Alert, Button, Drawer, Form, Input, Segmented, Select, Switch, TreeSelect } from 'antd';
import { conditionFields } from '#schemas/alarm-fields.ts';
import type { AlarmKind } from '#schemas/alarm.ts';
import type { AlarmRule } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { ApiProblem } from '../../app/client.ts';
import { useWords } from '../../app/i18n.ts';
import { idPattern } from '../../app/ids.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { severityOrder, useScale } from '../../app/theme.ts';
import { useNotify } from '../../components/notify.ts';
import { Refusal } from '../../components/refusal.tsx';
import type { Watched } from './condition-fields.tsx';
import { ConditionFields, MetricInput } from './condition-fields.tsx';
import type { RuleForm, WatchKind } from './rule-form.ts';
import { bothTexts, categories, emptyRule, fieldOf, fromForm, isOfDevices, startOf } from './rule-form.ts';
import { toForm, watchKinds } from './rule-form.ts';
import { ScheduleFields } from './rule-schedule.tsx';
import { RuleTrial, RuleVersions } from './rule-trial.tsx';

const kinds = Object.keys(conditionFields) as AlarmKind[];

/** What the form names, as it is typed; a metric is looked up by it. */
function useWatched(): { watch: WatchKind; kind: AlarmKind; watched: Watched } {
  const watch = Form.useWatch<WatchKind | undefined>('watch') ?? 'class';
  const kind = Form.useWatch<AlarmKind | undefined>(['condition', 'kind']) ?? 'limit';
  const deviceClass = Form.useWatch<string | undefined>(['target', 'deviceClass']);
  const point = Form.useWatch<string | undefined>(['target', 'point']) ?? '';
  const typed = Form.useWatch<string | undefined>(['target', 'metric']) ?? '';
  const metric = watch === 'point' ? (point.split('.')[1] ?? '') : typed;
  const ofClass = watch === 'class' || watch === 'space' || watch === 'tag' ? deviceClass : undefined;
  return { watch, kind, watched: ofClass === undefined ? { metric } : { metric, deviceClass: ofClass } };
}

function TargetFields() {
  const t = useWords();
  const { watch, kind, watched } = useWatched();
  const rules = [{ required: true, message: t('common.required') }];
  const { data: spaces } = useSpaces();
  const offered = watchKinds.filter((each) => each !== 'point' || !isOfDevices(kind));
  return (
    <>
      <Form.Item name="watch">
        <Segmented
          aria-label={t('rules.target')}
          options={offered.map((each) => ({ value: each, label: t(`ruleForm.watch.${each}`) }))}
        />
      </Form.Item>
      <div className="condition-fields">
        {watch === 'point' ? (
          <Form.Item
            name={['target', 'point']}
            label={t('rules.point')}
            tooltip={t('rules.pointHint')}
            rules={rules}
          >
            <Input className="mono" style={{ width: '21.4em' }} />
          </Form.Item>
        ) : null}
        {watch === 'device' ? (
          <Form.Item name={['target', 'device']} label={t('ruleForm.device')} rules={rules}>
            <Input className="mono" style={{ width: '14.3em' }} />
          </Form.Item>
        ) : null}
        {watch === 'space' ? (
          <Form.Item name={['target', 'space']} label={t('ruleForm.space')} rules={rules}>
            <TreeSelect
              style={{ width: '14.3em' }}
              showSearch={{ treeNodeFilterProp: 'title' }}
              treeData={spaceTree(spaces?.items ?? [])}
            />
          </Form.Item>
        ) : null}
        {watch === 'tag' ? (
          <Form.Item name={['target', 'tag']} label={t('ruleForm.tag')} rules={rules}>
            <Input style={{ width: '11.4em' }} maxLength={40} />
          </Form.Item>
        ) : null}
        {watch === 'class' || watch === 'space' || watch === 'tag' ? (
          <ClassField needed={watch !== 'tag'} />
        ) : null}
        {watch === 'point' || isOfDevices(kind) ? null : (
          <Form.Item name={['target', 'metric']} label={t('rules.metric')} rules={rules}>
            <MetricInput deviceClass={watched.deviceClass} />
          </Form.Item>
        )}
      </div>
    </>
  );
}

function ClassField({ needed }: { needed: boolean }) {
  const t = useWords();
  const className = useClassNames();
  const classes = useDeviceClasses().data?.items ?? [];
  return (
    <Form.Item
      name={['target', 'deviceClass']}
      label={t('rules.deviceClass')}
      rules={needed ? [{ required: true, message: t('common.required') }] : []}
    >
      <Select
        allowClear={!needed}
        {...(needed ? {} : { placeholder: t('ruleForm.anyClass') })}
        showSearch={{ optionFilterProp: 'label' }}
        style={{ width: '14.3em' }}
        options={classes.map(({ id }) => ({ value: id, label: className(id) }))}
      />
    </Form.Item>
  );
}

function WhenFields({ onKind }: { onKind: (kind: AlarmKind) => void }) {
  const t = useWords();
  const { kind, watched } = useWatched();
  return (
    <>
      <Form.Item name={['condition', 'kind']} label={t('ruleForm.kind')}>
        <Select
          style={{ width: '14.3em' }}
          onChange={onKind}
          options={kinds.map((each) => ({ value: each, label: t(`ruleForm.kinds.${each}`) }))}
        />
      </Form.Item>
      <ConditionFields key={kind} kind={kind} name={['condition']} watched={watched} />
      <ScheduleFields />
    </>
  );
}

function NameFields({ fresh }: { fresh: boolean }) {
  const t = useWords();
  const required = { required: true, message: t('common.required') };
  return (
    <div className="two-columns">
      <Form.Item name="name" label={t('common.name')} rules={[required]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="nameEn" label={t('rules.nameEn')} tooltip={t('rules.englishHint')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item
        name="id"
        label={t('common.id')}
        rules={[required, { pattern: idPattern, message: t('rules.idHint') }]}
      >
        <Input className="mono" disabled={!fresh} />
      </Form.Item>
    </div>
  );
}

function HandlingFields() {
  const t = useWords();
  return (
    <>
      <div className="condition-fields">
        <Form.Item name="severity" label={t('severity.title')}>
          <Select
            style={{ width: '8.6em' }}
            options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
          />
        </Form.Item>
        <Form.Item name="category" label={t('ruleForm.category')}>
          <Select
            style={{ width: '10em' }}
            options={categories.map((each) => ({ value: each, label: t(`ruleForm.categories.${each}`) }))}
          />
        </Form.Item>
        <Form.Item name="team" label={t('ruleForm.team')}>
          <Input maxLength={100} style={{ width: '11.4em' }} />
        </Form.Item>
        <Form.Item
          name="requiresConfirm"
          label={t('act.confirm')}
          tooltip={t('act.confirmHint')}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
      </div>
      <div className="two-columns">
        {bothTexts
          .flatMap((key) => [key, `${key}En`] as const)
          .map((key) => (
            <Form.Item key={key} name={['texts', key]} label={t(`ruleForm.text.${key}`)}>
              <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} maxLength={2_000} />
            </Form.Item>
          ))}
      </div>
    </>
  );
}

/** Marks the fields that the API refused. @returns how many */
function markFaults(form: FormInstance<RuleForm>, error: Error): number {
  if (!(error instanceof ApiProblem)) return 0;
  const draft = form.getFieldsValue(true);
  const marks = error.errors.flatMap(({ path, message }) => {
    const name = fieldOf(path, draft);
    return name === undefined ? [] : [{ name: [...name], errors: [message] }];
  });
  // Names are as deep as the rule is: more than the type of the form can tell.
  form.setFields(marks);
  const [first] = marks;
  if (first !== undefined) form.scrollToField(first.name as Parameters<typeof form.scrollToField>[0]);
  return marks.length;
}

/** Creates a rule of any kind, or makes its next version; either way the reason is written down. */
export function RuleEditor({ rule, onClose }: { rule: AlarmRule | null; onClose: () => void }) {
  const t = useWords();
  const scale = useScale();
  const client = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<RuleForm>();
  const [marked, setMarked] = useState(0);
  const [typed, setTyped] = useState(0);
  const refused = (error: Error) => setMarked(markFaults(form, error));
  const save = useMutation({
    mutationFn: async () => {
      const values = form.getFieldsValue(true) as RuleForm;
      const { id, ...body } = fromForm(values);
      // Null takes the schedule away; what is absent would stay.
      const change = { ...body, schedule: body.schedule ?? null };
      await (rule === null ? api.createAlarmRule({ id, ...body }) : api.changeAlarmRule(rule.id, change));
      await client.invalidateQueries({ queryKey: keys.alarmRules });
      notify.done(t('rules.saved', { name: values.name }));
    },
    onSuccess: onClose,
    onError: refused,
  });
  return (
    <Drawer
      open
      size={820 * scale}
      onClose={onClose}
      title={rule === null ? t('ruleForm.createTitle') : t('rules.editTitle', { name: rule.name })}
      extra={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t('common.save')}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={rule === null ? emptyRule() : toForm(rule)}
        onValuesChange={() => setTyped((count) => count + 1)}
        onFinish={() => save.mutate()}
        scrollToFirstError
      >
        <NameFields fresh={rule === null} />
        <h3>{t('ruleForm.watched')}</h3>
        <TargetFields />
        <h3>{t('ruleForm.when')}</h3>
        <WhenFields
          onKind={(kind) => {
            form.setFieldsValue({ condition: startOf(kind) });
            if (isOfDevices(kind) && form.getFieldValue('watch') === 'point') {
              form.setFieldValue('watch', 'device');
            }
          }}
        />
        <h3>{t('ruleForm.handling')}</h3>
        <HandlingFields />
        <h3>{t('ruleForm.finish')}</h3>
        <RuleTrial
          typed={typed}
          draft={async () => {
            await form.validateFields([['target'], ['condition'], ['schedule']], { recursive: true });
            return fromForm(form.getFieldsValue(true) as RuleForm);
          }}
          onRefused={refused}
        />
        <Form.Item name="enabled" label={t('rules.state')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item
          name="reason"
          label={t('common.reason')}
          extra={`${t('rules.reasonHint')} ${rule === null ? '' : t('rules.versionNote')}`}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        {marked > 0 ? (
          <Alert type="warning" showIcon title={t('ruleForm.fieldRefused', { count: marked })} />
        ) : null}
        <Refusal error={save.error} />
      </Form>
      {rule === null ? null : (
        <section className="stack">
          <h3>{t('ruleForm.history')}</h3>
          <RuleVersions rule={rule} />
        </section>
      )}
    </Drawer>
  );
}
