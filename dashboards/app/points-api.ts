import type { PointDetail, Sample } from '#schemas/api/points.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';
import type { Query } from './client.ts';

const pathOf = (key: string) => `/points/${encodeURIComponent(key)}`;

/** One point, and its raw readings. */
export const pointsApi = {
  point: (key: string) => call<PointDetail>({ method: 'GET', path: pathOf(key) }),
  samples: (key: string, query: Query, signal?: AbortSignal) =>
    call<Page<Sample>>({ method: 'GET', path: `${pathOf(key)}/samples`, query, signal }),
};
