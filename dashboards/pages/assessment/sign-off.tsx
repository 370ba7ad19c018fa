import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { Link } from 'react-router';
import type { SignedAssessment } from '#schemas/api/assessment.ts';
import { assessorApi } from '../../app/assessor-api.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { pointsText } from './figures.ts';

interface Period {
  readonly from: string;
  readonly to: string;
}

/** Signs the whole assessment as it stands. */
export function SignOffButton(props: { rubricId: string; title: string; period: Period }) {
  const { rubricId, title, period } = props;
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { user } = useSession();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('assessor.signOff')}</Button>
      {asking ? (
        <FormModal<{ name: string; statement?: string }>
          title={t('assessor.signTitle', { rubric: title })}
          action={t('assessor.signOff')}
          initial={{ name: user.displayName }}
          onClose={() => setAsking(false)}
          onSubmit={async ({ name, statement }) => {
            await assessorApi.signOff(rubricId, period, { name, statement: statement ?? '' });
            await client.invalidateQueries({ queryKey: keys.assessment });
            notify.done(t('assessor.done'));
          }}
        >
          <p className="soft">{t('assessor.signHint')}</p>
          <Form.Item
            name="name"
            label={t('assessor.signName')}
            rules={[{ required: true, whitespace: true, message: t('common.required') }]}
          >
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="statement" label={t('assessor.signStatement')}>
            <Input.TextArea rows={3} maxLength={2_000} />
          </Form.Item>
        </FormModal>
      ) : null}
    </>
  );
}

/** Who signed this period, with what, and what changed since; nothing where nobody did. */
export function SignOffPanel({ assessment, search }: { assessment: SignedAssessment; search: string }) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const { signOff, rubricId, items } = assessment;
  if (signOff === null) return null;
  const { name, by, at, statement, head, seq, hash, changed, maximum, undetermined } = signOff;
  const names = new Map(items.map((item) => [item.item, item.name]));
  return (
    <Panel
      title={t('assessor.signed', { name, by, time: parkTime(at) })}
      actions={
        <span className={changed.length === 0 ? 'tag strong' : 'tag alert'} data-testid="since-sign-off">
          {changed.length === 0 ? t('assessor.unchanged') : t('assessor.changed', { count: changed.length })}
        </span>
      }
    >
      <p className="num">
        {t('assessor.signedTotal', {
          points: pointsText(signOff.determined),
          maximum: formatLoose(maximum, 2),
          undetermined: formatLoose(undetermined, 2),
        })}
      </p>
      {statement === '' ? null : <p>{statement}</p>}
      <dl className="facts">
        <dt>{t('assessor.signedHead')}</dt>
        <dd className="mono">{head === null ? '—' : `#${head.seq} ${head.hash}`}</dd>
        <dt>{t('assessor.signedSeal')}</dt>
        <dd className="mono">{seq === null ? t('assessor.sealWaiting') : `#${seq} ${hash ?? ''}`}</dd>
      </dl>
      {changed.length === 0 ? null : (
        <ul>
          {changed.map((item) => {
            const own = names.get(item);
            return (
              <li key={item}>
                <Link to={`/assessment/${rubricId}/items/${item}?${search}`}>
                  {own === undefined ? item : both(own)}
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
