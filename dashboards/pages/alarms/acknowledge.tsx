import { useQueryClient } from '@tanstack/react-query';
import type { Alarm } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { keys } from '../../app/queries.ts';
import { useSession } from '../../app/session.ts';
import { CommentModal } from '../../components/comment-modal.tsx';
import { useNotify } from '../../components/notify.ts';

/** Acknowledging always says what was seen or done. */
export function Acknowledge({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
  const t = useWords();
  const ruleName = useRuleName();
  const { user } = useSession();
  const client = useQueryClient();
  const notify = useNotify();
  return (
    <CommentModal
      title={t('alarm.acknowledgeTitle', { name: ruleName(alarm) })}
      body={t('alarm.acknowledgeBody', { device: alarm.deviceName })}
      label={t('alarm.comment')}
      hint={t('alarm.commentHint')}
      action={t('alarm.acknowledge')}
      onClose={onClose}
      onSubmit={async (comment) => {
        const { acknowledgedBy } = await api.acknowledge(alarm.id, { comment });
        await Promise.all([
          client.invalidateQueries({ queryKey: keys.alarms }),
          client.invalidateQueries({ queryKey: keys.overview }),
        ]);
        const first = acknowledgedBy ?? user.username;
        notify.done(
          first === user.username
            ? t('alarm.acknowledgeDone', { name: ruleName(alarm) })
            : t('alarm.acknowledgeSecond', { actor: first, name: ruleName(alarm) }),
        );
      }}
    />
  );
}
