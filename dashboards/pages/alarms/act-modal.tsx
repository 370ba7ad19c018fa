import { useQuery, useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Button, Checkbox, Form, Input, Select, Space } from 'antd';
import { shelveMostMs } from '#schemas/alarm-figures.ts';
import type { Alarm } from '../../app/api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { formatSpan } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { useSession } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Acknowledge } from './acknowledge.tsx';
import type { Act } from './acts.ts';

export interface Acting {
  readonly act: Act;
  readonly alarm: Alarm;
}

interface Fields {
  readonly reason: string;
  readonly minutes?: number;
  readonly oneShot?: boolean;
  readonly assignee?: string;
}

const longestReason = 500;
const longestComment = 2_000;

/** What is asked of who acts, and what is done then. */
export function ActModal({ acting, onClose }: { acting: Acting; onClose: () => void }) {
  const { act, alarm } = acting;
  return act === 'acknowledge' ? (
    <Acknowledge alarm={alarm} onClose={onClose} />
  ) : (
    <Other act={act} alarm={alarm} onClose={onClose} />
  );
}

type OtherAct = Exclude<Act, 'acknowledge'>;

const titles = {
  comment: 'act.commentTitle',
  assign: 'act.assignTitle',
  shelve: 'act.shelveTitle',
  unshelve: 'act.unshelveTitle',
  confirm: 'act.confirmTitle',
  outOfService: 'act.outOfServiceTitle',
  returnToService: 'act.returnTitle',
} as const;

function perform(act: OtherAct, alarmId: string, fields: Fields): Promise<unknown> {
  const reason = fields.reason.trim();
  const { minutes, oneShot = false, assignee = '' } = fields;
  switch (act) {
    case 'comment':
      return alarmApi.comment(alarmId, { comment: reason });
    case 'confirm':
      return alarmApi.confirm(alarmId, { comment: reason });
    case 'assign':
      return alarmApi.assign(alarmId, { assignee: assignee.trim() === '' ? null : assignee.trim(), reason });
    case 'shelve':
      return alarmApi.shelve(alarmId, { reason, oneShot, ...(minutes === undefined ? {} : { minutes }) });
    case 'unshelve':
      return alarmApi.unshelve(alarmId, { reason });
    case 'outOfService':
      return alarmApi.outOfService(alarmId, { reason });
    default:
      return alarmApi.returnToService(alarmId, { reason });
  }
}

function Other({ act, alarm, onClose }: { act: OtherAct; alarm: Alarm; onClose: () => void }) {
  const t = useWords();
  const ruleName = useRuleName();
  const client = useQueryClient();
  const notify = useNotify();
  const name = ruleName(alarm);
  const isComment = act === 'comment' || act === 'confirm';
  return (
    <FormModal<Fields>
      title={t(titles[act], { name })}
      action={t(`act.${act}`)}
      initial={{
        ...(act === 'assign' ? { assignee: alarm.assignee ?? '' } : {}),
        ...(act === 'shelve' ? { minutes: shelveChoices(alarm)[0] ?? 1, oneShot: false } : {}),
      }}
      onClose={onClose}
      onSubmit={async (fields) => {
        await perform(act, alarm.id, fields);
        await Promise.all([
          client.invalidateQueries({ queryKey: keys.alarms }),
          client.invalidateQueries({ queryKey: keys.overview }),
        ]);
        notify.done(t('act.done', { act: t(`act.${act}`), name }));
      }}
    >
      <p>{alarm.deviceName}</p>
      {act === 'shelve' ? <ShelveFields alarm={alarm} /> : null}
      {act === 'assign' ? <AssignField /> : null}
      {act === 'outOfService' ? <p className="soft">{t('act.outOfServiceHint')}</p> : null}
      {act === 'confirm' ? <p className="soft">{t('act.confirmHint')}</p> : null}
      <Form.Item
        name="reason"
        label={t(isComment ? 'alarm.comment' : 'act.reason')}
        extra={t('act.reasonHint')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input.TextArea rows={3} maxLength={isComment ? longestComment : longestReason} />
      </Form.Item>
    </FormModal>
  );
}

const minuteMs = 60_000;

/** Minutes to choose from; the longest is what the severity allows. */
export function shelveChoices({ severity }: Pick<Alarm, 'severity'>): number[] {
  const most = shelveMostMs[severity] / minuteMs;
  return [...[15, 30, 60, 120, 240, 480, 1_440, 4_320].filter((minutes) => minutes < most), most];
}

function ShelveFields({ alarm }: { alarm: Alarm }) {
  const t = useWords();
  return (
    <>
      <p className="soft">
        {t('act.shelveHint', {
          severity: t(`severity.${alarm.severity}`),
          most: formatSpan(t, shelveMostMs[alarm.severity]),
        })}
      </p>
      <Form.Item name="minutes" label={t('act.shelveFor')}>
        <Select
          style={{ width: '11.4em' }}
          options={shelveChoices(alarm).map((minutes) => ({
            value: minutes,
            label: formatSpan(t, minutes * minuteMs),
          }))}
        />
      </Form.Item>
      {alarm.active ? (
        <Form.Item name="oneShot" valuePropName="checked">
          <Checkbox>{t('act.oneShot')}</Checkbox>
        </Form.Item>
      ) : null}
    </>
  );
}

/** Whom alarms can be given to. */
export function useHandlers() {
  const { data } = useQuery({ queryKey: ['alarm-handlers'], queryFn: alarmApi.handlers, staleTime: 60_000 });
  return data?.items ?? [];
}

export function AssignField() {
  const t = useWords();
  const { user } = useSession();
  const form = Form.useFormInstance<Fields>();
  const handlers = useHandlers();
  return (
    <Form.Item label={t('act.assignee')}>
      <Space wrap>
        <Form.Item name="assignee" noStyle>
          <AutoComplete
            style={{ width: '15.7em' }}
            aria-label={t('act.assignee')}
            placeholder={t('act.nobody')}
            options={handlers.map(({ username, displayName }) => ({
              value: username,
              label: `${displayName} (${username})`,
            }))}
          />
        </Form.Item>
        <Button onClick={() => form.setFieldValue('assignee', user.username)}>{t('act.assignMe')}</Button>
        <Button onClick={() => form.setFieldValue('assignee', '')}>{t('act.nobody')}</Button>
      </Space>
    </Form.Item>
  );
}
