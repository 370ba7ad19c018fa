import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';

const most = 20;

/** Form.Item gives `id`, `value` and `onChange`. */
interface DeviceSelectProps {
  readonly id?: string;
  readonly value?: string | undefined;
  readonly onChange?: (deviceId: string | undefined) => void;
  readonly allowClear?: boolean;
  /** For a field without one beside it. */
  readonly label?: string;
  /** As wide as what it stands in. */
  readonly isWide?: boolean;
}

/** One device out of thousands, found by name or id. */
export function DeviceSelect({ id: fieldId, value, onChange, ...more }: DeviceSelectProps) {
  const t = useWords();
  const { allowClear = false, label, isWide = false } = more;
  const [q, setQ] = useState('');
  const { data } = useQuery({
    queryKey: [...keys.devices, 'select', q],
    queryFn: () => api.devices({ q, limit: most }),
    placeholderData: (previous) => previous,
  });
  return (
    <Select
      {...(fieldId === undefined ? {} : { id: fieldId })}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(isWide ? { className: 'full' } : {})}
      showSearch
      allowClear={allowClear}
      {...(value === undefined ? {} : { value })}
      placeholder={t('opcua.deviceHint')}
      filterOption={false}
      onSearch={setQ}
      onChange={(chosen: string | undefined) => onChange?.(chosen)}
      options={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
    />
  );
}
