import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AnswerTo } from '../../lib/api';
import { answerOf, GET } from '../../lib/api';

export type Found = AnswerTo<'/api/records'>;
export type Candidate = Found['records'][number];
export type RecordPage = AnswerTo<'/api/records/{connection}/{kind}/{id}'>;
export type Field = RecordPage['fields'][number];

/** Where a record is. */
export interface RecordAddress {
  readonly connection: string;
  readonly kind: Candidate['kind'];
  readonly id: string;
}

export const records = {
  find: (q: string) =>
    infiniteQueryOptions({
      queryKey: ['records', 'find', q],
      initialPageParam: '',
      queryFn: ({ pageParam, signal }) =>
        answerOf(
          GET('/api/records', {
            params: { query: { q, ...(pageParam === '' ? {} : { after: pageParam }) } },
            signal,
          }),
        ),
      getNextPageParam: ({ after }) => after,
    }),
  one: (path: RecordAddress) =>
    queryOptions({
      queryKey: ['records', 'one', path],
      queryFn: ({ signal }) =>
        answerOf(GET('/api/records/{connection}/{kind}/{id}', { params: { path }, signal })),
    }),
};
