import type { Alarm } from '../app/api.ts';
import { useWords } from '../app/i18n.ts';

/** Active or cleared, acknowledged or not, in words. */
export function AlarmState({ alarm }: { alarm: Pick<Alarm, 'active' | 'acknowledged'> }) {
  const t = useWords();
  return (
    <span className="row small" style={{ gap: 4 }}>
      <span className={alarm.active ? 'tag strong' : 'tag'}>
        {t(alarm.active ? 'alarm.active' : 'alarm.cleared')}
      </span>
      <span className={alarm.acknowledged ? 'tag' : 'tag strong'}>
        {t(alarm.acknowledged ? 'alarm.tagAcknowledged' : 'alarm.tagUnacknowledged')}
      </span>
    </span>
  );
}
