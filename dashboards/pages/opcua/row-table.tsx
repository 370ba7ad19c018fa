import { Select, Table } from 'antd';
import type { UnitName } from '#schemas/units.ts';
import { unitsInto } from '#schemas/units.ts';
import { api } from '../../app/api.ts';
import { unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useNotify } from '../../components/notify.ts';
import { DeviceSelect } from './device-select.tsx';
import { withDevice, withMetric, type MetricsOf, type Row } from './rows.ts';

const pageSize = 20;

interface RowTableProps {
  readonly rows: readonly Row[];
  readonly metricsOf: MetricsOf;
  /** What is to be said of a row beside what stands in it. */
  readonly noteOf: (row: Row) => string;
  readonly onChange: (rows: readonly Row[]) => void;
}

/** The preview: every variable with what it is to become; what is guessed wrong is put right here. */
export function RowTable({ rows, metricsOf, noteOf, onChange }: RowTableProps) {
  const t = useWords();
  const both = useBilingual();
  const notify = useNotify();
  const change = (changed: Row) =>
    onChange(rows.map((row) => (row.candidate.nodeId === changed.candidate.nodeId ? changed : row)));
  const move = async (nodeId: string, deviceId: string | undefined) => {
    try {
      const device = deviceId === undefined ? null : await api.device(deviceId);
      const target = device === null ? null : { id: device.id, class: device.class };
      onChange(withDevice(rows, { device: target, only: nodeId }, metricsOf));
    } catch (failure) {
      notify.failed(failure);
    }
  };
  return (
    <Table<Row>
      size="small"
      rowKey={({ candidate }) => candidate.nodeId}
      dataSource={[...rows]}
      pagination={rows.length > pageSize ? { pageSize, showSizeChanger: false } : false}
      rowSelection={{
        selectedRowKeys: rows.filter(({ isChosen }) => isChosen).map(({ candidate }) => candidate.nodeId),
        onChange: (keys) => {
          const chosen = new Set(keys.map(String));
          onChange(rows.map((row) => ({ ...row, isChosen: chosen.has(row.candidate.nodeId) })));
        },
        getCheckboxProps: ({ device, metric, candidate }) => ({
          disabled: device === null || metric === null,
          'aria-label': candidate.name,
        }),
      }}
      columns={[
        {
          title: t('opcua.node'),
          key: 'node',
          render: (_, row) => (
            <>
              <span title={row.candidate.nodeId}>{row.candidate.name}</span>{' '}
              <span className="soft small num">
                {row.candidate.value ?? ''} {row.candidate.unit ?? ''}
              </span>
              <div className="soft small">{row.candidate.path.join(' / ')}</div>
              <div className="small">{noteOf(row)}</div>
            </>
          ),
        },
        {
          title: t('opcua.device'),
          key: 'device',
          width: '26%',
          render: (_, { candidate, device }) => (
            <DeviceSelect
              allowClear
              isWide
              label={`${t('opcua.device')}: ${candidate.name}`}
              value={device?.id}
              onChange={(deviceId) => void move(candidate.nodeId, deviceId)}
            />
          ),
        },
        {
          title: t('opcua.metric'),
          key: 'metric',
          width: '24%',
          render: (_, row) => {
            const metrics = row.device === null ? {} : metricsOf(row.device.class);
            return (
              <Select<string>
                className="full"
                showSearch
                allowClear
                optionFilterProp="label"
                disabled={row.device === null}
                aria-label={`${t('opcua.metric')}: ${row.candidate.name}`}
                placeholder={row.device === null ? t('opcua.many.noDevice') : t('opcua.many.noMetric')}
                {...(row.metric === null ? {} : { value: row.metric })}
                onChange={(metric: string | undefined) => change(withMetric(row, metric ?? null, metrics))}
                options={Object.entries(metrics).map(([key, { name }]) => ({
                  value: key,
                  label: `${both(name)} (${key})`,
                }))}
              />
            );
          },
        },
        {
          title: t('opcua.unit'),
          key: 'unit',
          width: '13%',
          render: (_, row) => {
            const own = row.device === null ? '' : metricsOf(row.device.class)[row.metric ?? '']?.unit;
            if (own === undefined || own === '') return <span className="soft">—</span>;
            return (
              <Select<string>
                className="full"
                aria-label={`${t('opcua.unit')}: ${row.candidate.name}`}
                value={row.unit ?? own}
                onChange={(unit) => change({ ...row, unit: unit === own ? undefined : unit })}
                options={unitsInto(own as UnitName).map((unit) => ({
                  value: unit,
                  label: unitSign(unit) || '1',
                }))}
              />
            );
          },
        },
      ]}
    />
  );
}
