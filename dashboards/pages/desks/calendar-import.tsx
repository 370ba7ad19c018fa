import { useState } from 'react';
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { Input, Modal, Upload } from 'antd';
import { calendarDifference, readCalendar, yearsOf } from '#schemas/calendar-text.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useNotify } from '../../components/notify.ts';
import { Refusal } from '../../components/refusal.tsx';

/** Of a file that is no calendar nobody reads the hundredth fault. */
const faultsShown = 20;
const modalWidth = 640;

/** Takes whole years from a file or from lines that are pasted: what it would change first, then the change. */
export function CalendarImport({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const { days, faults } = readCalendar(text);
  const years = yearsOf(days);
  const range = { from: `${years[0]}-01-01`, to: `${years.at(-1)}-12-31` };
  const known = useQueries({
    queries: years.map((year) => ({
      queryKey: [...keys.alarmRules, 'calendar', Number(year)],
      queryFn: () => alarmApi.calendar({ from: `${year}-01-01`, to: `${year}-12-31` }),
    })),
  });
  const isKnown = known.every(({ data }) => data !== undefined);
  const difference = calendarDifference(
    known.flatMap(({ data }) => data?.items ?? []),
    days,
  );
  const save = useMutation({
    mutationFn: async () => {
      for (const year of years) {
        await alarmApi.saveCalendar(
          { from: `${year}-01-01`, to: `${year}-12-31` },
          { days: days.filter(({ day }) => day.startsWith(year)), reason: reason.trim() },
        );
      }
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.alarmRules });
      notify.done(t('calendar.saved'));
      onClose();
    },
  });
  const isReady = days.length > 0 && faults.length === 0 && isKnown && reason.trim() !== '';
  return (
    <Modal
      open
      width={modalWidth}
      title={t('calendar.import')}
      okText={t('calendar.apply', { years: years.join(', '), count: days.length })}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !isReady }}
      confirmLoading={save.isPending}
      onCancel={onClose}
      onOk={() => save.mutate()}
    >
      <div className="stack">
        <p className="soft small flat">{t('calendar.importHint')}</p>
        <Upload.Dragger
          accept=".csv,.txt"
          showUploadList={false}
          beforeUpload={(chosen) => {
            void chosen.text().then(setText);
            return false;
          }}
        >
          <p>{t('calendar.drop')}</p>
        </Upload.Dragger>
        <Input.TextArea
          rows={8}
          className="mono"
          aria-label={t('calendar.text')}
          placeholder={t('calendar.text')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {faults.slice(0, faultsShown).map(({ line, reason: fault }) => (
          <span key={line} role="alert" className="severity high small">
            {t('calendar.fault', { line, reason: t(`calendar.${fault}`) })}
          </span>
        ))}
        {days.length === 0 || !isKnown ? null : (
          <span className="num" title={`${range.from} – ${range.to}`}>
            {t('calendar.added', { count: difference.added })} ·{' '}
            {t('calendar.changed', { count: difference.changed })} ·{' '}
            {t('calendar.removed', { count: difference.removed })}
          </span>
        )}
        <Input
          aria-label={t('calendar.reason')}
          placeholder={t('calendar.reason')}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Refusal error={save.error} />
      </div>
    </Modal>
  );
}
