import type { AxiosError } from 'axios';
import type { ErrorCode } from '../../domain/base/errors';
import { TiebackError } from '../../domain/base/errors';
import { errorLine } from './error-body';

/** What must be known about a call to judge a failure. */
export interface CallKind {
  /** For people: `vendors.sync`. */
  readonly operation: string;
  /** Reads, and writes that set the same state when repeated. */
  readonly repeatable: boolean;
}

/**
 * How a call without a usable answer ended: `not_sent` certainly had no effect, `lost` may have had one, `cut` was answered
 * but the body did not arrive.
 */
export type Loss = 'not_sent' | 'lost' | 'cut';

const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|EPROTO|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

export function lossOf(error: AxiosError): Loss {
  if (error.response !== undefined || error.code === 'ERR_BAD_RESPONSE') return 'cut';
  const syscall = (error.cause as { syscall?: unknown } | undefined)?.syscall;
  return NEVER_CONNECTED.test(error.code ?? '') || syscall === 'connect' ? 'not_sent' : 'lost';
}

/** True when an error carries an answer with an error status, i.e. the body was read. */
export const hasErrorStatus = (error: AxiosError): boolean => (error.response?.status ?? 0) >= 300;

/** May the same call be sent again at once? A 429 was not processed; the limiter makes the next try wait. */
export function mayRetry(error: AxiosError, { repeatable }: CallKind): boolean {
  const status = error.response?.status ?? 0;
  if (isTooLarge(error)) return false;
  if (hasErrorStatus(error)) return status === 429 || (repeatable && status >= 500);
  return repeatable || lossOf(error) === 'not_sent';
}

/** Axios has no code of its own for it. */
const isTooLarge = ({ message }: AxiosError): boolean => message.startsWith('maxContentLength size of');

function wordsOf({ code, message }: AxiosError): string {
  if (code === 'ERR_CANCELED') return 'no complete answer within the time allowed';
  return message === '' ? (code ?? 'no answer') : message;
}

/** The error for a call that got no usable answer. */
export function lossError(error: AxiosError, call: CallKind, redact: (text: string) => string): TiebackError {
  const loss = lossOf(error);
  const reason = redact(wordsOf(error));
  const params = { operation: call.operation, reason };
  if (loss === 'not_sent') return new TiebackError('PROCORE_UNREACHABLE', params);
  if (!call.repeatable) return new TiebackError('PROCORE_OUTCOME_UNKNOWN', params);
  if (isTooLarge(error)) return new TiebackError('PROCORE_ANSWER_TOO_LARGE', params);
  return new TiebackError(loss === 'cut' ? 'PROCORE_ANSWER_INVALID' : 'PROCORE_UNREACHABLE', params);
}

/** Statuses by meaning ("Error Reference"); anything else below 500 is a fault of ours. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'PROCORE_UNAUTHORIZED',
  403: 'PROCORE_FORBIDDEN',
  404: 'PROCORE_NOT_FOUND',
  // The proxy in between wants to know who asks: nothing of it reached Procore.
  407: 'PROCORE_UNREACHABLE',
  408: 'PROCORE_UNREACHABLE',
  409: 'PROCORE_REFUSED',
  410: 'PROCORE_REFUSED',
  413: 'PROCORE_REFUSED',
  422: 'PROCORE_REFUSED',
  429: 'PROCORE_THROTTLED',
  503: 'PROCORE_UNAVAILABLE',
};

/** Errors that come with the time of the next try. */
const SAY_WHEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['PROCORE_THROTTLED', 'PROCORE_UNAVAILABLE']);

function codeOf(status: number, { repeatable }: CallKind): ErrorCode {
  const known = CODE_OF_STATUS[status];
  if (known !== undefined) return known;
  if (status < 500) return 'PROCORE_REQUEST_INVALID';
  return repeatable ? 'PROCORE_UNREACHABLE' : 'PROCORE_OUTCOME_UNKNOWN';
}

/** The error for an answer with an error status, in Procore's own words. */
export function statusError(
  answer: { readonly status: number; readonly body: unknown; readonly retryAfterMs?: number },
  call: CallKind,
  redact: (text: string) => string,
): TiebackError {
  const code = codeOf(answer.status, call);
  const retryAfterMs = answer.retryAfterMs ?? 0;
  const params = {
    operation: call.operation,
    reason: redact(errorLine(answer.body, answer.status)),
    seconds: Math.ceil(retryAfterMs / 1000),
  };
  return new TiebackError(code, params, SAY_WHEN.has(code) ? { retryAfterMs } : {});
}
