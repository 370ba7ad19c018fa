import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { Link, useParams } from 'react-router';
import { alarmHandlers, engineers } from '#schemas/roles.ts';
import type { Alarm, DeviceDetail } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { useAttributeNames, useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { sharedWord } from '../../app/shared-word.ts';
import { Age, DeviceStatus, ProvenanceMark } from '../../components/marks.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { UrlTabs } from '../../components/url-tabs.tsx';
import { CameraFacts } from './camera-facts.tsx';
import { DeviceConsumption } from './device-consumption.tsx';
import { DeviceAlarms, DeviceEvents } from './device-lists.tsx';
import { DeviceRules } from './device-rules.tsx';
import { EditDevice, ReplaceMeter } from './edit-device.tsx';
import { FieldAccess } from './field-access.tsx';
import { FieldCommands } from './field-commands.tsx';
import { FieldTrace } from './field-trace.tsx';
import { PointTable } from './point-table.tsx';
import { StateTimeline } from '../../components/state-timeline.tsx';
import { TrendPanel } from './trend-panel.tsx';
import { useLatest } from './use-latest.ts';
import type { Period } from './use-trend.ts';
import { periodFilters, periodOf, ranges } from './use-trend.ts';

const names = ['point', 'range', 'from', 'to'] as const;
const renewMs = 15_000;
const mostAlarms = 100;

/** Classes whose devices may be asked for their health. */
const askedClasses: ReadonlySet<string> = new Set(['camera', 'recorder']);

function Facts({ device }: { device: DeviceDetail }) {
  const t = useWords();
  const parkTime = useParkTime();
  const className = useClassNames();
  const attributeName = useAttributeNames(device.class);
  const attributes = Object.entries(device.attributes);
  return (
    <Panel>
      <dl className="facts">
        <dt>{t('common.class')}</dt>
        <dd>
          <Link to={`/devices?class=${device.class}`}>{className(device.class)}</Link>
        </dd>
        <dt>{t('devices.space')}</dt>
        <dd>
          {device.spaceId === null ? (
            '—'
          ) : (
            <Link to={`/spaces?space=${device.spaceId}`}>{device.spaceName ?? device.spaceId}</Link>
          )}
        </dd>
        <dt>{t('lifecycle.title')}</dt>
        <dd>
          {t(`lifecycle.${device.lifecycle}`)}{' '}
          <span className="soft small num">
            {t('device.since', { time: parkTime(device.validFrom, 'day') })}
          </span>
        </dd>
        {askedClasses.has(device.class) ? <CameraFacts deviceId={device.id} /> : null}
        {attributes.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt title={name}>{attributeName(name)}</dt>
            <dd>{sharedWord(t, value)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Body({ device, alarms }: { device: DeviceDetail; alarms: readonly Alarm[] }) {
  const t = useWords();
  const { values, set } = useFilters(names);
  const latest = useLatest(device.id);
  const mayCommand = useMay(alarmHandlers);
  const point = device.points.find(({ metric }) => metric === values.point) ?? device.points[0];
  const choosePeriod = (period: Period) => set(periodFilters(period));
  return (
    <div className="split wide-right">
      <div className="stack">
        <Panel flush>
          {device.points.length === 0 ? (
            <EmptyState title={t('device.noPoints')} hint={t('device.noPointsHint')} />
          ) : (
            <PointTable
              points={device.points}
              latest={latest}
              chosen={point?.metric}
              onChoose={(metric) => set({ point: metric })}
            />
          )}
        </Panel>
        <Facts device={device} />
      </div>
      <div className="sticky">
        {point === undefined ? null : (
          <TrendPanel
            key={point.key}
            point={point}
            deviceClass={device.class}
            alarms={alarms}
            period={periodOf(values)}
            onPeriod={choosePeriod}
          />
        )}
        {point === undefined ? null : <DeviceStates point={point} period={periodOf(values)} />}
        {mayCommand ? <FieldCommands device={device} /> : null}
        <DeviceConsumption device={device} />
        <DeviceAlarms alarms={alarms} />
        <DeviceRules deviceId={device.id} />
        <DeviceEvents deviceId={device.id} deviceClass={device.class} />
      </div>
    </div>
  );
}

/** Bands of a state point over the period shown, and how to look further back. */
function DeviceStates({ point, period }: { point: DeviceDetail['points'][number]; period: Period }) {
  const t = useWords();
  const present = useNow(renewMs);
  const range = 'range' in period ? { fromMs: present - ranges[period.range], toMs: present } : period;
  return (
    <>
      {point.kind === 'state' ? (
        <Panel title={t('timeline.title')}>
          <StateTimeline point={point} {...range} />
        </Panel>
      ) : null}
      <div className="row small">
        <Link to={`/points/${point.key}`}>{t('pointPage.open')}</Link>
        <Link to={`/history?points=${point.key}`}>{t('history.title')}</Link>
      </div>
    </>
  );
}

/** What engineers do with a device. */
function Acts({ device }: { device: DeviceDetail }) {
  const t = useWords();
  const [doing, setDoing] = useState<'edit' | 'replace' | null>(null);
  const done = () => setDoing(null);
  return (
    <>
      {device.points.some(({ kind }) => kind === 'counter') ? (
        <Button onClick={() => setDoing('replace')}>{t('deviceEdit.replace')}</Button>
      ) : null}
      <Button onClick={() => setDoing('edit')}>{t('deviceEdit.edit')}</Button>
      {doing === 'edit' ? <EditDevice device={device} onClose={done} /> : null}
      {doing === 'replace' ? <ReplaceMeter device={device} onClose={done} /> : null}
    </>
  );
}

/** Engineers also see how the device is connected. */
function Tabs({ device, alarms }: { device: DeviceDetail; alarms: readonly Alarm[] }) {
  const t = useWords();
  const overview = <Body key={device.id} device={device} alarms={alarms} />;
  if (!useMay(engineers)) return overview;
  const connection = (
    <div className="stack">
      <FieldAccess deviceId={device.id} />
      <FieldTrace deviceId={device.id} />
    </div>
  );
  return (
    <UrlTabs
      tabs={[
        { key: 'overview', label: t('fieldAccess.overviewTab'), children: overview },
        { key: 'connection', label: t('fieldAccess.tab'), children: connection },
      ]}
    />
  );
}

export function DevicePage() {
  const t = useWords();
  const mayEdit = useMay(engineers);
  const { deviceId = '' } = useParams();
  const query = useQuery({
    queryKey: [...keys.devices, 'one', deviceId],
    queryFn: () => api.device(deviceId),
    refetchInterval: renewMs,
  });
  const alarms = useQuery({
    queryKey: [...keys.alarms, 'device', deviceId],
    queryFn: () => api.alarms({ device: deviceId, state: 'all', limit: mostAlarms }),
  });
  const device = query.data;
  return (
    <Page
      title={device?.name ?? t('device.title')}
      beside={
        device === undefined ? null : (
          <>
            <span className="mono soft">{device.id}</span>
            <DeviceStatus device={device} />
            <ProvenanceMark provenance={device.provenance} />
            <span className="soft small">
              {t('status.lastSeen')} <Age time={device.lastSeen} />
            </span>
          </>
        )
      }
      actions={
        <span className="row">
          <Link to="/devices">{t('devices.title')}</Link>
          {device !== undefined && mayEdit ? <Acts device={device} /> : null}
        </span>
      }
    >
      <Loaded query={query}>{(loaded) => <Tabs device={loaded} alarms={alarms.data?.items ?? []} />}</Loaded>
    </Page>
  );
}
