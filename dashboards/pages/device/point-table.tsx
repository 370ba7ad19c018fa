import type { Point } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { formatSpan, isStale } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import type { LiveValue } from '../../app/live.ts';
import { Age } from '../../components/marks.tsx';
import { PointValue } from '../../components/point-value.tsx';
import { qualities } from '#schemas/reading.ts';

interface PointTableProps {
  readonly points: readonly Point[];
  readonly latest: (key: string) => LiveValue | undefined;
  readonly chosen: string | undefined;
  readonly onChoose: (metric: string) => void;
}

/** Each point with its newest value, quality and age. */
export function PointTable({ points, latest, chosen, onChoose }: PointTableProps) {
  const t = useWords();
  return (
    <table className="points">
      <thead>
        <tr>
          <th>{t('device.points')}</th>
          <th className="right">{t('device.value')}</th>
          <th>{t('quality.title')}</th>
          <th className="right">{t('device.age')}</th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <PointRow
            key={point.key}
            point={point}
            live={latest(point.key)}
            chosen={point.metric === chosen}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

interface PointRowProps {
  readonly point: Point;
  readonly live: LiveValue | undefined;
  readonly chosen: boolean;
  readonly onChoose: (metric: string) => void;
}

function PointRow({ point, live, chosen, onChoose }: PointRowProps) {
  const t = useWords();
  const both = useBilingual();
  const present = useNow();
  const stale = live !== undefined && isStale(live.timeMs, present, point.expectedIntervalS);
  const quality = live === undefined ? undefined : (qualities[live.quality] ?? 'bad');
  return (
    <tr className={chosen ? 'chosen' : ''} onClick={() => onChoose(point.metric)}>
      <td>
        <button type="button" className="plain" aria-pressed={chosen} title={point.key}>
          {both(point.name)}
        </button>
      </td>
      <td className="right">
        <PointValue point={point} live={live} />
      </td>
      <td className={quality === 'good' ? 'soft small' : 'small'}>
        {quality === undefined ? '' : t(`quality.${quality}`)}
      </td>
      <td
        className="right small"
        title={t('device.interval', { span: formatSpan(t, point.expectedIntervalS * 1_000) })}
      >
        {live === undefined ? '' : <Age time={live.timeMs} stale={stale} />}
      </td>
    </tr>
  );
}
