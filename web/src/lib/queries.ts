import { queryOptions } from '@tanstack/react-query';
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
      staleTime: Infinity,
      gcTime: 0,
      refetchOnWindowFocus: false,
    }),
};

/** Where a request is: `larkspur`, `erp`, `640018`. */
export interface RequestAddress {
  readonly connection: string;
  readonly source: string;
  readonly name: string;
}

/** What happened, and what of the page is old then. Live events and decisions read the same table. */
export const OLD_AFTER = {
  request: [['request'], ['requests'], ['stuck'], ['payroll']],
  exception: [['stuck'], ['requests'], ['records']],
  conflict: [['stuck'], ['requests'], ['records']],
  link: [['records'], ['stuck']],
  audit: [['audit'], ['request']],
  connection: [['connections']],
  rule: [['rules']],
} as const satisfies Readonly<Record<string, readonly (readonly string[])[]>>;
export type Topic = keyof typeof OLD_AFTER;
