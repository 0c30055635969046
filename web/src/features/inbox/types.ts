import type { AnswerTo } from '../../lib/api';
import type { paths } from '../../lib/schema';

/** A page of the list as the daemon answers it. */
export type Row = AnswerTo<'/api/requests'>['rows'][number];
export type Outcome = AnswerTo<'/api/decisions/bulk', 'post'>['outcomes'][number];
export type Summary = AnswerTo<'/api/requests/summary'>;
export type Stage = keyof Summary;
export type Sums = Summary[Stage]['sums'];

/** What the list can be asked. */
export type ListQuery = NonNullable<paths['/api/requests']['get']['parameters']['query']>;

export const STAGES: readonly Stage[] = ['needs_me', 'waiting', 'stuck', 'done'];

/** A row is named by its connection and id. */
export const keyOf = ({ connectionId, id }: Pick<Row, 'connectionId' | 'id'>): string =>
  `${connectionId}/${id}`;

/** What is chosen of a row is its plan: another one that takes its place was not. */
export const choiceOf = (row: Row): string => `${keyOf(row)} ${row.planHash ?? ''}`;
