/** Values, failures and times, as they travel between the SDK and the server. */
import type { Payload } from '@temporalio/common';
import {
  defaultFailureConverter,
  defaultPayloadConverter,
  ensureApplicationFailure,
} from '@temporalio/common';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';

export type Failure = temporal.api.failure.v1.IFailure;
export type RetryPolicy = temporal.api.common.v1.IRetryPolicy;
type Duration = Parameters<typeof optionalTsToMs>[0];

export const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
export const toPayloads = (values: readonly unknown[] = []): Payload[] => values.map(toPayload);

export function fromPayload(payload: Payload | null | undefined): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}

export const toFailure = (error: unknown): Failure =>
  defaultFailureConverter.errorToFailure(ensureApplicationFailure(error), defaultPayloadConverter);

export const fromFailure = (failure: Failure): Error =>
  defaultFailureConverter.failureToError(failure, defaultPayloadConverter);

export const toTime = msToTs;
export const toMs = (duration: Duration): number | undefined => optionalTsToMs(duration);
