import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { DeleteOutlined, PrinterOutlined } from '@ant-design/icons';
import { Button, Form, Input, Select } from 'antd';
import { alarmHandlers } from '#schemas/roles.ts';
import type { Handover } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime, useSession } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AlarmNav } from './alarm-nav.tsx';
import { HandoverState } from './handover-state.tsx';

const renewMs = 15_000;
const shown = 30;
const topics = ['events', 'watch', 'work', 'equipment', 'other'] as const;

/** What one shift tells the next, signed by both. */
export function HandoverPage() {
  const t = useWords();
  const mayHandle = useMay(alarmHandlers);
  const state = useQuery({
    queryKey: [...keys.alarms, 'handover-state'],
    queryFn: alarmApi.handoverState,
    refetchInterval: renewMs,
  });
  const past = useQuery({
    queryKey: [...keys.alarms, 'handovers'],
    queryFn: () => alarmApi.handovers({ limit: shown }),
    refetchInterval: renewMs,
  });
  return (
    <Page
      title={t('handover.title')}
      beside={<AlarmNav />}
      actions={
        <Button icon={<PrinterOutlined />} onClick={() => print()}>
          {t('report.print')}
        </Button>
      }
    >
      <div className="split">
        <Panel title={t('handover.now')}>
          <Loaded query={state}>{(now) => <HandoverState state={now} />}</Loaded>
        </Panel>
        {mayHandle ? (
          <Panel title={t('handover.notes')}>
            <Sign />
          </Panel>
        ) : null}
      </div>
      <Panel title={t('handover.past')}>
        <Loaded query={past}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t('handover.empty')} />
            ) : (
              <div className="lines">
                {items.map((handover, index) => (
                  <Told key={handover.id} handover={handover} open={index === 0} />
                ))}
              </div>
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

interface Notes {
  readonly notes: readonly { readonly topic: (typeof topics)[number]; readonly text: string }[];
}

function Sign() {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { user } = useSession();
  const [form] = Form.useForm<Notes>();
  const sign = useMutation({
    mutationFn: ({ notes }: Notes) =>
      alarmApi.signHandover({
        notes: notes.filter(({ text }) => text.trim() !== '').map((note) => ({ ...note })),
      }),
    onSuccess: async () => {
      form.resetFields();
      await client.invalidateQueries({ queryKey: keys.alarms });
      notify.done(t('handover.signed'));
    },
  });
  return (
    <Form<Notes>
      form={form}
      layout="vertical"
      initialValues={{ notes: [{ topic: 'events', text: '' }] }}
      onFinish={(values) => sign.mutate(values)}
    >
      <Form.List name="notes">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <div key={key} className="note">
                <Form.Item name={[name, 'topic']} noStyle>
                  <Select
                    aria-label={t('handover.topic')}
                    style={{ width: '12.1em' }}
                    options={topics.map((topic) => ({ value: topic, label: t(`handover.${topic}`) }))}
                  />
                </Form.Item>
                <Form.Item name={[name, 'text']} noStyle>
                  <Input.TextArea
                    aria-label={t('handover.text')}
                    autoSize={{ minRows: 2, maxRows: 8 }}
                    maxLength={4_000}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('handover.removeNote')}
                  title={t('handover.removeNote')}
                  onClick={() => remove(name)}
                />
              </div>
            ))}
            <div className="row wrap">
              <Button onClick={() => add({ topic: 'watch', text: '' })}>{t('handover.addNote')}</Button>
              <span className="grow" />
              <Button type="primary" htmlType="submit" loading={sign.isPending}>
                {t('handover.sign')}
              </Button>
            </div>
          </>
        )}
      </Form.List>
      <p className="soft small">{t('handover.signHint', { user: user.displayName })}</p>
      <Refusal error={sign.error} />
    </Form>
  );
}

function Told({ handover, open }: { handover: Handover; open: boolean }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { user } = useSession();
  const mayHandle = useMay(alarmHandlers);
  const [accepting, setAccepting] = useState(false);
  const { signedAt, signedBy, acceptedAt, acceptedBy, acceptComment, notes, state } = handover;
  return (
    <details open={open}>
      <summary className="row wrap">
        <b className="num">{parkTime(signedAt, 'minute')}</b>
        <span>
          {t('handover.signedBy')} {signedBy}
        </span>
        {acceptedBy === null ? (
          <span className="tag strong">{t('handover.waiting')}</span>
        ) : (
          <span>
            {t('handover.acceptedBy')} {acceptedBy}{' '}
            <span className="soft num">{parkTime(acceptedAt, 'minute')}</span>
          </span>
        )}
        <span className="grow" />
        {acceptedBy !== null || !mayHandle ? null : signedBy === user.username ? (
          <span className="soft small">{t('handover.other_person')}</span>
        ) : (
          <Button type="primary" size="small" onClick={() => setAccepting(true)}>
            {t('handover.accept')}
          </Button>
        )}
      </summary>
      <div className="stack told">
        {notes.length === 0 ? <span className="soft">{t('handover.noNotes')}</span> : null}
        {notes.map((note, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- what was signed changes no more
          <div key={index}>
            <span className="tag">{t(`handover.${note.topic}`)}</span>{' '}
            <span className="lines-kept">{note.text}</span>
          </div>
        ))}
        {acceptComment === null || acceptComment === '' ? null : (
          <div>
            <span className="tag">{t('handover.acceptedBy')}</span> {acceptComment}
          </div>
        )}
        <HandoverState state={state} />
      </div>
      {accepting ? <Accept handover={handover} onClose={() => setAccepting(false)} /> : null}
    </details>
  );
}

function Accept({ handover, onClose }: { handover: Handover; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { user } = useSession();
  return (
    <FormModal<{ comment?: string }>
      title={t('handover.acceptTitle')}
      action={t('handover.accept')}
      onClose={onClose}
      onSubmit={async ({ comment = '' }) => {
        await alarmApi.acceptHandover(handover.id, { comment: comment.trim() });
        await client.invalidateQueries({ queryKey: keys.alarms });
        notify.done(t('handover.accepted'));
      }}
    >
      <p>{t('handover.acceptHint', { user: user.displayName, by: handover.signedBy })}</p>
      <Form.Item name="comment" label={t('handover.acceptComment')}>
        <Input.TextArea rows={3} maxLength={2_000} />
      </Form.Item>
    </FormModal>
  );
}
