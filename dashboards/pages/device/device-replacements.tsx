import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import type { MeterReplacement } from '#schemas/api/consumption.ts';
import { engineers } from '#schemas/roles.ts';
import type { DeviceDetail } from '../../app/api.ts';
import { consumptionApi } from '../../app/consumption-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { CommentModal } from '../../components/comment-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { amountText } from '../reviews/review-cells.tsx';

const renewMs = 60_000;

interface DeviceReplacementsProps {
  readonly deviceId: string;
  /** Which of its counters. */
  readonly counters: DeviceDetail['points'];
}

/** When a meter was changed, with both registers, by whom and why; nothing where none was. */
export function DeviceReplacements({ deviceId, counters }: DeviceReplacementsProps) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const mayWithdraw = useMay(engineers);
  const [withdrawing, setWithdrawing] = useState<MeterReplacement | null>(null);
  const { data } = useQuery({
    queryKey: ['consumption', 'replacements', deviceId],
    queryFn: () => consumptionApi.replacements(deviceId),
    refetchInterval: renewMs,
  });
  const nameOf = (point: string) => {
    const counter = counters.find(({ key }) => key === point);
    return counter === undefined ? point : both(counter.name);
  };
  const shown = (data?.items ?? []).filter(({ point }) => counters.some(({ key }) => key === point));
  if (shown.length === 0) return null;
  return (
    <Panel title={t('replacements.title')}>
      <p className="soft small">{t('replacements.hint')}</p>
      <div className="lines" data-testid="replacements">
        {shown.toReversed().map((row) => (
          <div key={row.id} className="row top">
            <div className="grow">
              <div className="num">
                {parkTime(row.at)} · {nameOf(row.point)}
              </div>
              <div className="num small">
                {t('replacements.registers', {
                  closing: amountText(row.closing, row.unit),
                  opening: amountText(row.opening, row.unit),
                })}
              </div>
              <div className="soft small">
                {t('replacements.by', {
                  who: row.author,
                  time: parkTime(row.recordedAt),
                  reason: row.reason,
                })}
              </div>
            </div>
            {mayWithdraw ? (
              <Button size="small" onClick={() => setWithdrawing(row)}>
                {t('replacements.withdraw')}
              </Button>
            ) : null}
          </div>
        ))}
      </div>
      {withdrawing === null ? null : (
        <Withdraw deviceId={deviceId} row={withdrawing} onClose={() => setWithdrawing(null)} />
      )}
    </Panel>
  );
}

interface WithdrawProps {
  readonly deviceId: string;
  readonly row: MeterReplacement;
  readonly onClose: () => void;
}

function Withdraw({ deviceId, row, onClose }: WithdrawProps) {
  const t = useWords();
  const parkTime = useParkTime();
  const client = useQueryClient();
  const notify = useNotify();
  return (
    <CommentModal
      title={t('replacements.withdrawTitle', { point: row.point, time: parkTime(row.at) })}
      body={t('replacements.withdrawBody')}
      label={t('reviews.reason')}
      hint={t('reviews.reasonHint')}
      action={t('replacements.withdraw')}
      onClose={onClose}
      onSubmit={async (reason) => {
        await consumptionApi.withdraw(deviceId, row.id, reason);
        await client.invalidateQueries({ queryKey: ['consumption'] });
        notify.done(t('replacements.withdrawn'));
      }}
    />
  );
}
