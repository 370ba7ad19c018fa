import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Select, Tag } from 'antd';
import type { DeviceDetail, Point } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { mostPoints } from './history-query.ts';

/** A point with the device that it belongs to. */
export interface ChosenPoint {
  readonly point: Point;
  readonly device: Pick<DeviceDetail, 'id' | 'name'>;
}

interface PointPickerProps {
  readonly keys: readonly string[];
  readonly chosen: readonly ChosenPoint[];
  readonly onChange: (keys: readonly string[]) => void;
}

const mostDevices = 50;

/** Chooses points: a device by name or id, then its points; what is chosen can be taken away again. */
export function PointPicker({ keys: chosenKeys, chosen, onChange }: PointPickerProps) {
  const t = useWords();
  const both = useBilingual();
  const [search, setSearch] = useState('');
  const [deviceId, setDeviceId] = useState<string | null>(null);
  const devices = useQuery({
    queryKey: [...keys.devices, 'search', search],
    queryFn: ({ signal }) => api.devices({ q: search, limit: mostDevices }, signal),
    placeholderData: (before) => before,
  });
  const device = useQuery({
    queryKey: [...keys.devices, 'one', deviceId],
    queryFn: () => api.device(deviceId ?? ''),
    enabled: deviceId !== null,
  });
  const points = (device.data?.points ?? []).filter(({ key }) => !chosenKeys.includes(key));
  const isFull = chosenKeys.length >= mostPoints;
  const nameOf = (key: string) => {
    const found = chosen.find(({ point }) => point.key === key);
    return found === undefined ? key : `${found.device.name} · ${both(found.point.name)}`;
  };
  return (
    <div className="filters">
      <Select
        showSearch
        filterOption={false}
        aria-label={t('history.device')}
        placeholder={t('history.device')}
        style={{ width: '18.6em' }}
        value={deviceId}
        onSearch={setSearch}
        onChange={setDeviceId}
        loading={devices.isFetching}
        options={(devices.data?.items ?? []).map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
      />
      <Select
        showSearch
        optionFilterProp="label"
        aria-label={t('history.point')}
        placeholder={isFull ? t('history.full', { count: mostPoints }) : t('history.point')}
        style={{ width: '15.7em' }}
        value={null}
        disabled={deviceId === null || isFull}
        loading={device.isFetching}
        onChange={(key: string | null) => (key === null ? undefined : onChange([...chosenKeys, key]))}
        options={points.map(({ key, name }) => ({ value: key, label: both(name) }))}
      />
      <span className="row" role="group" aria-label={t('history.chosen')}>
        {chosenKeys.map((key) => (
          <Tag
            key={key}
            closable={{ 'aria-label': t('history.remove', { name: nameOf(key) }) }}
            onClose={() => onChange(chosenKeys.filter((each) => each !== key))}
          >
            {nameOf(key)}
          </Tag>
        ))}
      </span>
    </div>
  );
}
