import type {
  BoardCalendar,
  BoardEvent,
  BoardPeriod,
  BoardTrend,
  ClassBoardAnswer,
} from '#schemas/api/class-board.ts';
import type { MeterNode } from '#schemas/api/consumption.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';
import type { Query } from './client.ts';

const pathOf = (classId: string) => `/class-boards/${encodeURIComponent(classId)}`;

/** Boards of device classes. */
export const classBoardApi = {
  board: (classId: string, query: Query) =>
    call<ClassBoardAnswer>({ method: 'GET', path: pathOf(classId), query }),
  trend: (classId: string, query: Query & { period: BoardPeriod }) =>
    call<BoardTrend>({ method: 'GET', path: `${pathOf(classId)}/trend`, query }),
  calendar: (classId: string, query: Query) =>
    call<BoardCalendar>({ method: 'GET', path: `${pathOf(classId)}/calendar`, query }),
  feed: (classId: string, query: Query) =>
    call<Page<BoardEvent>>({ method: 'GET', path: `${pathOf(classId)}/feed`, query }),
  tree: (query: { root: string; metric: string; from: string; to: string }) =>
    call<{ unit: string; root: MeterNode }>({ method: 'GET', path: '/consumption/tree', query }),
};
