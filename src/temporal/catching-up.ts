/**
 * A Temporal server has many parts, and they learn of a new namespace and its search attributes one after the other: what one of them lists,
 * the next one does not know for some seconds. The dev server, which is one process, hides it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ScheduleNotFoundError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';

/** Something is in the way that only a person can remove; the message says how. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

/** How long to wait for a part that has not caught up. */
export interface CatchUp {
  readonly limitMs: number;
  /** Told once what is waited for, when it has to be waited for. */
  readonly say?: (message: string) => void;
}

/** Nobody waits: what does not work at once fails. */
export const AT_ONCE: CatchUp = { limitMs: 0 };

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Makes a call again, with growing pauses, while it fails because a part of the server does not know our namespace or search attributes
 * yet. Throws `ProvisionError` when that takes too long, and any other error at once. `what` completes "Waiting until ...".
 */
export async function caughtUp<T>(
  { limitMs, say }: CatchUp,
  what: string,
  call: () => Promise<T>,
): Promise<T> {
  const givesUpAt = performance.now() + limitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      const reason = lagOf(error);
      if (reason === null || limitMs === 0) throw error;
      if (performance.now() + pauseMs > givesUpAt) {
        throw new ProvisionError(
          `Temporal accepted what was made, but after ${Math.round(limitMs / 1000)} s it is still not so that ${what} (${reason}). ` +
            'Run the command again later.',
          { cause: error },
        );
      }
      if (pauseMs === FIRST_PAUSE_MS) say?.(`Waiting until ${what} ...`);
      await sleep(pauseMs);
    }
  }
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

/** What the server does not know yet, in its words; null: the error is about something else. The SDK wraps what the server said. */
function lagOf(error: unknown): string | null {
  if (error instanceof NamespaceNotFoundError) return error.message;
  // What the SDK makes of any "not found" of the schedule service.
  if (error instanceof ScheduleNotFoundError) return /namespace/i.test(error.message) ? error.message : null;
  if (!isGrpcServiceError(error)) return error instanceof Error && error.cause ? lagOf(error.cause) : null;
  const { code, details, message } = error;
  const words = details === '' ? message : details;
  const lags =
    (Number(code) === INVALID_ARGUMENT && /search attribute|no mapping|invalid query/i.test(words)) ||
    (Number(code) === NOT_FOUND && /namespace/i.test(words));
  return lags ? words : null;
}
