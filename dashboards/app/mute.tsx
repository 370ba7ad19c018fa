import { useQueryClient } from '@tanstack/react-query';
import { Form, Input, Select } from 'antd';
import { muteMostMinutes } from '#schemas/alarm-figures.ts';
import type { Severity } from '#schemas/device-class.ts';
import { FormModal } from '../components/form-modal.tsx';
import { useNotify } from '../components/notify.ts';
import { alarmApi } from './alarm-api.ts';
import { useWords } from './i18n.ts';
import { usePreferences } from './preferences.ts';
import { keys } from './queries.ts';
import { useParkTime } from './session.ts';
import { severityOrder } from './theme.ts';

interface Fields {
  readonly upTo: Severity;
  readonly minutes: number;
  readonly reason: string;
}

const choices = [1, 5, 15, 30, 60];

/** Mutes this console for a time that ends by itself; the server notes who did, and why. */
export function Mute({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const parkTime = useParkTime();
  const set = usePreferences((preferences) => preferences.set);
  return (
    <FormModal<Fields>
      title={t('mute.title')}
      action={t('mute.apply')}
      initial={{ upTo: 'high', minutes: 5 }}
      onClose={onClose}
      onSubmit={async ({ upTo, minutes, reason }) => {
        const { until } = await alarmApi.mute({ upTo, minutes, reason: reason.trim() });
        set({ mute: { upTo, until } });
        await client.invalidateQueries({ queryKey: keys.audit });
        notify.done(t('mute.noted', { time: parkTime(until, 'clock') }));
      }}
    >
      <p className="soft">{t('mute.hint')}</p>
      <MuteFields />
      <Form.Item
        name="reason"
        label={t('act.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

function MuteFields() {
  const t = useWords();
  const form = Form.useFormInstance<Fields>();
  const upTo = Form.useWatch<Severity | undefined>('upTo') ?? 'high';
  const most = muteMostMinutes[upTo];
  return (
    <div className="two-columns">
      <Form.Item name="upTo" label={t('mute.upTo')}>
        <Select
          options={severityOrder.map((severity) => ({
            value: severity,
            label: t('mute.upToOption', { severity: t(`severity.${severity}`) }),
          }))}
          onChange={(chosen: Severity) => {
            if (form.getFieldValue('minutes') > muteMostMinutes[chosen]) {
              form.setFieldValue('minutes', muteMostMinutes[chosen]);
            }
          }}
        />
      </Form.Item>
      <Form.Item name="minutes" label={t('mute.minutes')}>
        <Select
          options={choices
            .filter((minutes) => minutes <= most)
            .map((minutes) => ({ value: minutes, label: t('mute.minutesOption', { n: minutes }) }))}
        />
      </Form.Item>
    </div>
  );
}
