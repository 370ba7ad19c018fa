import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, DatePicker, Form, Input, InputNumber, Segmented, Select } from 'antd';
import { Link } from 'react-router';
import { nowMs } from '../../app/clock.ts';
import { useWords } from '../../app/i18n.ts';
import type { Roster } from '../../app/notify-api.ts';
import { useSession } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { DayField, IdAndName, TimeField, WindowsField } from './fields.tsx';
import { usePeopleOptions, useSettingActions } from './lookups.ts';
import { emptyRoster, rosterForm, rosterWrite, type RosterValues } from './roster-form.ts';

const width = 820;

function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button type="text" danger aria-label={label} title={label} icon={<DeleteOutlined />} onClick={onClick} />
  );
}

function ShiftFields() {
  const t = useWords();
  const options = usePeopleOptions();
  const required = { required: true, message: t('common.required') };
  return (
    <Form.List name="shifts">
      {(shifts, { add, remove }) => (
        <fieldset>
          <legend>{t('notify.rosterForm.shifts')}</legend>
          {shifts.map((shift) => (
            <div key={shift.key} className="form-card">
              <div className="form-row">
                <Form.Item
                  name={[shift.name, 'name']}
                  label={t('notify.rosterForm.shift')}
                  rules={[required]}
                >
                  <Input maxLength={100} />
                </Form.Item>
                <RemoveButton label={t('notify.rosterForm.removeShift')} onClick={() => remove(shift.name)} />
              </div>
              <Form.Item name={[shift.name, 'people']} label={t('notify.rosterForm.people')}>
                <Select mode="multiple" options={options} optionFilterProp="label" />
              </Form.Item>
              <div className="form-row">
                <Form.Item
                  name={[shift.name, 'count']}
                  label={t('notify.rosterForm.count')}
                  rules={[required]}
                >
                  <InputNumber min={1} max={52} />
                </Form.Item>
                <Form.Item name={[shift.name, 'every']} label={t('notify.rosterForm.every')}>
                  <Segmented
                    options={[
                      { value: 'day', label: t('notify.rosterForm.day') },
                      { value: 'week', label: t('notify.rosterForm.weekUnit') },
                    ]}
                  />
                </Form.Item>
                <DayField name={[shift.name, 'startDay']} label={t('notify.rosterForm.startDay')} />
                <TimeField name={[shift.name, 'handover']} label={t('notify.rosterForm.handover')} />
              </div>
              <WindowsField name={[shift.name, 'windows']} label={t('notify.rosterForm.windows')} />
            </div>
          ))}
          <Button size="small" icon={<PlusOutlined />} onClick={() => add(emptyRoster(nowMs()).shifts[0])}>
            {t('notify.rosterForm.addShift')}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

function HolidayFields() {
  const t = useWords();
  const options = usePeopleOptions();
  return (
    <Form.Item
      name="holidayPeople"
      label={t('notify.rosterForm.holidays')}
      extra={
        <>
          {t('notify.rosterForm.holidaysHint')}{' '}
          <Link to="/alarms/desks?tab=calendar">{t('desks.calendar')}</Link>
        </>
      }
    >
      <Select mode="multiple" options={options} optionFilterProp="label" />
    </Form.Item>
  );
}

function OverrideFields() {
  const t = useWords();
  const options = usePeopleOptions();
  return (
    <Form.List name="overrides">
      {(overrides, { add, remove }) => (
        <fieldset>
          <legend>{t('notify.rosterForm.overrides')}</legend>
          {overrides.map((override) => (
            <div key={override.key} className="row wrap form-line">
              <Form.Item
                noStyle
                name={[override.name, 'range']}
                rules={[{ required: true, message: t('common.required') }]}
              >
                <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" />
              </Form.Item>
              <Form.Item noStyle name={[override.name, 'people']}>
                <Select
                  mode="multiple"
                  aria-label={t('notify.rosterForm.stand')}
                  placeholder={t('notify.rosterForm.stand')}
                  style={{ minWidth: '14.3em' }}
                  options={options}
                />
              </Form.Item>
              <Form.Item noStyle name={[override.name, 'reason']}>
                <Input
                  aria-label={t('notify.rosterForm.reason')}
                  placeholder={t('notify.rosterForm.reason')}
                  maxLength={200}
                  style={{ width: '11.4em' }}
                />
              </Form.Item>
              <RemoveButton label={t('notify.rosterForm.remove')} onClick={() => remove(override.name)} />
            </div>
          ))}
          <Button size="small" icon={<PlusOutlined />} onClick={() => add({ people: [], reason: '' })}>
            {t('notify.rosterForm.addOverride')}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

/** Who takes turns, when they hand over, and who stands in. */
export function RosterEditor({ roster, onClose }: { roster: Roster | null; onClose: () => void }) {
  const t = useWords();
  const { timeZone } = useSession();
  const { save } = useSettingActions('rosters');
  return (
    <FormModal<RosterValues>
      title={roster === null ? t('notify.rosterForm.add') : roster.name}
      action={t('common.save')}
      width={width}
      initial={roster === null ? emptyRoster(nowMs()) : rosterForm(roster, timeZone)}
      onClose={onClose}
      onSubmit={(values) => save(rosterWrite(values, timeZone), roster === null)}
    >
      <IdAndName isNew={roster === null} />
      <ShiftFields />
      <OverrideFields />
      <HolidayFields />
    </FormModal>
  );
}
