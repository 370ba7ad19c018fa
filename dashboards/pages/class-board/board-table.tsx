import { useEffect, useMemo, useRef, useState } from 'react';
import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import type { BoardColumn, BoardRow } from '#schemas/api/class-board.ts';
import { qualityCode } from '#schemas/reading.ts';
import type { Point } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { useFilters } from '../../app/filters.ts';
import { isStale } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import type { LiveValue } from '../../app/live.ts';
import { useLive, useWatch } from '../../app/live.ts';
import type { Rows } from '../../app/pages.ts';
import { useScale } from '../../app/theme.ts';
import { ListTable } from '../../components/list-table.tsx';
import { Age, DeviceStatus } from '../../components/marks.tsx';
import { PointValue } from '../../components/point-value.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState } from '../../components/states.tsx';

/** Devices that one page watches live; rows behind them are renewed with the board. */
const mostWatched = 500;

const pointOf = (row: BoardRow, column: BoardColumn): Point => ({
  ...column,
  key: `${row.id}.${column.metric}`,
  deviceId: row.id,
});

/** What was read, and over it what came live. */
function newest(row: BoardRow, metric: string, live: ReadonlyMap<string, LiveValue>): LiveValue | undefined {
  const [told, came] = [row.values.find((value) => value.metric === metric), live.get(`${row.id}.${metric}`)];
  if (told === undefined) return came;
  const timeMs = Date.parse(told.time);
  if (came !== undefined && came.timeMs >= timeMs) return came;
  return { timeMs, value: told.value, quality: qualityCode[told.quality] };
}

function Cell({ row, column }: { row: BoardRow; column: BoardColumn }) {
  const live = useLive((state) => state.points.get(`${row.id}.${column.metric}`));
  const told = row.values.find((value) => value.metric === column.metric);
  const value = newest(
    row,
    column.metric,
    live === undefined ? new Map() : new Map([[`${row.id}.${column.metric}`, live]]),
  );
  // A device need not have every metric of its class.
  if (value === undefined) return <span className="soft">—</span>;
  const over = told?.over ?? null;
  return (
    <>
      {over === null ? null : <SeverityMark severity={over} wordless />}{' '}
      <PointValue point={pointOf(row, column)} live={value} />
    </>
  );
}

/** The age of the newest of the values that are shown. */
function NewestAge({ row, columns }: { row: BoardRow; columns: readonly BoardColumn[] }) {
  const present = useNow();
  const live = useLive((state) => state.points);
  const times = columns.flatMap((column) => {
    const value = newest(row, column.metric, live);
    return value === undefined ? [] : [value.timeMs];
  });
  if (times.length === 0) return <Age time={row.lastSeen} stale />;
  const timeMs = Math.max(...times);
  const due = Math.min(...columns.map(({ expectedIntervalS }) => expectedIntervalS));
  return <Age time={timeMs} stale={isStale(timeMs, present, due)} />;
}

/** Registers have many digits. */
const widthOf = ({ kind }: BoardColumn) => (kind === 'counter' ? 160 : 118);

function useColumns(columns: readonly BoardColumn[]): TableColumnsType<BoardRow> {
  const t = useWords();
  const both = useBilingual();
  return [
    {
      title: '',
      key: 'severity',
      width: 44,
      render: (_, { severity }) => (severity === null ? null : <SeverityMark severity={severity} wordless />),
    },
    {
      title: t('common.name'),
      key: 'name',
      width: 190,
      ellipsis: true,
      render: (_, row) => (
        <>
          <Link to={`/devices/${row.id}`}>{row.name}</Link>
          <div className="soft small cut">{row.spaceName ?? '—'}</div>
        </>
      ),
    },
    {
      title: t('boards.age'),
      key: 'age',
      width: 92,
      render: (_, row) => <NewestAge row={row} columns={columns} />,
    },
    ...columns.map((column) => ({
      title: both(column.name),
      key: column.metric,
      width: widthOf(column),
      ellipsis: true,
      ...(column.kind === 'state' ? {} : { align: 'right' as const }),
      render: (_: unknown, row: BoardRow) => <Cell row={row} column={column} />,
    })),
    { title: t('status.title'), key: 'status', width: 92, render: (_, row) => <DeviceStatus device={row} /> },
    {
      title: t('boards.alarms'),
      key: 'alarms',
      width: 72,
      align: 'right',
      render: (_, { id, alarms }) =>
        alarms === 0 ? null : (
          <Link className="num" to={`/alarms?device=${id}`}>
            {alarms}
          </Link>
        ),
    },
  ];
}

const otherPx = 490;
const widthOfAll = (columns: readonly BoardColumn[]) =>
  columns.reduce((width, column) => width + widthOf(column), otherPx);

/** The width of an element, px as on an ordinary screen; 0 until it is known. */
function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const scale = useScale();
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width / scale];
}

/** The first columns that have room beside each other, one at least; they stand in the order of their weight. */
function fitting(columns: readonly BoardColumn[], width: number): readonly BoardColumn[] {
  let count = columns.length;
  while (count > 1 && widthOfAll(columns.slice(0, count)) > width) count--;
  return columns.slice(0, count);
}

/** The devices of a board, worst first, their values live; what has no room is shown when it is asked for. */
export function BoardTable({
  list,
  columns: all,
}: {
  list: Rows<BoardRow>;
  columns: readonly BoardColumn[];
}) {
  const t = useWords();
  const navigate = useNavigate();
  const [ref, width] = useWidth();
  const { values, set } = useFilters(['columns'] as const);
  const isWide = values.columns === 'all';
  const roomFor = fitting(all, width);
  const columns = isWide ? all : roomFor;
  const rows = list.data ?? [];
  const devices = useMemo(
    () =>
      rows
        .slice(0, mostWatched)
        .map(({ id }) => id)
        .toSorted(),
    [rows],
  );
  useWatch(useMemo(() => ({ devices }), [devices]));
  const hidden = all.length - roomFor.length;
  return (
    <>
      <div ref={ref} className="row end">
        {hidden === 0 ? null : (
          <Button size="small" type="text" onClick={() => set({ columns: isWide ? null : 'all' })}>
            {isWide ? t('boards.fewerColumns') : t('boards.moreColumns', { count: hidden })}
          </Button>
        )}
      </div>
      <ListTable
        list={list}
        columns={useColumns(columns)}
        steady
        minWidth={widthOfAll(columns)}
        onOpen={(row) => void navigate(`/devices/${row.id}`)}
        empty={<EmptyState title={t('boards.empty')} hint={t('boards.emptyHint')} />}
      />
    </>
  );
}
