import { Tooltip } from 'antd';
import type { Provenance } from '#schemas/reading.ts';
import { provenances } from '#schemas/reading.ts';
import type { Device } from '../app/api.ts';
import { useNow } from '../app/clock.ts';
import { formatAge } from '../app/format.ts';
import { useWords } from '../app/i18n.ts';
import { useParkTime } from '../app/session.ts';

export function isProvenance(word: string): word is Provenance {
  return (provenances as readonly string[]).includes(word);
}

/** Where values come from; whatever is not from the field is drawn dashed and says so. */
export function ProvenanceMark({ provenance }: { provenance: string }) {
  const t = useWords();
  if (!isProvenance(provenance)) return <span className="tag">{provenance}</span>;
  return (
    <Tooltip title={t(`provenance.${provenance}Hint`)}>
      <span className={provenance === 'field' ? 'tag' : 'tag not-field'}>
        {t(`provenance.${provenance}`)}
      </span>
    </Tooltip>
  );
}

/** How long ago, renewed by itself; the exact time on hover. */
export function Age({ time, stale = false }: { time: string | number | null; stale?: boolean }) {
  const t = useWords();
  const present = useNow();
  const parkTime = useParkTime();
  if (time === null) return <span className="soft">{t('common.never')}</span>;
  const timeMs = typeof time === 'string' ? Date.parse(time) : time;
  return (
    <time
      className={stale ? 'num soft' : 'num'}
      dateTime={new Date(timeMs).toISOString()}
      title={parkTime(timeMs)}
    >
      {formatAge(t, timeMs, present)}
    </time>
  );
}

/** Whether a device reports; what is not normal has its shape and colour. */
export function DeviceStatus({ device }: { device: Pick<Device, 'connection' | 'lastSeen'> }) {
  const t = useWords();
  const { connection, lastSeen } = device;
  if (connection === 'online') return <span>{t('status.online')}</span>;
  if (connection === null || (connection === 'silent' && lastSeen === null))
    return <span className="soft">{t('status.unknown')}</span>;
  return (
    <span
      className={connection === 'offline' ? 'severity high' : 'severity medium'}
      title={connection === 'silent' ? t('status.silentHint') : undefined}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path
          d={connection === 'offline' ? 'M3 3 13 13M13 3 3 13' : 'M2 8h3M7 8h2M11 8h3'}
          stroke="currentColor"
          strokeWidth="2.500"
          fill="none"
        />
      </svg>
      {t(`status.${connection}`)}
    </span>
  );
}
