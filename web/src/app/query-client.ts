import { QueryClient } from '@tanstack/react-query';
import { Refusal, UNREACHABLE } from '../lib/api';

const TRIES = 3;

/** What is shown is fresh for half a minute; changes are told before. What was refused is not asked again; a decision never is. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (tries, error) => tries < TRIES && (!(error instanceof Refusal) || error.code === UNREACHABLE),
    },
    mutations: { retry: false },
  },
});
