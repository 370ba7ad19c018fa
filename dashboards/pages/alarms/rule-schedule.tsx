import { Button, Form, Input, Segmented, Select } from 'antd';
import type { DayKind } from '#schemas/alarm-schedule.ts';
import { useWords } from '../../app/i18n.ts';

const dayKinds = [
  'workday',
  'restday',
  'mon',
  'tue',
  'wed',
  'thu',
  'fri',
  'sat',
  'sun',
] as const satisfies readonly DayKind[];
const wallTime = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const mostPeriods = 20;

/** When the rule holds. */
export function ScheduleFields() {
  const t = useWords();
  const when = Form.useWatch<string | undefined>(['schedule', 'when']) ?? 'always';
  const needed = { required: true, message: t('common.required') };
  const time = [needed, { pattern: wallTime, message: 'HH:MM' }];
  return (
    <>
      <Form.Item name={['schedule', 'when']} label={t('ruleForm.schedule')}>
        <Segmented
          options={(['always', 'during', 'outside'] as const).map((each) => ({
            value: each,
            label: t(`ruleForm.${each}`),
          }))}
        />
      </Form.Item>
      {when === 'always' ? null : (
        <Form.List name={['schedule', 'periods']} initialValue={[{ days: ['workday'] }]}>
          {(fields, { add, remove }) => (
            <>
              {fields.map(({ key, name }) => (
                <div key={key} className="condition-fields">
                  <Form.Item name={[name, 'days']} label={t('ruleForm.days')} rules={[needed]}>
                    <Select
                      mode="multiple"
                      style={{ minWidth: '15.7em' }}
                      options={dayKinds.map((each) => ({
                        value: each,
                        label: t(`ruleForm.dayKind.${each}`),
                      }))}
                    />
                  </Form.Item>
                  <Form.Item name={[name, 'from']} label={t('ruleForm.from')} rules={time}>
                    <Input className="mono" placeholder="08:00" style={{ width: '6.4em' }} />
                  </Form.Item>
                  <Form.Item
                    name={[name, 'to']}
                    label={t('ruleForm.to')}
                    tooltip={t('ruleForm.toHint')}
                    rules={time}
                  >
                    <Input className="mono" placeholder="18:00" style={{ width: '6.4em' }} />
                  </Form.Item>
                  {fields.length === 1 ? null : (
                    <Button size="small" type="text" onClick={() => remove(name)}>
                      {t('ruleForm.removePeriod')}
                    </Button>
                  )}
                </div>
              ))}
              <Button size="small" disabled={fields.length >= mostPeriods} onClick={() => add()}>
                {t('ruleForm.addPeriod')}
              </Button>
            </>
          )}
        </Form.List>
      )}
    </>
  );
}
