import type { Context } from '@temporalio/activity';
import { asyncLocalStorage } from '@temporalio/activity';

/** Well below the time-out of a heartbeat, see workflows/steps.ts. */
const EVERY_MS = 4_000;

const progress = new WeakMap<Context, string>();

/** How far a long step is, for whoever looks at it in the Web UI: `page 12 of 50`. Nobody is told outside a step. */
export function tellProgress(words: string): void {
  const step = asyncLocalStorage.getStore();
  if (step !== undefined) progress.set(step, words);
}

type Steps = Readonly<Record<string, (input: never) => Promise<unknown>>>;

/**
 * The same steps, each telling while it runs that its worker lives: one whose worker was killed is taken over in seconds, and need not wait
 * until the longest time it may take is over.
 */
export function beating<T extends Steps>(steps: T): T {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      async (input: never) => {
        const here = asyncLocalStorage.getStore();
        const timer = setInterval(() => here?.heartbeat(progress.get(here)), EVERY_MS);
        try {
          return await step(input);
        } finally {
          clearInterval(timer);
        }
      },
    ]),
  ) as unknown as T;
}
