import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormInstance } from 'antd';
import { Alert, Button, Checkbox, Form, Input, Modal, Select, Table } from 'antd';
import type { Severity } from '#schemas/device-class.ts';
import type { Alarm } from '../../app/api.ts';
import type { BulkAnswer, BulkPreview } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import type { Query } from '../../app/client.ts';
import { formatSpan } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { useParkTime } from '../../app/session.ts';
import { severityOrder, useScale } from '../../app/theme.ts';
import { AlarmState } from '../../components/alarm-state.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { Loaded } from '../../components/states.tsx';
import { AssignField, shelveChoices } from './act-modal.tsx';

const bulkActs = ['acknowledge', 'comment', 'assign', 'shelve', 'unshelve', 'confirm'] as const;
type BulkAct = (typeof bulkActs)[number];

interface Fields {
  readonly reason: string;
  readonly minutes?: number;
  readonly oneShot?: boolean;
  readonly assignee?: string;
}

function toBody(act: BulkAct, fields: Fields): Parameters<typeof alarmApi.bulk>[0]['what'] {
  const reason = fields.reason.trim();
  const { minutes, oneShot = false, assignee = '' } = fields;
  if (act === 'acknowledge' || act === 'comment' || act === 'confirm') return { act, comment: reason };
  if (act === 'assign') return { act, assignee: assignee.trim() === '' ? null : assignee.trim(), reason };
  if (act === 'unshelve') return { act, reason };
  return { act, oneShot, reason, ...(minutes === undefined ? {} : { minutes }) };
}

interface BulkModalProps {
  /** The filter of the list, with its state. */
  readonly filter: Query;
  /** The filter in words. */
  readonly told: string;
  /** Only these of what the filter finds; absent: all. */
  readonly ids?: readonly string[];
  readonly onClose: () => void;
}

/** First the exact list, then the act on exactly that list, then what was refused. */
export function BulkModal({ filter, told, ids, onClose }: BulkModalProps) {
  const t = useWords();
  const scale = useScale();
  const client = useQueryClient();
  const [act, setAct] = useState<BulkAct>('acknowledge');
  const [form] = Form.useForm<Fields>();
  const preview = useQuery({
    // Kept as it was seen: nothing refreshes between looking and acting.
    queryKey: ['alarm-bulk', filter, act],
    queryFn: () => alarmApi.bulkPreview({ ...filter, act }),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const shown = only(preview.data, ids);
  const apply = useMutation({
    mutationFn: (fields: Fields) =>
      alarmApi.bulk({ ids: shown?.items.map((alarm) => alarm.id) ?? [], what: toBody(act, fields) }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.alarms }),
        client.invalidateQueries({ queryKey: keys.overview }),
      ]),
  });
  const count = shown?.items.length ?? 0;
  return (
    <Modal
      open
      centered
      width={860 * scale}
      title={t('bulk.title')}
      onCancel={onClose}
      footer={
        apply.data === undefined ? (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button
              type="primary"
              disabled={count === 0}
              loading={apply.isPending}
              onClick={() => form.submit()}
            >
              {t('bulk.apply', {
                act: act === 'acknowledge' ? t('alarm.acknowledge') : t(`act.${act}`),
                count,
              })}
            </Button>
          </>
        ) : (
          <Button type="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        )
      }
    >
      {apply.data === undefined ? (
        <div className="stack">
          <span className="soft">{t('bulk.scopeHint', { filter: told })}</span>
          <BulkForm
            form={form}
            act={act}
            onAct={setAct}
            gravest={gravest(shown?.items ?? [])}
            onFinish={(fields) => apply.mutate(fields)}
          />
          <Loaded query={preview}>{() => (shown === undefined ? null : <Preview preview={shown} />)}</Loaded>
          <Refusal error={apply.error} />
        </div>
      ) : (
        <Result answer={apply.data} items={shown?.items ?? []} />
      )}
    </Modal>
  );
}

interface BulkFormProps {
  readonly form: FormInstance<Fields>;
  readonly act: BulkAct;
  readonly onAct: (act: BulkAct) => void;
  readonly gravest: Severity;
  readonly onFinish: (fields: Fields) => void;
}

