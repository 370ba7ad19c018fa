import { Tooltip } from 'antd';
import type { Point } from '../app/api.ts';
import { useNow } from '../app/clock.ts';
import { formatNumber, isStale, stateOf, unitSign } from '../app/format.ts';
import type { Translate } from '../app/i18n.ts';
import { useBilingual, useWords } from '../app/i18n.ts';
import type { LiveValue } from '../app/live.ts';
import { qualities } from '#schemas/reading.ts';
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
        <b>{state === undefined ? formatNumber(live.value, point.decimals) : both(state.name)}</b>
        {point.kind === 'state' ? null : <span className="unit">{unitSign(point.unit)}</span>}
      </span>
    </Tooltip>
  );
}
