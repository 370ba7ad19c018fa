import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Collapse, Drawer } from 'antd';
import type { RecordDetail, RecordRow, RegisterSummary } from '#schemas/api/registers.ts';
import { engineers } from '#schemas/roles.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { CommentModal } from '../../components/comment-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Loaded } from '../../components/states.tsx';
import { Documents } from './documents-field.tsx';
import { RecordForm } from './record-form.tsx';
import { StateMark } from './state-mark.tsx';
import { RecordValueView } from './values.tsx';

/** `2024-01-01 – 2026-12-31`, `2024-01-01 –`, or the day of an event. */
export function daysText({ from, until }: { readonly from: string; readonly until: string | null }): string {
  return from === until ? from : `${from} – ${until ?? ''}`;
}

function Facts({ register, record }: { register: RegisterSummary; record: RecordDetail }) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  return (
    <dl className="facts">
      <dt>{t('record.code')}</dt>
      <dd className="mono">{record.code}</dd>
      <dt>{t('record.days')}</dt>
      <dd className="num">{daysText(record)}</dd>
      {Object.entries(register.fields).map(([name, field]) =>
        field.personal === true && record.fields[name] === undefined ? null : (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{both(field.label)}</dt>
            <dd>
              <RecordValueView field={field} value={record.fields[name]} />
            </dd>
          </div>
        ),
      )}
      <dt>{t('record.documents')}</dt>
      <dd>
        <Documents documents={record.documents} />
      </dd>
      {record.reviewBy === null ? null : (
        <>
          <dt>{t('registers.reviewDue')}</dt>
          <dd>
            {t('record.reviewBy', { day: record.reviewBy })}
            {record.reviewedAt === null ? null : (
              <div className="soft small">
                {t('record.reviewed', { who: record.reviewer ?? '', time: parkTime(record.reviewedAt) })}
              </div>
            )}
          </dd>
        </>
      )}
      <dt>{t('record.hash')}</dt>
      <dd className="mono small" style={{ overflowWrap: 'anywhere' }}>
        {record.sha256}
      </dd>
    </dl>
  );
}

const endings = {
  corrected: 'record.corrected',
  changed: 'record.changed',
  withdrawn: 'record.wasWithdrawn',
} as const;

function HistoryRows({ register, rows }: { register: RegisterSummary; rows: readonly RecordRow[] }) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  return (
    <ol className="lines" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {rows.map((row) => (
        <li key={row.id}>
          <b>{t('record.version', { n: row.version })}</b> <span className="num">{daysText(row)}</span>{' '}
          <span className={row.ending === null ? 'tag' : 'soft'}>
            {t(row.ending === null ? 'record.stands' : endings[row.ending])}
          </span>
          <div className="soft small">
            {t('record.by', { who: row.recordedBy, time: parkTime(row.recordedAt) })}
            {row.reason === null ? '' : ` · ${row.reason}`}
          </div>
          <div className="small">
            {Object.entries(register.fields)
              .filter(([name]) => row.fields[name] !== undefined)
              .map(([name, field], index) => (
                <span key={name}>
                  {index === 0 ? '' : ' · '}
                  <span className="soft">{both(field.label)}</span>{' '}
                  <RecordValueView field={field} value={row.fields[name]} />
                </span>
              ))}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Acts({
  register,
  record,
  onGone,
}: {
  register: RegisterSummary;
  record: RecordDetail;
  onGone: () => void;
}) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const parkTime = useParkTime();
  const [act, setAct] = useState<'edit' | 'withdraw' | null>(null);
  const { kind } = register;
  const { code, version, title } = record;
  const renew = () => client.invalidateQueries({ queryKey: keys.registers });
  const review = async () => {
    try {
      await registerApi.review(kind, code, version);
      notify.done(t('record.reviewDone'));
      await renew();
    } catch (error) {
      notify.failed(error);
    }
  };
  return (
    <span className="row">
      {record.reviewBy === null ? null : <Button onClick={() => void review()}>{t('record.review')}</Button>}
      <Button onClick={() => setAct('withdraw')}>{t('record.withdraw')}</Button>
      <Button type="primary" onClick={() => setAct('edit')}>
        {t('record.edit')}
      </Button>
      {act === 'edit' ? (
        <RecordForm
          register={register}
          record={record}
          today={parkTime(Date.now(), 'day')}
          onClose={() => setAct(null)}
        />
      ) : null}
      {act === 'withdraw' ? (
        <CommentModal
          title={`${t('record.withdraw')} · ${title}`}
          body={t('record.withdrawBody', { title })}
          label={t('record.withdrawLabel')}
          hint={t('record.withdrawHint')}
          action={t('record.withdraw')}
          onClose={() => setAct(null)}
          onSubmit={async (reason) => {
            await registerApi.withdraw(kind, code, { version, reason });
            notify.done(t('record.withdrawnDone'));
            onGone();
            await renew();
          }}
        />
      ) : null}
    </span>
  );
}

/** One record: what it says, its attachments, who wrote it when, and what can be done with it. */
export function RecordDrawer({
  register,
  code,
  onClose,
}: {
  register: RegisterSummary;
  code: string;
  onClose: () => void;
}) {
  const t = useWords();
  const mayEdit = useMay(engineers);
  const { kind } = register;
  const record = useQuery({
    queryKey: [...keys.registers, kind, 'one', code],
    queryFn: () => registerApi.record(kind, code),
  });
  const history = useQuery({
    queryKey: [...keys.registers, kind, 'history', code],
    queryFn: () => registerApi.history(kind, code),
  });
  return (
    <Drawer
      open
      size={560}
      title={
        <span className="row">
          {record.data?.title ?? code}
          {record.data === undefined ||
          (record.data.state === 'in-force' && !record.data.expiresSoon) ? null : (
            <StateMark record={record.data} />
          )}
        </span>
      }
      onClose={onClose}
      extra={
        mayEdit && record.data !== undefined ? (
          <Acts register={register} record={record.data} onGone={onClose} />
        ) : null
      }
    >
      <Loaded query={record}>{(shown) => <Facts register={register} record={shown} />}</Loaded>
      <Collapse
        ghost
        defaultActiveKey={['history']}
        items={[
          {
            key: 'history',
            label: t('record.history'),
            children: (
              <Loaded query={history}>
                {({ items }) => <HistoryRows register={register} rows={items} />}
              </Loaded>
            ),
          },
        ]}
      />
    </Drawer>
  );
}
