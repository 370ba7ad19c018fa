import type { TableColumnType } from 'antd';
import { Link } from 'react-router';
import { useWords } from '../../app/i18n.ts';

interface BookRow {
  readonly deviceId: string | null;
  /** Absent: it is. */
  readonly knownDevice?: boolean;
  readonly valueCount: number;
}

/** What every book of what was received tells in the same column: of which device, and how many values. */
export function useBookColumns<T extends BookRow>(): Record<'device' | 'values', TableColumnType<T>> {
  const t = useWords();
  return {
    device: {
      title: t('alarm.device'),
      key: 'device',
      width: 150,
      ellipsis: true,
      render: (_, { deviceId, knownDevice = true }) => {
        if (deviceId === null) return '—';
        if (knownDevice) return <Link to={`/devices/${deviceId}`}>{deviceId}</Link>;
        return (
          <>
            <div className="cut">{deviceId}</div>
            <Link className="small" to={`/gateways?tab=discoveries&device=${encodeURIComponent(deviceId)}`}>
              {t('gateways.adoptUnknown')}
            </Link>
          </>
        );
      },
    },
    values: {
      title: t('gateways.valueCount'),
      dataIndex: 'valueCount',
      width: 80,
      align: 'right',
      className: 'num',
    },
  };
}
