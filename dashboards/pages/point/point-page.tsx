import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import type { PointDetail } from '#schemas/api/points.ts';
import { api } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { useFilters } from '../../app/filters.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { pointsApi } from '../../app/points-api.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { ProvenanceMark } from '../../components/marks.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { StateTimeline } from '../../components/state-timeline.tsx';
import { Loaded } from '../../components/states.tsx';
import { DeviceConsumption } from '../device/device-consumption.tsx';
import { DeviceAlarms } from '../device/device-lists.tsx';
import { TrendPanel } from '../device/trend-panel.tsx';
import type { Period } from '../device/use-trend.ts';
import { periodFilters, periodOf, ranges } from '../device/use-trend.ts';
import { PointFacts } from './point-facts.tsx';
import { PointSamples } from './point-samples.tsx';

const names = ['range', 'from', 'to'] as const;
const renewMs = 15_000;
const mostAlarms = 100;

/** Says that a device is no longer there; what it measured is. */
function Standing({ point }: { point: PointDetail }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { removedAt, lifecycle } = point.device;
  if (removedAt !== null) {
    return <p className="note">{t('pointPage.removed', { time: parkTime(removedAt, 'minute') })}</p>;
  }
  return lifecycle === 'retired' ? <p className="note">{t('pointPage.retired')}</p> : null;
}

function States({ point, period }: { point: PointDetail; period: Period }) {
  const t = useWords();
  const present = useNow(renewMs);
  const range = 'range' in period ? { fromMs: present - ranges[period.range], toMs: present } : period;
  return (
    <Panel title={t('timeline.title')}>
      <StateTimeline point={point} {...range} />
    </Panel>
  );
}

function Body({ point }: { point: PointDetail }) {
  const t = useWords();
  const { values, set } = useFilters(names);
  const period = periodOf(values);
  const alarms = useQuery({
    queryKey: [...keys.alarms, 'point', point.key],
    queryFn: () => api.alarms({ point: point.key, state: 'all', limit: mostAlarms }),
  });
  const own = alarms.data?.items ?? [];
  return (
    <>
      <Standing point={point} />
      <div className="split wide-right">
        <div className="stack">
          <PointFacts point={point} />
          <PointSamples point={point} />
        </div>
        <div className="stack">
          <TrendPanel
            point={point}
            deviceClass={point.device.class}
            alarms={own}
            period={period}
            onPeriod={(chosen) => set(periodFilters(chosen))}
          />
          {point.kind === 'state' ? <States point={point} period={period} /> : null}
          <DeviceConsumption device={{ id: point.deviceId, points: [point] }} />
          <DeviceAlarms alarms={own} none={t('pointPage.noAlarms')} />
        </div>
      </div>
    </>
  );
}

/** One point, whatever became of its device: definition, newest reading, history, samples, consumption, states, alarms. */
export function PointPage() {
  const t = useWords();
  const both = useBilingual();
  const { pointKey = '' } = useParams();
  const query = useQuery({
    queryKey: ['points', 'one', pointKey],
    queryFn: () => pointsApi.point(pointKey),
    refetchInterval: renewMs,
  });
  const point = query.data;
  return (
    <Page
      title={point === undefined ? t('pointPage.title') : `${point.device.name} · ${both(point.name)}`}
      beside={
        point === undefined ? null : (
          <>
            <span className="mono soft">{point.key}</span>
            <ProvenanceMark provenance={point.device.provenance} />
          </>
        )
      }
      actions={
        <span className="row">
          {point === undefined || point.device.removedAt !== null ? null : (
            <Link to={`/devices/${point.deviceId}?point=${point.metric}`}>{t('device.title')}</Link>
          )}
          <Link to={`/history?points=${pointKey}`}>{t('history.title')}</Link>
        </span>
      }
    >
      <Loaded query={query}>{(loaded) => <Body key={loaded.key} point={loaded} />}</Loaded>
    </Page>
  );
}