function BulkForm({ form, act, onAct, gravest: severity, onFinish }: BulkFormProps) {
  const t = useWords();
  return (
    <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={onFinish}>
      <Form.Item label={t('bulk.what')}>
        <Select
          autoFocus
          style={{ width: '15.7em' }}
          aria-label={t('bulk.what')}
          value={act}
          options={bulkActs.map((each) => ({
            value: each,
            label: each === 'acknowledge' ? t('alarm.acknowledge') : t(`act.${each}`),
          }))}
          onChange={onAct}
        />
      </Form.Item>
      {act === 'assign' ? <AssignField /> : null}
      {act === 'shelve' ? <ShelveFields gravest={severity} /> : null}
      <Form.Item
        name="reason"
        label={t(act === 'acknowledge' || act === 'comment' ? 'alarm.comment' : 'act.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </Form>
  );
}

function only(preview: BulkPreview | undefined, ids: readonly string[] | undefined): BulkPreview | undefined {
  if (preview === undefined || ids === undefined) return preview;
  const items = preview.items.filter((alarm) => ids.includes(alarm.id));
  return { count: items.length, items };
}

function gravest(alarms: readonly Alarm[]): Severity {
  return severityOrder.find((severity) => alarms.some((alarm) => alarm.severity === severity)) ?? 'low';
}

function ShelveFields({ gravest: severity }: { gravest: Severity }) {
  const t = useWords();
  return (
    <>
      <Form.Item name="minutes" label={t('act.shelveFor')} initialValue={15}>
        <Select
          style={{ width: '11.4em' }}
          options={shelveChoices({ severity }).map((minutes) => ({
            value: minutes,
            label: formatSpan(t, minutes * 60_000),
          }))}
        />
      </Form.Item>
      <Form.Item name="oneShot" valuePropName="checked">
        <Checkbox>{t('act.oneShot')}</Checkbox>
      </Form.Item>
    </>
  );
}

const previewHeight = 260;

function Preview({ preview }: { preview: BulkPreview }) {
  const t = useWords();
  const ruleName = useRuleName();
  const parkTime = useParkTime();
  const { count, items } = preview;
  if (count === 0) return <Alert type="info" title={t('bulk.none')} />;
  return (
    <div>
      <p>
        <b>{t(count > items.length ? 'bulk.foundMore' : 'bulk.found', { count, shown: items.length })}</b>{' '}
        {t('bulk.only')}
      </p>
      <Table<Alarm>
        virtual
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: 720, y: previewHeight }}
        dataSource={[...items]}
        columns={[
          {
            title: t('severity.title'),
            width: 100,
            render: (_, alarm) => (
              <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} />
            ),
          },
          {
            title: t('alarm.title'),
            ellipsis: true,
            render: (_, alarm) => `${ruleName(alarm)} · ${alarm.deviceName}`,
          },
          { title: t('alarm.state'), width: 170, render: (_, alarm) => <AlarmState alarm={alarm} /> },
          {
            title: t('alarm.raisedAt'),
            width: 130,
            render: (_, alarm) => <span className="num">{parkTime(alarm.raisedAt, 'minute')}</span>,
          },
        ]}
      />
    </div>
  );
}

function Result({ answer, items }: { answer: BulkAnswer; items: readonly Alarm[] }) {
  const t = useWords();
  const ruleName = useRuleName();
  const byId = new Map(items.map((alarm) => [alarm.id, alarm]));
  const [done, failed] = [answer.done.length, answer.failed.length];
  return (
    <div className="stack">
      <Alert
        showIcon
        type={failed === 0 ? 'success' : 'warning'}
        title={failed === 0 ? t('bulk.applied', { done }) : t('bulk.partly', { done, failed })}
      />
      {failed === 0 ? null : (
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ y: previewHeight }}
          dataSource={answer.failed}
          columns={[
            {
              title: t('alarm.title'),
              render: (_, { id }) => {
                const alarm = byId.get(id);
                return alarm === undefined ? id : `${ruleName(alarm)} · ${alarm.deviceName}`;
              },
            },
            {
              title: t('bulk.failedReason'),
              render: (_, { reason, code }) => (
                <>
                  {reason} <span className="mono soft small">{code}</span>
                </>
              ),
            },
          ]}
        />
      )}
    </div>
  );
}
