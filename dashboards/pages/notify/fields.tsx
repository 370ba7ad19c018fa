import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, DatePicker, Form, Input, Select, TimePicker } from 'antd';
import dayjs from 'dayjs';
import type { Dayjs } from 'dayjs';
import { useWords } from '../../app/i18n.ts';
import { idPattern } from '../../app/ids.ts';
import './notify.css';

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** Id and name of something new; what exists keeps its id. */
export function IdAndName({ isNew }: { isNew: boolean }) {
  const t = useWords();
  return (
    <div className="form-row">
      <Form.Item
        name="id"
        label={t('notify.id')}
        rules={[{ required: true, pattern: idPattern, message: t('notify.idRule') }]}
      >
        <Input className="mono" disabled={!isNew} autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="name"
        label={t('common.name')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={100} />
      </Form.Item>
    </div>
  );
}

/** Any day: only the time of it counts. */
const someDay = '2000-01-01';

/** A time of day as text, `HH:MM`, in a picker. */
export const asTime = {
  getValueProps: (text: string | undefined) => ({
    value: text === undefined || text === '' ? null : dayjs(`${someDay}T${text}`),
  }),
  normalize: (picked: Dayjs | null) => picked?.format('HH:mm') ?? '',
};

/** A day as text, `YYYY-MM-DD`, in a picker. */
export const asDay = {
  getValueProps: (text: string | undefined) => ({
    value: text === undefined || text === '' ? null : dayjs(text),
  }),
  normalize: (picked: Dayjs | null) => picked?.format('YYYY-MM-DD') ?? '',
};

type FieldName = string | (string | number)[];

/** A time of day by the park's clock. */
export function TimeField({ name, label }: { name: FieldName; label: string }) {
  const t = useWords();
  return (
    <Form.Item
      name={name}
      label={label}
      rules={[{ required: true, message: t('common.required') }]}
      {...asTime}
    >
      <TimePicker format="HH:mm" minuteStep={5} allowClear={false} needConfirm={false} />
    </Form.Item>
  );
}

/** A local day of the park. */
export function DayField({ name, label }: { name: FieldName; label: string }) {
  const t = useWords();
  return (
    <Form.Item
      name={name}
      label={label}
      rules={[{ required: true, message: t('common.required') }]}
      {...asDay}
    >
      <DatePicker allowClear={false} />
    </Form.Item>
  );
}

interface WindowsFieldProps {
  /** Inside the nearest list. */
  readonly name: FieldName;
  readonly label: string;
  readonly extra?: string;
}

/** Hours of days of the week, any number of them. */
export function WindowsField({ name, label, extra }: WindowsFieldProps) {
  const t = useWords();
  return (
    <Form.Item label={label} extra={extra}>
      <Form.List name={name}>
        {(windows, { add, remove }) => (
          <>
            {windows.map((window) => (
              <div key={window.key} className="row wrap form-line">
                <Form.Item
                  noStyle
                  name={[window.name, 'days']}
                  rules={[{ required: true, type: 'array', min: 1, message: t('common.required') }]}
                >
                  <Select
                    mode="multiple"
                    aria-label={t('notify.days')}
                    placeholder={t('notify.days')}
                    style={{ minWidth: '17.1em' }}
                    maxTagCount="responsive"
                    options={weekdays.map((day) => ({ value: day, label: t(`notify.weekday.d${day}`) }))}
                  />
                </Form.Item>
                <Form.Item noStyle name={[window.name, 'from']} rules={[{ required: true }]} {...asTime}>
                  <TimePicker
                    format="HH:mm"
                    minuteStep={5}
                    allowClear={false}
                    needConfirm={false}
                    aria-label={t('notify.from')}
                    style={{ width: '7.1em' }}
                  />
                </Form.Item>
                <span>–</span>
                <Form.Item noStyle name={[window.name, 'to']} rules={[{ required: true }]} {...asTime}>
                  <TimePicker
                    format="HH:mm"
                    minuteStep={5}
                    allowClear={false}
                    needConfirm={false}
                    aria-label={t('notify.to')}
                    style={{ width: '7.1em' }}
                  />
                </Form.Item>
                <Button
                  type="text"
                  aria-label={t('notify.rosterForm.remove')}
                  icon={<DeleteOutlined />}
                  onClick={() => remove(window.name)}
                />
              </div>
            ))}
            <Button
              size="small"
              icon={<PlusOutlined />}
              onClick={() => add({ days: [...weekdays], from: '22:00', to: '07:00' })}
            >
              {t('notify.addWindow')}
            </Button>
          </>
        )}
      </Form.List>
    </Form.Item>
  );
}
