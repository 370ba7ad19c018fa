import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Select } from 'antd';
import { Link } from 'react-router';
import { engineers } from '#schemas/roles.ts';
import { fieldApi, fieldKeys, type CameraRow } from '../../app/field-api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatNumber, formatSpan } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { useMay } from '../../app/session.ts';
import { DeviceFilter } from '../../components/device-filter.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { Age } from '../../components/marks.tsx';
import { EmptyState } from '../../components/states.tsx';
import { CameraGroups } from './camera-groups.tsx';

const names = ['device', 'group', 'trouble'] as const;
const renewMs = 5_000;
/** A clock that is off by more is worth a look, s. */
const clockOffS = 10;

type Filtering = ReturnType<typeof useFilters<(typeof names)[number]>>;

function Filters({ filters, groups }: { filters: Filtering; groups: readonly string[] }) {
  const t = useWords();
  const { values, set } = filters;
  return (
    <div className="filters">
      {groups.length < 2 ? null : (
        <Select
          allowClear
          aria-label={t('cameras.group')}
          placeholder={t('cameras.anyGroup')}
          style={{ width: '14.3em' }}
          value={values.group === '' ? null : values.group}
          options={groups.map((group) => ({ value: group, label: group }))}
          onChange={(group) => set({ group })}
        />
      )}
      <DeviceFilter value={values.device} onSearch={(device) => set({ device })} />
      <Checkbox
        checked={values.trouble === 'true'}
        onChange={({ target }) => set({ trouble: target.checked ? 'true' : null })}
      >
        {t('cameras.onlyTrouble')}
      </Checkbox>
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
    </div>
  );
}

/** Whether a camera answers, and since when it does not. */
function Answers({ camera }: { camera: CameraRow }) {
  const t = useWords();
  if (camera.answers) return <span className="tag">{t('cameras.answers')}</span>;
  return (
    <>
      <span className="tag alert">{t('cameras.silent')}</span>
      <div className="soft small">
        {t('cameras.lastAnswer')} {camera.answeredAt === null ? '—' : <Age time={camera.answeredAt} />}
      </div>
    </>
  );
}

/** Maker, model and firmware in one line. */
export function MakerLine({ camera }: { camera: Pick<CameraRow, 'manufacturer' | 'model' | 'firmware'> }) {
  const parts = [camera.manufacturer, camera.model, camera.firmware].filter(
    (part) => part !== null && part !== '',
  );
  return <>{parts.length === 0 ? '—' : parts.join(' / ')}</>;
}

function useColumns() {
  const t = useWords();
  return [
    {
      title: t('alarm.device'),
      key: 'device',
      width: 175,
      ellipsis: true,
      render: (_: unknown, row: CameraRow) => (
        <>
          <Link to={`/devices/${row.deviceId}`}>{row.deviceName ?? row.deviceId}</Link>
          <div className="mono soft small">{row.deviceId}</div>
        </>
      ),
    },
    {
      title: t('cameras.state'),
      key: 'state',
      width: 112,
      render: (_: unknown, row: CameraRow) => <Answers camera={row} />,
    },
    {
      title: t('cameras.askedAt'),
      key: 'askedAt',
      width: 85,
      render: (_: unknown, row: CameraRow) => <Age time={row.askedAt} />,
    },
    {
      title: t('cameras.recording'),
      key: 'recording',
      width: 105,
      render: (_: unknown, { recording }: CameraRow) =>
        recording === null ? (
          '—'
        ) : (
          <span className={recording ? '' : 'tag alert'}>
            {t(recording ? 'cameras.isRecording' : 'cameras.notRecording')}
          </span>
        ),
    },
    {
      title: t('cameras.recordedShare'),
      key: 'share',
      width: 135,
      align: 'right' as const,
      className: 'num',
      render: (_: unknown, { recordedShare }: CameraRow) =>
        recordedShare === null ? '—' : `${formatNumber(recordedShare * 100, 1)} %`,
    },
    {
      title: t('cameras.reach'),
      key: 'reach',
      width: 70,
      align: 'right' as const,
      className: 'num',
      render: (_: unknown, { reachS }: CameraRow) => (reachS === null ? '—' : formatSpan(t, reachS * 1_000)),
    },
    {
      title: t('cameras.clockOffset'),
      key: 'clock',
      width: 105,
      align: 'right' as const,
      className: 'num',
      render: (_: unknown, { clockOffsetS }: CameraRow) =>
        clockOffsetS === null ? (
          '—'
        ) : (
          <span className={Math.abs(clockOffsetS) > clockOffS ? 'tag alert' : ''}>
            {Math.abs(clockOffsetS) < longS
              ? `${formatNumber(clockOffsetS, 1)} s`
              : `${clockOffsetS < 0 ? '-' : ''}${formatSpan(t, Math.abs(clockOffsetS) * 1_000)}`}
          </span>
        ),
    },
    {
      title: t('cameras.model'),
      key: 'model',
      width: 145,
      ellipsis: true,
      render: (_: unknown, row: CameraRow) => <MakerLine camera={row} />,
    },
    {
      title: t('cameras.troubles'),
      key: 'troubles',
      ellipsis: true,
      render: (_: unknown, row: CameraRow) => (
        <span title={row.troubles.join('\n')}>
          {row.troubles.length === 0 ? '—' : row.troubles.join('; ')}
        </span>
      ),
    },
  ];
}

/** Longer offsets are told in hours and days, s. */
const longS = 3_600;

/** How asking each camera went last, and who is asked. */
export function Cameras() {
  const t = useWords();
  const mayConfigure = useMay(engineers);
  const filters = useFilters(names);
  const groups = useQuery({
    queryKey: fieldKeys.cameraGroups,
    queryFn: fieldApi.cameraGroups,
    enabled: mayConfigure,
  });
  const list = usePages<CameraRow>({
    queryKey: fieldKeys.cameras,
    load: fieldApi.cameras,
    query: filters.values,
    refetchIntervalMs: renewMs,
  });
  const columns = useColumns();
  return (
    <>
      {mayConfigure ? <CameraGroups /> : null}
      <Filters filters={filters} groups={(groups.data?.items ?? []).map(({ id }) => id)} />
      <ListTable
        list={list}
        steady
        minWidth={1_060}
        empty={
          filters.any ? (
            <EmptyState title={t('cameras.noTrouble')} hint="" />
          ) : (
            <EmptyState title={t('cameras.none')} hint={t('cameras.noneHint')} />
          )
        }
        columns={columns}
      />
    </>
  );
}
