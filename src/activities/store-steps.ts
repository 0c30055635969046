import { asyncLocalStorage, CancelledFailure, sleep } from '@temporalio/activity';
import type { Store } from '../store/store';

/** What steps use of our store. */
export type StepStore = Pick<Store, 'read' | 'transaction' | 'isPassing'>;

/**
 * The store, as a step sees it: a transaction of an attempt that nobody waits for any more (it took too long, its workflow was cancelled) is
 * not committed. The next attempt looks what is done, and must not be overtaken by the one before.
 */
export const fencedStore = (store: StepStore): StepStore => ({
  read: (name, work) => store.read(name, work),
  isPassing: (error) => store.isPassing(error),
  transaction: (name, about, work) =>
    store.transaction(name, about, async (t) => {
      // It may have waited long for its turn.
      assertHeld();
      const result = await work(t);
      assertHeld();
      return result;
    }),
});

/** Throws the cancellation of an attempt that was given up. A worker that shuts down still finishes what it has in hand. */
function assertHeld(): void {
  const context = asyncLocalStorage.getStore();
  if (context === undefined || !context.cancellationSignal.aborted) return;
  const details = context.cancellationDetails;
  const isGivenUp = details === undefined || details.timedOut || details.notFound || details.reset;
  if (!isGivenUp && !details.cancelRequested) return;
  const reason: unknown = context.cancellationSignal.reason;
  throw reason instanceof Error ? reason : new CancelledFailure('nobody waits for this attempt any more');
}

/** How long a step tries by itself, in milliseconds: far below the time after which it is cut off (`storeStep` in workflows/steps.ts). */
export const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

type Steps = Readonly<Record<string, (input: never) => Promise<unknown>>>;

/**
 * The same steps, each trying again by itself, for a bounded time, while our store is locked or away: a step on our store is never cut off from
 * outside while its transaction lives on. Every step looks first what is done, so it may be repeated as a whole.
 */
export function patient<T extends Steps>(
  deps: { readonly store: StepStore },
  steps: T,
  patienceMs = PATIENCE_MS,
): T {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      (input: never) => patiently(deps, () => step(input), patienceMs),
    ]),
  ) as unknown as T;
}

async function patiently<T>(
  deps: { readonly store: StepStore },
  step: () => Promise<T>,
  patienceMs: number,
): Promise<T> {
  const givesUpAt = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await step();
    } catch (error) {
      if (!deps.store.isPassing(error) || performance.now() + pauseMs > givesUpAt) throw error;
      // Ends with the attempt: one that nobody waits for does not try again.
      await sleep(pauseMs);
    }
  }
}
