import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AnswerTo } from '../../lib/api';
import { answerOf, GET } from '../../lib/api';

export type Periods = AnswerTo<'/api/payroll/periods'>['connections'];
export type Period = AnswerTo<'/api/payroll/periods/{connection}/{id}'>;

export type People = AnswerTo<'/api/payroll/people'>;

/** Lists of a period that come a page at a time. */
export const LISTS = [
  'employees',
  'jobs',
  'earnCodes',
  'lines',
  'leftOut',
  'corrections',
  'questions',
  'byHand',
  'withoutHours',
  'againstLast',
] as const;
export type List = (typeof LISTS)[number];
export type RowOf<L extends List> = Period[L]['rows'][number];

export const payroll = {
  periods: () =>
    queryOptions({
      queryKey: ['payroll', 'periods'],
      queryFn: ({ signal }) => answerOf(GET('/api/payroll/periods', { signal })),
    }),
  period: (connection: string, id: string) =>
    queryOptions({
      queryKey: ['payroll', 'period', connection, id],
      queryFn: ({ signal }) =>
        answerOf(
          GET('/api/payroll/periods/{connection}/{id}', { params: { path: { connection, id } }, signal }),
        ),
    }),
  /** Both sides are read: it takes a while, so it is asked for. */
  people: (connection: string) =>
    queryOptions({
      queryKey: ['payroll', 'people', connection],
      queryFn: ({ signal }) =>
        answerOf(GET('/api/payroll/people', { params: { query: { connection } }, signal })),
      staleTime: 60_000,
    }),
  /** The pages after the first, which comes with the period. */
  list: <L extends List>(connection: string, id: string, list: L, first: string) => {
    const name: List = list;
    return infiniteQueryOptions({
      queryKey: ['payroll', 'list', connection, id, list, first],
      enabled: false,
      initialPageParam: first,
      queryFn: ({ pageParam, signal }) =>
        answerOf(
          GET(`/api/payroll/periods/{connection}/{id}/${name}`, {
            params: { path: { connection, id }, query: { after: pageParam } },
            signal,
          }),
        ),
      getNextPageParam: ({ after }) => after,
    });
  },
};
