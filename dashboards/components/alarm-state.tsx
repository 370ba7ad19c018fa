import type { Alarm } from '../app/api.ts';
import { useWords } from '../app/i18n.ts';

type Shown = Pick<
  Alarm,
  'active' | 'acknowledged' | 'shelved' | 'suppressed' | 'outOfService' | 'confirmRequired' | 'confirmedAt'
>;

const suppressedWords = {
  cause: 'alarm.suppressed',
  maintenance: 'act.byMaintenance',
  repeat: 'act.byRepeat',
} as const;

/** Active or cleared, acknowledged or not, and what keeps it out of the operators' list, in words. */
export function AlarmState({ alarm }: { alarm: Shown }) {
  const t = useWords();
  const { shelved, suppressed, outOfService } = alarm;
  return (
    <span className="row small" style={{ gap: 4 }}>
      <span className={alarm.active ? 'tag strong' : 'tag'}>
        {t(alarm.active ? 'alarm.active' : 'alarm.cleared')}
      </span>
      <span className={alarm.acknowledged ? 'tag' : 'tag strong'}>
        {t(alarm.acknowledged ? 'alarm.tagAcknowledged' : 'alarm.tagUnacknowledged')}
      </span>
      {alarm.confirmRequired && alarm.acknowledged && alarm.confirmedAt === null ? (
        <span className="tag strong">{t('act.unconfirmed')}</span>
      ) : null}
      {shelved === null ? null : (
        <span className="tag" title={`${shelved.actor}: ${shelved.reason}`}>
          {t('alarm.shelved')}
        </span>
      )}
      {suppressed === null ? null : (
        <span className="tag" title={suppressed.reason}>
          {t(suppressedWords[suppressed.by])}
        </span>
      )}
      {outOfService === null ? null : (
        <span className="tag" title={`${outOfService.actor}: ${outOfService.reason}`}>
          {t('alarm.out-of-service')}
        </span>
      )}
    </span>
  );
}
