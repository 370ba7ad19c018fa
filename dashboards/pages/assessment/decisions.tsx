import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, InputNumber } from 'antd';
import { deciders } from '#schemas/roles.ts';
import type { AssessmentItem } from '../../app/api.ts';
import { assessorApi, type ItemOfPeriod } from '../../app/assessor-api.ts';
import { formatLoose } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { pointsText } from './figures.ts';

interface DialogProps {
  readonly of: ItemOfPeriod;
  /** Null takes back what was decided. */
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly onClose: () => void;
}

function DecisionDialog({ of, range, onClose }: DialogProps) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const numberRule = useNumberRule();
  const required = { required: true, whitespace: true, message: t('common.required') };
  const title = range === null ? t('assessor.takeBack') : t('assessor.decide');
  return (
    <FormModal<{ points?: number; reason: string }>
      title={title}
      action={title}
      onClose={onClose}
      onSubmit={async ({ points, reason }) => {
        await assessorApi.decide(of, { points: range === null ? null : (points ?? null), reason });
        await client.invalidateQueries({ queryKey: keys.assessment });
        notify.done(t('assessor.done'));
      }}
    >
      {range === null ? null : (
        <>
          <p className="soft">{t('assessor.decideHint', range)}</p>
          <Form.Item
            name="points"
            label={t('assessor.decidePoints')}
            rules={[{ required: true, message: t('common.required') }, numberRule(range)]}
          >
            <InputNumber step={0.5} />
          </Form.Item>
        </>
      )}
      <Form.Item name="reason" label={t('assessor.decideReason')} rules={[required]}>
        <Input.TextArea rows={3} maxLength={2_000} />
      </Form.Item>
    </FormModal>
  );
}

/** What assessors decided on an item for this period, newest first; and, for them, the next decision. */
export function Decisions({ of, item }: { of: ItemOfPeriod; item: AssessmentItem }) {
  const t = useWords();
  const parkTime = useParkTime();
  const may = useMay(deciders);
  const [dialog, setDialog] = useState<'decide' | 'back' | null>(null);
  const query = useQuery({
    queryKey: [...keys.assessment, of, 'decisions'],
    queryFn: () => assessorApi.decisions(of),
  });
  const { points: range, decision } = item;
  const leaves = range !== null && range.min < range.max;
  return (
    <Panel
      title={t('assessor.decisions')}
      actions={
        may ? (
          <>
            {decision === null ? null : (
              <Button onClick={() => setDialog('back')}>{t('assessor.takeBack')}</Button>
            )}
            {leaves ? (
              <Button type="primary" onClick={() => setDialog('decide')}>
                {t('assessor.decide')}
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      {leaves ? null : (
        <p className="soft">{range === null ? t('assessor.decideOpen') : t('assessor.decideExact')}</p>
      )}
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('assessor.noDecision')} />
          ) : (
            <div className="lines">
              {items.map(({ id, points, by, at, reason, range: then }) => (
                <div key={id}>
                  <b className="num">{points === null ? t('assessor.tookBack') : formatLoose(points, 2)}</b>{' '}
                  <span>{by}</span>{' '}
                  <span className="soft small num">
                    {t('assessor.decidedAt', { time: parkTime(at), range: pointsText(then) })}
                  </span>
                  <div>{reason}</div>
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
      {dialog === null ? null : (
        <DecisionDialog of={of} range={dialog === 'decide' ? range : null} onClose={() => setDialog(null)} />
      )}
    </Panel>
  );
}
