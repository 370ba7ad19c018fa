import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Segmented, Select } from 'antd';
import type { DeviceAlarmRule } from '#schemas/api/alarm-rules.ts';
import type { Severity } from '#schemas/device-class.ts';
import { engineers } from '#schemas/roles.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { severityOrder } from '../../app/theme.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { Loaded } from '../../components/states.tsx';
import { ConditionFields } from '../alarms/condition-fields.tsx';
import { useConditionWords, watchedMetric } from '../alarms/rule-condition.ts';
import type { ConditionForm } from '../alarms/rule-form.ts';
import { conditionOf, toConditionForm } from '../alarms/rule-form.ts';

const modes = ['inherit', 'override', 'disable'] as const;
type Mode = (typeof modes)[number];
const modalWidth = 720;

interface Fields {
  readonly mode: Mode;
  readonly condition: ConditionForm;
  readonly severity: Severity;
  readonly reason: string;
}

const modeOf = ({ override }: DeviceAlarmRule): Mode => override?.definition?.mode ?? 'inherit';

/** The condition and severity that hold for the device. */
function inForce({ rule, override }: DeviceAlarmRule) {
  const own = override?.definition?.mode === 'override' ? override.definition : undefined;
  return {
    ...rule,
    condition: own?.condition ?? rule.condition,
    severity: own?.severity ?? rule.severity,
  };
}

/** The rules that watch a device, with what it takes of them. */
export function DeviceRules({ deviceId }: { deviceId: string }) {
  const t = useWords();
  const [setting, setSetting] = useState<DeviceAlarmRule | null>(null);
  const query = useQuery({
    queryKey: [...keys.alarmRules, 'device', deviceId],
    queryFn: () => alarmApi.deviceRules(deviceId),
  });
  return (
    <Panel title={t('deviceRules.title')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <span className="soft">{t('deviceRules.none')}</span>
          ) : (
            <div className="lines">
              {items.map((each) => (
                <OneRule key={each.rule.id} each={each} onSet={() => setSetting(each)} />
              ))}
            </div>
          )
        }
      </Loaded>
      {setting === null ? null : (
        <OverrideForm deviceId={deviceId} of={setting} onClose={() => setSetting(null)} />
      )}
    </Panel>
  );
}

function OneRule({ each, onSet }: { each: DeviceAlarmRule; onSet: () => void }) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const mayEdit = useMay(engineers);
  const tell = useConditionWords();
  const { rule, override } = each;
  const mode = modeOf(each);
  const held = inForce(each);
  const written = override === null || mode === 'inherit' ? null : override;
  return (
    <div>
      <div className="row">
        <SeverityMark severity={held.severity} acknowledged={!rule.enabled || mode === 'disable'} />
        <span>{both({ zh: rule.name, en: rule.nameEn ?? rule.name })}</span>
        {rule.enabled ? null : <span className="tag">{t('deviceRules.disabledRule')}</span>}
        {mode === 'inherit' ? null : <span className="tag strong">{t(`deviceRules.${mode}`)}</span>}
        <span className="grow" />
        {mayEdit ? (
          <Button size="small" onClick={onSet}>
            {t('deviceRules.change')}
          </Button>
        ) : null}
      </div>
      <div className="soft small num">{tell(held).text}</div>
      {written === null ? null : (
        <div className="soft small">
          {t('deviceRules.by', {
            author: written.author,
            time: parkTime(written.validFrom, 'minute'),
            reason: written.reason,
          })}
        </div>
      )}
    </div>
  );
}

function OverrideForm(props: { deviceId: string; of: DeviceAlarmRule; onClose: () => void }) {
  const { deviceId, of, onClose } = props;
  const t = useWords();
  const both = useBilingual();
  const client = useQueryClient();
  const notify = useNotify();
  const held = inForce(of);
  const rule = both({ zh: of.rule.name, en: of.rule.nameEn ?? of.rule.name });
  return (
    <FormModal<Fields>
      title={t('deviceRules.modalTitle', { rule })}
      action={t('common.save')}
      width={modalWidth}
      initial={{ mode: modeOf(of), condition: toConditionForm(held.condition), severity: held.severity }}
      onClose={onClose}
      onSubmit={async ({ mode, condition, severity, reason }) => {
        const own = { condition: conditionOf({ ...condition, kind: held.condition.kind }), severity };
        const body = mode === 'override' ? { mode, ...own, reason } : { mode, reason };
        await alarmApi.overrideRule({ ruleId: of.rule.id, deviceId }, body);
        await client.invalidateQueries({ queryKey: keys.alarmRules });
        notify.done(t('deviceRules.saved', { rule }));
      }}
    >
      <Form.Item name="mode" label={t('deviceRules.mode')}>
        <Segmented options={modes.map((each) => ({ value: each, label: t(`deviceRules.${each}`) }))} />
      </Form.Item>
      <OwnFields of={of} />
      <Form.Item
        name="reason"
        label={t('common.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

function OwnFields({ of }: { of: DeviceAlarmRule }) {
  const t = useWords();
  const mode = Form.useWatch<Mode | undefined>('mode') ?? modeOf(of);
  if (mode !== 'override') return null;
  return (
    <>
      <ConditionFields kind={of.rule.condition.kind} name={['condition']} watched={watchedMetric(of.rule)} />
      <Form.Item name="severity" label={t('severity.title')}>
        <Select
          style={{ width: '8.6em' }}
          options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
        />
      </Form.Item>
    </>
  );
}
