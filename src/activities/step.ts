import { ApplicationFailure } from '@temporalio/activity';
import { TiebackError } from '../domain/base/errors';
import type { Interruption } from '../domain/request/flow';

/**
 * Runs one step and sorts what went wrong by class: data, config and policy come back as a value, so that the workflow can park or
 * route; busy comes back as a wait with its reason; transient and unknown outcomes are thrown for Temporal to retry, which is
 * right for both because every step here first looks what is already done.
 */
export async function settle<T>(step: () => Promise<T>): Promise<T | Interruption> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof TiebackError)) throw error;
    const shape = error.toShape();
    switch (error.class) {
      case 'data':
      case 'config':
      case 'policy':
        return { kind: 'stopped', error: shape };
      case 'busy':
        if (error.code === 'PROCORE_THROTTLED') throw toFailure(error);
        return { kind: 'busy', reason: shape.message, retryAfterMs: shape.retryAfterMs ?? 30_000 };
      case 'transient':
      case 'unknown_outcome':
        throw toFailure(error);
    }
  }
}

/** Runs a step whose every fault is Temporal's to retry. */
export async function asFailure<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof TiebackError ? toFailure(error) : error;
  }
}

const SHORTEST_RETRY_MS = 10;

/** A Temporal failure that keeps the code and says when to come back. */
export function toFailure(error: TiebackError): ApplicationFailure {
  const { code, message, retryAfterMs } = error.toShape();
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: error.class === 'config',
    details: [error.toShape()],
    // Zero would mean no retry at all to the server.
    ...(retryAfterMs === undefined
      ? {}
      : { nextRetryDelay: Math.max(SHORTEST_RETRY_MS, Math.ceil(retryAfterMs)) }),
    // Waiting for a rate window is everyday life, not an error.
    ...(error.class === 'busy' ? { category: 'BENIGN' as const } : {}),
  });
}
