import { useQueryClient } from '@tanstack/react-query';
import { Alert, Checkbox, Form, Input, InputNumber } from 'antd';
import type { RawRetention } from '#schemas/api/retention.ts';
import { goingOf, rawKeepDaysMost, rawKeepReasonLength } from '#schemas/raw-keep.ts';
import { api } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { formatCount, formatMib } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';

interface Fields {
  readonly days: number;
  readonly reason: string;
  readonly confirm?: boolean;
}

interface RawKeepFormProps {
  readonly retention: RawRetention;
  readonly of: RawRetention['classes'][number];
  readonly onClose: () => void;
}

/** How long raw readings of a class are kept; the horizon is as long as all others. */
export function RawKeepForm({ retention, of, onClose }: RawKeepFormProps) {
  const t = useWords();
  const className = useClassNames();
  const client = useQueryClient();
  const notify = useNotify();
  const numberRule = useNumberRule();
  const { horizonDays } = retention;
  const name = className(of.class);
  return (
    <FormModal<Fields>
      title={t('rawKeep.title', { name })}
      action={t('common.save')}
      initial={{ days: of.days, confirm: false }}
      onClose={onClose}
      onSubmit={async ({ days, reason, confirm = false }) => {
        await api.keepRaw(of.class, { days: days > horizonDays ? days : null, reason, confirm });
        await client.invalidateQueries({ queryKey: keys.rawRetention });
        notify.done(t('rawKeep.done', { name, days }));
      }}
    >
      <Form.Item
        name="days"
        label={t('rawKeep.days')}
        extra={t('rawKeep.hint', { days: horizonDays })}
        rules={[
          { required: true, message: t('common.required') },
          numberRule({ min: horizonDays, max: rawKeepDaysMost, whole: true }),
        ]}
      >
        <InputNumber />
      </Form.Item>
      <Consequence retention={retention} of={of} />
      <Form.Item
        name="reason"
        label={t('common.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input.TextArea rows={2} maxLength={rawKeepReasonLength} />
      </Form.Item>
    </FormModal>
  );
}

/** What the days that are typed take, and what goes where they are fewer than now. */
function Consequence({ retention, of }: Omit<RawKeepFormProps, 'onClose'>) {
  const t = useWords();
  const now = useNow();
  const days = Form.useWatch<number | null | undefined>('days') ?? of.days;
  const { bytesPerReading } = retention;
  if (days >= of.days) {
    const size = bytesPerReading === null ? null : of.readingsPerDay * (days + 2) * bytesPerReading;
    return <p className="soft">{t('rawKeep.takes', { size: formatMib(size) })}</p>;
  }
  const keptSinceMs = of.keptSince === null ? null : Date.parse(of.keptSince);
  const going = goingOf({ ...of, bytesPerReading, keptSinceMs }, days, now);
  return (
    <>
      <Alert
        type="warning"
        showIcon
        title={
          going.readings === 0
            ? t('rawKeep.goingNone', { days })
            : t('rawKeep.going', {
                days,
                readings: formatCount(going.readings),
                size: formatMib(going.bytes),
              })
        }
      />
      <Form.Item
        name="confirm"
        valuePropName="checked"
        rules={[
          {
            validator: (_, isChecked: unknown) =>
              isChecked === true ? Promise.resolve() : Promise.reject(new Error(t('common.required'))),
          },
        ]}
      >
        <Checkbox>{t('rawKeep.goingConfirm')}</Checkbox>
      </Form.Item>
    </>
  );
}
