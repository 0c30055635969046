import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, GET } from '../../lib/api';
import type { Search } from './filter';
import { filterQuery, isDescending, sortIn, stageIn } from './filter';

/** Rows stay where they are while somebody reads them: what is new is told, and shown when they ask for it. So its key is none that events make old. */
export const ROWS = ['rows'] as const;

export const rowsOf = (search: Search) =>
  infiniteQueryOptions({
    queryKey: [...ROWS, search],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        GET('/api/requests', {
          params: {
            query: {
              ...filterQuery(search),
              stage: stageIn(search),
              sort: sortIn(search),
              direction: isDescending(search) ? 'desc' : 'asc',
              ...(pageParam === '' ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ next }) => next,
    // Who comes back from a request sees what became of it.
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** Counts and sums of all stages. Never before the rows: it takes longer. */
export const summaryOf = (search: Search, rowsAreThere: boolean) =>
  queryOptions({
    queryKey: ['requests', 'summary', filterQuery(search)],
    enabled: rowsAreThere,
    queryFn: ({ signal }) =>
      answerOf(GET('/api/requests/summary', { params: { query: filterQuery(search) }, signal })),
    placeholderData: (before) => before,
  });

export const viewsOf = () =>
  queryOptions({ queryKey: ['views'], queryFn: ({ signal }) => answerOf(GET('/api/views', { signal })) });
