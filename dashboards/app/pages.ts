import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { Page } from './api.ts';
import type { Query } from './client.ts';

/** What a list page shows: rows so far, and how to get more. */
export interface Rows<T> {
  /** Which list it is: another one for other filters. */
  readonly list: string;
  readonly data: readonly T[] | undefined;
  readonly error: unknown;
  readonly refetch: () => Promise<unknown>;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly loadingMore: boolean;
}

interface PagesOptions<T> {
  readonly queryKey: readonly unknown[];
  readonly load: (query: Query, signal: AbortSignal) => Promise<Page<T>>;
  readonly query: Query;
  /** Rows of one request. */
  readonly limit?: number;
  readonly refetchIntervalMs?: number;
}

const defaultLimit = 200;

/** A list by keyset pages; earlier rows stay while a changed filter loads. */
export function usePages<T>(options: PagesOptions<T>): Rows<T> {
  const { queryKey, load, query, limit = defaultLimit, refetchIntervalMs } = options;
  const result = useInfiniteQuery({
    queryKey: [...queryKey, query, limit],
    queryFn: ({ pageParam, signal }) => load({ ...query, limit, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    ...(refetchIntervalMs === undefined ? {} : { refetchInterval: refetchIntervalMs }),
  });
  return {
    list: JSON.stringify(query),
    data: result.data?.pages.flatMap((page) => page.items),
    error: result.error,
    refetch: result.refetch,
    hasMore: result.hasNextPage,
    more: () => {
      if (result.hasNextPage && !result.isFetchingNextPage) void result.fetchNextPage();
    },
    loadingMore: result.isFetchingNextPage,
  };
}
