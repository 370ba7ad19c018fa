import { useMemo } from 'react';
import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented, Select, TreeSelect } from 'antd';
import { useNavigate, useParams } from 'react-router';
import type { BoardRow, ClassBoardAnswer } from '#schemas/api/class-board.ts';
import { classBoardApi } from '../../app/class-board-api.ts';
import { boardGroups } from '../../app/destinations.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import type { Rows } from '../../app/pages.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { Page } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { BoardCalendarPanel } from './board-calendar.tsx';
import { ConsumptionCompared, TopConsumers } from './board-consumption.tsx';
import { BoardFeed } from './board-feed.tsx';
import { BoardFigures } from './board-figures.tsx';
import { BoardTable } from './board-table.tsx';
import { BoardTrendPanel } from './board-trend.tsx';
import './class-board.css';
import { MeterTree } from './meter-tree.tsx';

const renewMs = 10_000;
const pageRows = 200;
const exportRows = 1_000;

/** A board, page by page; the newest answer tells the figures. */
function useBoard(classId: string, space: string) {
  const query = useInfiniteQuery({
    queryKey: ['class-board', classId, 'board', space],
    queryFn: ({ pageParam }) => classBoardApi.board(classId, { space, limit: pageRows, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: ClassBoardAnswer) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: renewMs,
  });
  const rows = useMemo(() => {
    // A device whose rank changed between two pages stands on both.
    const all = query.data?.pages.flatMap(({ items }) => items);
    return all && [...new Map(all.map((row) => [row.id, row])).values()];
  }, [query.data]);
  const list: Rows<BoardRow> = {
    list: `${classId} ${space}`,
    data: rows,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    more: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
    },
    loadingMore: query.isFetchingNextPage,
  };
  return { answer: query.data?.pages[0], list };
}

/** The classes of the same place in the menu, all others, and the space. */
function BoardFilters({ classId, space }: { classId: string; space: string }) {
  const t = useWords();
  const navigate = useNavigate();
  const className = useClassNames();
  const { set } = useFilters(['space'] as const);
  const classes = useDeviceClasses().data?.items ?? [];
  const spaces = useSpaces().data?.items ?? [];
  const groups: readonly (readonly string[])[] = Object.values(boardGroups);
  const siblings = groups.find((group) => group.includes(classId)) ?? [classId];
  const others = classes.filter(({ id, deviceCount }) => deviceCount > 0 && !siblings.includes(id));
  const go = (id: string) => void navigate(`/boards/${id}${space === '' ? '' : `?space=${space}`}`);
  return (
    <div className="filters">
      {siblings.length > 1 ? (
        <Segmented
          aria-label={t('common.class')}
          value={classId}
          options={siblings.map((id) => ({ value: id, label: className(id) }))}
          onChange={go}
        />
      ) : null}
      <TreeSelect
        allowClear
        showSearch
        aria-label={t('devices.space')}
        placeholder={t('devices.anySpace')}
        style={{ width: '14.3em' }}
        value={space === '' ? null : space}
        treeData={spaceTree(spaces)}
        treeNodeFilterProp="title"
        treeDefaultExpandAll
        onChange={(chosen) => set({ space: chosen })}
      />
      <Select
        showSearch
        aria-label={t('boards.other')}
        placeholder={t('boards.other')}
        style={{ width: '13.6em' }}
        value={null}
        optionFilterProp="label"
        options={others.map(({ id, deviceCount }) => ({
          value: id,
          label: `${className(id)} (${deviceCount})`,
        }))}
        onChange={(chosen: string | null) => chosen !== null && go(chosen)}
      />
    </div>
  );
}

/** Everything of the board as a file, also what the table has not shown yet. */
async function saveBoard(classId: string, space: string): Promise<void> {
  const rows: BoardRow[] = [];
  let page = await classBoardApi.board(classId, { space, limit: exportRows });
  rows.push(...page.items);
  while (page.nextCursor !== null) {
    page = await classBoardApi.board(classId, { space, limit: exportRows, cursor: page.nextCursor });
    rows.push(...page.items);
  }
  saveRows(classId, rows, page);
}

function saveRows(classId: string, rows: readonly BoardRow[], { columns }: ClassBoardAnswer): void {
  downloadCsv(`board-${classId}`, [
    [
      'id',
      'name',
      'space',
      'severity',
      'alarms',
      'connection',
      'provenance',
      ...columns.flatMap(({ metric, unit }) => [
        unit === '' ? metric : `${metric} (${unit})`,
        `${metric} time`,
        `${metric} quality`,
      ]),
    ],
    ...[...new Map(rows.map((row) => [row.id, row])).values()].map((row) => [
      row.id,
      row.name,
      row.spaceName,
      row.severity,
      row.alarms,
      row.connection,
      row.provenance,
      ...columns.flatMap(({ metric, states }) => {
        const told = row.values.find((value) => value.metric === metric);
        if (told === undefined) return ['', '', ''];
        return [states[told.value]?.key ?? told.value, told.time, told.quality];
      }),
    ]),
  ]);
}

/** The board of one device class: made from what the class says it shows. */
export function ClassBoardPage() {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  const { classId = '' } = useParams();
  const { values } = useFilters(['space'] as const);
  const { answer, list } = useBoard(classId, values.space);
  const name = answer?.class === classId ? both(answer.name) : className(classId);
  return (
    <Page
      title={t('boards.title', { name })}
      beside={<span className="soft small">{t('boards.worst')}</span>}
      actions={
        <Button icon={<DownloadOutlined />} onClick={() => void saveBoard(classId, values.space)}>
          {t('common.download')}
        </Button>
      }
    >
      <BoardFilters classId={classId} space={values.space} />
      <Loaded query={{ data: answer, error: list.error, refetch: list.refetch }}>
        {(board) => <Filled key={board.class} answer={board} list={list} space={values.space} />}
      </Loaded>
    </Page>
  );
}

function Filled({ answer, list, space }: { answer: ClassBoardAnswer; list: Rows<BoardRow>; space: string }) {
  const { board, total } = answer;
  const scope = { answer, space };
  const names = useMemo(() => new Map(list.data?.map(({ id, name }) => [id, name])), [list.data]);
  const panels = [
    board.feed === undefined ? null : <BoardFeed key="feed" {...scope} />,
    board.trend === undefined ? null : <BoardTrendPanel key="trend" {...scope} />,
    board.limits.length === 0 ? null : <BoardCalendarPanel key="calendar" {...scope} />,
    board.consumption === undefined ? null : <ConsumptionCompared key="compared" {...scope} />,
    board.consumption === undefined ? null : <TopConsumers key="top" {...scope} names={names} />,
    board.meterTree ? <MeterTree key="tree" {...scope} /> : null,
  ].filter((panel) => panel !== null);
  return (
    <>
      {total === 0 || answer.figures.length === 0 ? null : <BoardFigures figures={answer.figures} />}
      <div className={total > 0 && panels.length > 0 ? 'class-board two' : 'class-board'}>
        <div className="devices" style={{ maxHeight: `calc(var(--u) * ${20 + 7 * Math.max(total, 1)})` }}>
          <BoardTable list={list} columns={answer.columns} />
        </div>
        {total === 0 || panels.length === 0 ? null : <div className="beside">{panels}</div>}
      </div>
    </>
  );
}
