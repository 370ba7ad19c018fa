import { Tooltip } from 'antd';
import type { Point } from '../app/api.ts';
import { useNow } from '../app/clock.ts';
import { isStale, stateOf } from '../app/format.ts';
import type { Translate } from '../app/i18n.ts';
import { useBilingual, useWords } from '../app/i18n.ts';
import type { LiveValue } from '../app/live.ts';
import { qualities } from '#schemas/reading.ts';
import { Quantity } from './quantity.tsx';
import { SeverityMark } from './severity.tsx';

interface PointValueProps {
  readonly point: Point;
  readonly live: LiveValue | undefined;
}

function why(t: Translate, quality: string, stale: boolean): string {
  if (quality === 'bad') return t('qualityWhy.bad');
  if (quality === 'uncertain') return t('qualityWhy.uncertain');
  return stale ? t('qualityWhy.stale') : '';
}

/** A value with its unit: uncertain dashed, bad struck through, old greyed, none "—" with why. */
export function PointValue({ point, live }: PointValueProps) {
  const t = useWords();
  const both = useBilingual();
  const present = useNow();
  if (live === undefined) {
    return (
      <Tooltip title={t('device.neverReported')}>
        <span className="soft">
          {t('common.noData')} <span className="small">{t('device.neverReported')}</span>
        </span>
      </Tooltip>
    );
  }
  const quality = qualities[live.quality] ?? 'bad';
  const stale = isStale(live.timeMs, present, point.expectedIntervalS);
  const state = stateOf(point, live.value);
  const severity = state === undefined ? undefined : point.abnormal[state.key];
  return (
    <Tooltip title={why(t, quality, stale)}>
      <span className={`value num ${quality} ${stale ? 'stale' : ''}`} data-point={point.key}>
        {severity === undefined ? null : <SeverityMark severity={severity} wordless />}{' '}
        {state === undefined ? (
          <Quantity value={live.value} unit={point.unit} decimals={point.decimals} />
        ) : (
          <b>{both(state.name)}</b>
        )}
      </span>
    </Tooltip>
  );
}
