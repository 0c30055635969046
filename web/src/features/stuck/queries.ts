import { queryOptions } from '@tanstack/react-query';
import type { AnswerTo } from '../../lib/api';
import { answerOf, GET } from '../../lib/api';
import type { paths } from '../../lib/schema';

export type Group = AnswerTo<'/api/stuck'>['groups'][number];
export type Conflict = AnswerTo<'/api/conflicts'>['conflicts'][number];
export type Exception = AnswerTo<'/api/exceptions'>['exceptions'][number];
export type Pair = AnswerTo<'/api/links/suggestions'>['pairs'][number];
export type Kind = NonNullable<paths['/api/links/suggestions']['get']['parameters']['query']>['kind'];

export const stuck = {
  groups: () =>
    queryOptions({
      queryKey: ['stuck', 'groups'],
      queryFn: ({ signal }) => answerOf(GET('/api/stuck', { signal })),
    }),
  conflicts: () =>
    queryOptions({
      queryKey: ['stuck', 'conflicts'],
      queryFn: ({ signal }) => answerOf(GET('/api/conflicts', { signal })),
    }),
  exceptions: () =>
    queryOptions({
      queryKey: ['stuck', 'exceptions'],
      queryFn: ({ signal }) => answerOf(GET('/api/exceptions', { signal })),
    }),
  suggestions: (connection: string, kind: Kind) =>
    queryOptions({
      queryKey: ['stuck', 'suggestions', connection, kind],
      queryFn: ({ signal }) =>
        answerOf(GET('/api/links/suggestions', { params: { query: { connection, kind } }, signal })),
    }),
};
