import { useMemo } from 'react';
import { Table } from 'antd';
import type { Series } from '#schemas/api/readings.ts';
import { formatNumber, stateOf, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useParkTime } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState } from '../../components/states.tsx';
import { tableTimes } from './history-query.ts';
import type { ChosenPoint } from './point-picker.tsx';

interface HistoryTableProps {
  readonly rows: readonly (ChosenPoint & { readonly series: Series })[];
}

const mostRows = 5_000;
const bodyPx = 520;
const columnPx = 200;

/** The same numbers as the charts, time by time; what is not good is said by its look and its title. */
export function HistoryTable({ rows }: HistoryTableProps) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const times = useMemo(
    () =>
      tableTimes(
        rows.map(({ series }) => series),
        mostRows,
      ),
    [rows],
  );
  const places = useMemo(
    () => rows.map(({ series }) => new Map(series.t.map((timeMs, index) => [timeMs, index]))),
    [rows],
  );
  if (times.length === 0) {
    return (
      <Panel>
        <EmptyState title={t('device.noReadings')} hint={t('device.noReadingsHint')} />
      </Panel>
    );
  }
  const columns = rows.map(({ point, device, series }, column) => ({
    key: point.key,
    title: `${device.name} · ${both(point.name)} ${unitSign(point.unit)}`.trim(),
    width: columnPx,
    align: 'right' as const,
    className: 'num',
    render: (_: unknown, row: { timeMs: number }) => {
      const index = places[column]?.get(row.timeMs);
      const value = index === undefined ? null : series.v[index];
      if (index === undefined || value === null || value === undefined) return '—';
      const quality = (['good', 'uncertain', 'bad'] as const)[series.q[index] ?? 2] ?? 'bad';
      const state = stateOf(point, value);
      const text = state === undefined ? formatNumber(value, point.decimals) : both(state.name);
      const [low, high] = [series.min?.[index], series.max?.[index]];
      const band =
        typeof low === 'number' && typeof high === 'number'
          ? ` [${formatNumber(low, point.decimals)} … ${formatNumber(high, point.decimals)}]`
          : '';
      return (
        <span title={t(`quality.${quality}`)} className={quality === 'good' ? '' : 'soft'}>
          {quality === 'bad' ? <s>{text}</s> : text}
          <span className="soft small">{band}</span>
        </span>
      );
    },
  }));
  return (
    <Panel flush>
      <Table
        virtual
        size="small"
        rowKey="timeMs"
        pagination={false}
        scroll={{ x: columnPx * (columns.length + 1), y: bodyPx }}
        dataSource={times.map((timeMs) => ({ timeMs }))}
        columns={[
          {
            key: 'time',
            title: t('history.time'),
            width: columnPx,
            className: 'num',
            render: (_: unknown, row: { timeMs: number }) => parkTime(row.timeMs),
          },
          ...columns,
        ]}
      />
      {times.length < mostRows ? null : (
        <div className="list-note">{t('history.tooMany', { count: mostRows })}</div>
      )}
    </Panel>
  );
}
