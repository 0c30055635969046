/**
 * Used instead of the SDK's converter when payloads are encrypted: messages and stack traces of failures become
 * a payload too, which the codec then encrypts. Runs in workers, clients and inside the workflow sandbox.
 */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
