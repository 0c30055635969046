import { queryOptions } from '@tanstack/react-query';
import type { AnswerTo } from './api';
import { answerOf, GET } from './api';

/** What is asked of the daemon: one factory an endpoint, keys by topic, so that a change of a topic makes everything of it old. */
export const asked = {
  me: () => queryOptions({ queryKey: ['me'], queryFn: () => answerOf(GET('/api/me')), staleTime: 300_000 }),
  request: ({ connection, source, name }: RequestAddress, seen: string | null) =>
    queryOptions({
      queryKey: ['request', connection, `${source}/${name}`, { seen }],
      queryFn: ({ signal }) =>
        answerOf(
          GET('/api/requests/{connection}/{source}/{name}', {
            params: { path: { connection, source, name }, query: seen === null ? {} : { seen } },
            signal,
          }),
        ),
    }),
  correctable: ({ connection, source, name }: RequestAddress) =>
    queryOptions({
      queryKey: ['request', connection, `${source}/${name}`, 'correctable'],
      queryFn: ({ signal }) =>
        answerOf(
          GET('/api/requests/{connection}/{source}/{name}/correctable', {
            params: { path: { connection, source, name } },
            signal,
          }),
        ),
      // Somebody types over these values: they do not change under their hands.
      staleTime: 'static',
      gcTime: 0,
    }),
};

/** Where a request is: `larkspur`, `erp`, `640018`. */
export interface RequestAddress {
  readonly connection: string;
  readonly source: string;
  readonly name: string;
}

/** What the Desk tells has changed: a topic, and which of its things; no contents. */
export type Told = AnswerTo<'/api/events', 'get', 'text/event-stream'>[number];
export type Topic = Told['topic'];

/** What happened, and what of the page is old then. Live events and decisions read the same table. */
export const OLD_AFTER = {
  request: [['request'], ['requests'], ['stuck'], ['records'], ['payroll']],
  exception: [['stuck'], ['requests'], ['records']],
  conflict: [['stuck'], ['requests'], ['records']],
  link: [['records'], ['stuck']],
  audit: [['audit']],
  connection: [['connections']],
  rule: [['rules']],
  payroll: [['payroll']],
} as const satisfies Readonly<Record<Topic, readonly (readonly [string])[]>>;

/** Keys of what is old after a change: of the page of one thing, only that thing. */
export const oldAfter = ({ topic, connection, id }: Told): readonly (readonly string[])[] =>
  OLD_AFTER[topic].map(([key]) => (key === topic && id !== null ? [key, connection, id] : [key]));
