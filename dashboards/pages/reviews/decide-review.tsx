import { useQueryClient } from '@tanstack/react-query';
import { DatePicker, Form, Input, InputNumber, Radio } from 'antd';
import type { Dayjs } from 'dayjs';
import type { Review } from '#schemas/api/consumption.ts';
import { ApiProblem } from '../../app/client.ts';
import type { ReviewDecision } from '../../app/consumption-api.ts';
import { consumptionApi } from '../../app/consumption-api.ts';
import { unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { instantOf, pickerDate } from '../../components/dates.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';
import { amountText } from './review-cells.tsx';

const reasonLength = { min: 3, max: 500 } as const;

/** Sends a decision and shows what follows from it; a case that is explained by now is told in words. */
function useDecide(review: Review): (body: ReviewDecision, done: string) => Promise<void> {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const renew = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['consumption'] }),
      client.invalidateQueries({ queryKey: ['class-board'] }),
    ]);
  return async (body, done) => {
    try {
      await consumptionApi.decide(review.id, body);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'conflict') throw error;
      await renew();
      throw new ApiProblem({ code: error.code, status: error.status, title: t('reviews.superseded') });
    }
    notify.done(done);
    await renew();
  };
}

function ReasonField() {
  const t = useWords();
  return (
    <Form.Item
      name="reason"
      label={t('reviews.reason')}
      extra={t('reviews.reasonHint')}
      rules={[
        { required: true, whitespace: true, message: t('common.required') },
        { min: reasonLength.min, transform: (text: string) => text.trim(), message: t('reviews.reasonHint') },
      ]}
    >
      <Input.TextArea rows={3} maxLength={reasonLength.max} />
    </Form.Item>
  );
}

interface Decision {
  readonly choice: 'accept' | 'earlier' | 'later' | 'replacement';
  readonly at?: Dayjs;
  readonly closing?: number;
  readonly opening?: number;
  readonly reason: string;
}

function bodyOf({ choice, at, closing, opening, ...rest }: Decision, timeZone: string): ReviewDecision {
  const reason = rest.reason.trim();
  if (choice === 'accept') return { decision: 'accept', reason };
  if (choice !== 'replacement') return { decision: 'leave-out', sample: choice, reason };
  const time = instantOf(at, timeZone) ?? '';
  return { decision: 'replacement', at: time, closing: closing ?? 0, opening: opening ?? 0, reason };
}

function ReplacementFields({ unit }: { unit: string }) {
  const t = useWords();
  const numberRule = useNumberRule();
  const required = [{ required: true, message: t('common.required') }];
  const register = [...required, numberRule({ min: 0 })];
  return (
    <>
      <Form.Item name="at" label={t('reviews.at')} rules={required}>
        <DatePicker showTime style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="closing" label={t('reviews.closing', { unit })} rules={register}>
        <InputNumber style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="opening" label={t('reviews.opening', { unit })} rules={register}>
        <InputNumber style={{ width: '100%' }} />
      </Form.Item>
    </>
  );
}

/** Decides a step that nobody can believe: it counts, one of its readings is wrong, or the meter was replaced. */
export function DecideReview({ review, onClose }: { review: Review; onClose: () => void }) {
  const t = useWords();
  const parkTime = useParkTime();
  const decide = useDecide(review);
  const { timeZone } = useSession();
  const { point, unit, earlier, later, claimed } = review;
  const sampleText = ({ time, value }: Review['earlier']) => `${parkTime(time)} · ${amountText(value, unit)}`;
  const at = pickerDate(later.time, timeZone);
  const leaveOut = ({ origin }: Review['earlier']) => ({
    disabled: origin !== 'sample',
    title: origin === 'sample' ? '' : t('reviews.recorded'),
  });
  return (
    <FormModal<Decision>
      title={t('reviews.decideTitle', { point })}
      action={t('common.save')}
      initial={{ closing: earlier.value, opening: later.value, ...(at === null ? {} : { at }) }}
      onClose={onClose}
      onSubmit={(values) => decide(bodyOf(values, timeZone), t('reviews.decided'))}
    >
      <Form.Item
        name="choice"
        label={t('reviews.decision')}
        rules={[{ required: true, message: t('reviews.choose') }]}
      >
        <Radio.Group vertical>
          <Radio value="accept">{t('reviews.accept', { amount: amountText(claimed, unit) })}</Radio>
          <Radio value="earlier" {...leaveOut(earlier)}>
            {t('reviews.leaveOutEarlier', { sample: sampleText(earlier) })}
          </Radio>
          <Radio value="later" {...leaveOut(later)}>
            {t('reviews.leaveOutLater', { sample: sampleText(later) })}
          </Radio>
          <Radio value="replacement">{t('reviews.replacement')}</Radio>
        </Radio.Group>
      </Form.Item>
      {[earlier, later].some(({ origin }) => origin !== 'sample') ? (
        <p className="soft small">{t('reviews.recorded')}</p>
      ) : null}
      <Form.Item noStyle dependencies={['choice']}>
        {({ getFieldValue }) =>
          getFieldValue('choice') === 'replacement' ? <ReplacementFields unit={unitSign(unit)} /> : null
        }
      </Form.Item>
      <ReasonField />
    </FormModal>
  );
}

/** Takes a decision back: the step waits for a person again. */
export function ReopenReview({ review, onClose }: { review: Review; onClose: () => void }) {
  const t = useWords();
  const decide = useDecide(review);
  return (
    <FormModal<{ reason: string }>
      title={t('reviews.reopenTitle', { point: review.point })}
      action={t('reviews.reopen')}
      onClose={onClose}
      onSubmit={({ reason }) => decide({ decision: 'reopen', reason: reason.trim() }, t('reviews.reopened'))}
    >
      <p>{t('reviews.reopenBody')}</p>
      <ReasonField />
    </FormModal>
  );
}
