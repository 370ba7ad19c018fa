import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { qualities, qualityCode } from '#schemas/reading.ts';
import type { PointDetail } from '#schemas/api/points.ts';
import { formatSpan, isStale, quantityText } from '../../app/format.ts';
import { useNow } from '../../app/clock.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import type { LiveValue } from '../../app/live.ts';
import { useLive, useWatch } from '../../app/live.ts';
import { useClassNames } from '../../app/lookups.ts';
import { Age } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { PointValue } from '../../components/point-value.tsx';

/** The newest value that was read, or came live since. */
function useNewest({ key, latest, device }: PointDetail): LiveValue | undefined {
  useWatch(device.removedAt === null && device.lifecycle !== 'retired' ? { points: [key] } : {});
  const live = useLive((state) => state.points).get(key);
  if (latest === null) return live;
  const read = { timeMs: Date.parse(latest.time), value: latest.value, quality: qualityCode[latest.quality] };
  return live !== undefined && live.timeMs >= read.timeMs ? live : read;
}

function Latest({ point }: { point: PointDetail }) {
  const t = useWords();
  const newest = useNewest(point);
  const present = useNow();
  return (
    <>
      <dt>{t('pointPage.latest')}</dt>
      <dd className="row wrap">
        <PointValue point={point} live={newest} />
        {newest === undefined ? null : (
          <span className="soft small">
            {t(`quality.${qualities[newest.quality] ?? 'bad'}`)} ·{' '}
            <Age time={newest.timeMs} stale={isStale(newest.timeMs, present, point.expectedIntervalS)} />
          </span>
        )}
      </dd>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** What a point means: its newest reading, its definition, and where it belongs. */
export function PointFacts({ point }: { point: PointDetail }) {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  const { device, kind, unit, min, max, resolution, modulus, states } = point;
  const quantity = (value: number) => quantityText(t, { value, unit });
  const end = (value: number | null) => (value === null ? t('pointPage.unbounded') : quantity(value));
  return (
    <Panel>
      <dl className="facts">
        <Latest point={point} />
        <Fact name={t('pointPage.kind.title')}>{t(`pointPage.kind.${kind}`)}</Fact>
        <Fact name={t('pointPage.interval')}>{formatSpan(t, point.expectedIntervalS * 1_000)}</Fact>
        {kind === 'state' || (min === null && max === null) ? null : (
          <Fact name={t('pointPage.range')}>
            <span className="num">{`${end(min)} – ${end(max)}`}</span>
          </Fact>
        )}
        {resolution === null ? null : (
          <Fact name={t('pointPage.resolution')}>
            <span className="num">{quantity(resolution)}</span>
          </Fact>
        )}
        {modulus === null ? null : (
          <Fact name={t('pointPage.modulus')}>
            <span className="num">{quantity(modulus)}</span>
          </Fact>
        )}
        {states.length === 0 ? null : (
          <Fact name={t('pointPage.states')}>
            {states.map(({ name }) => both(name)).join(t('common.listSign'))}
          </Fact>
        )}
        <Fact name={t('alarm.device')}>
          {device.removedAt === null ? (
            <Link to={`/devices/${device.id}?point=${point.metric}`}>{device.name}</Link>
          ) : (
            device.name
          )}
        </Fact>
        <Fact name={t('common.class')}>{className(device.class)}</Fact>
        <Fact name={t('devices.space')}>
          {device.spaceId === null ? '—' : (device.spaceName ?? device.spaceId)}
        </Fact>
      </dl>
    </Panel>
  );
}
