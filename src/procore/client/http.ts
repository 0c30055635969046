import type { AxiosResponse } from 'axios';
import { isAxiosError } from 'axios';
import type { CustomFields } from '../../domain/kinds/custom-fields';
import type { ProcoreId } from '../../domain/request/intent';
import { TiebackError } from '../../domain/base/errors';
import { machineZone } from '../../domain/base/time-zone';
import type { TokenSource } from './auth';
import { hasErrorStatus, lossError, statusError } from './failures';
import type { Limiter } from './limiter';
import type { HeaderReader } from './rate-headers';
import type { Redactor } from './redactor';
import type { Runtime } from './runtime';
import type { ProcoreSettings } from './settings';
import type { Guard, Transport } from './transport';
import { headerReader } from './transport';

/** Several values of one name are sent as Rails reads them: `filters[id][]=5&filters[id][]=6`. */
export type Query = Readonly<Record<string, string | number | readonly number[]>>;

export interface Call {
  /** For people and logs: `vendors.sync`. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path below the API origin, or a whole URL of the same origin (a `Link`). */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** A write that sets the same state when repeated. Reads always are. */
  readonly repeatable?: boolean;
  /** May use the reserve of the limiter. */
  readonly urgent?: boolean;
  /** Sent as `Idempotency-Token` (Procore's Ruby SDK; the guides do not describe it, so nothing relies on it). */
  readonly idempotencyKey?: string;
  /** Error statuses that the caller wants to see as an answer. */
  readonly alsoAccept?: readonly number[];
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined when the body was empty. Text, when an error answer is not JSON. */
  readonly body: unknown;
  readonly header: HeaderReader;
}

/** Parts that all companies of an app share. */
export interface Shared {
  readonly settings: ProcoreSettings;
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly tokens: TokenSource;
  readonly limiter: Limiter;
  readonly redactor: Redactor;
}

/** Sends the calls of one company: token, company header, limiter, retries, and errors with a code. */
export class ProcoreHttp {
  /** Refuses to exist without a company: without its header a call may reach another one ("Multiple Procore Regions"). */
  constructor(
    private readonly shared: Shared,
    readonly companyId: ProcoreId,
    /** IANA name of the zone of this company where Procore says none. */
    readonly timeZone: string = machineZone(),
    /** What custom fields are carried, and where to. */
    readonly customFields: CustomFields = {},
  ) {
    if (Number.isSafeInteger(companyId) && companyId > 0) return;
    throw new TiebackError('PROCORE_REQUEST_INVALID', {
      operation: 'any call',
      reason: 'companyId must be a positive whole number',
    });
  }

  get settings(): ProcoreSettings {
    return this.shared.settings;
  }

  /** Procore's clock, in milliseconds since 1970. */
  theirNow(): number {
    return this.shared.limiter.theirNow();
  }

  get runtime(): Runtime {
    return this.shared.runtime;
  }

  /** Sends one call. Throws `PROCORE_*`, except for statuses in `alsoAccept`. */
  async send(call: Call): Promise<Answer> {
    const first = await this.attempt(call);
    // An unauthorized call had no effect, so any call may be sent again with a new token.
    const answer = first.status === 401 ? await this.attempt(call) : first;
    if (answer.status < 300 || (call.alsoAccept ?? []).includes(answer.status)) return answer;
    throw this.refusal(call, answer);
  }

  /** The error for an answer that was accepted at first. */
  refusal(call: Call, { status, body }: Pick<Answer, 'status' | 'body'>): TiebackError {
    const retryAfterMs = this.shared.limiter.describe().pausedForMs;
    return statusError({ status, body, retryAfterMs }, kindOf(call), this.redact);
  }

  /** The error for a 2xx answer that is not what the operation promises. */
  invalid(call: Pick<Call, 'operation'>, reason: string): TiebackError {
    return new TiebackError('PROCORE_ANSWER_INVALID', {
      operation: call.operation,
      reason: this.redact(reason),
    });
  }

  /** Hides a value in every later error message. */
  hide(secret: string): void {
    this.shared.redactor.add(secret);
  }

  readonly redact = (text: string): string => this.shared.redactor.text(text);

  private async attempt(call: Call): Promise<Answer> {
    const token = await this.shared.tokens.get();
    const startedAt = this.runtime.now();
    const response = await this.exchange(call, token);
    const { status } = response;
    this.runtime.logger.debug('Procore answered', {
      operation: call.operation,
      status,
      ms: this.runtime.now() - startedAt,
      requestId: headerReader(response)('x-request-id'),
    });
    if (status === 401) this.shared.tokens.invalidate(token);
    return { status, header: headerReader(response), body: this.parse(call, response) };
  }

  private async exchange(call: Call, token: string): Promise<AxiosResponse<unknown>> {
    try {
      return await this.shared.transport.send({
        ...kindOf(call),
        method: call.method,
        url: this.urlOf(call),
        headers: this.headersOf(call, token),
        ...(call.query === undefined ? {} : { query: call.query }),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        guard: this.guardOf(call),
      });
    } catch (error) {
      if (!isAxiosError<unknown>(error)) throw error;
      if (error.response !== undefined && hasErrorStatus(error)) return error.response;
      throw lossError(error, kindOf(call), this.redact);
    }
  }

  /** Each attempt counts against the limits, so each takes its own permit. */
  private guardOf(call: Call): Guard {
    return async (attempt) => {
      const permit = await this.shared.limiter.acquire({
        operation: call.operation,
        urgent: call.urgent ?? false,
      });
      let response: AxiosResponse | undefined;
      try {
        response = await attempt();
        return response;
      } catch (error) {
        if (isAxiosError(error)) response = error.response;
        throw error;
      } finally {
        permit.finish(response ? { status: response.status, header: headerReader(response) } : null);
      }
    };
  }

  private headersOf(call: Call, token: string): Record<string, string> {
    return {
      Authorization: `Bearer ${token}`,
      'Procore-Company-Id': String(this.companyId),
      ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(call.idempotencyKey === undefined ? {} : { 'Idempotency-Token': call.idempotencyKey }),
    };
  }

  /** A link to another origin would carry our token there. */
  private urlOf(call: Call): string {
    const { apiUrl } = this.settings;
    const url = new URL(call.path.startsWith('/') ? `${apiUrl}${call.path}` : call.path);
    if (url.origin === new URL(apiUrl).origin) return url.href;
    throw this.invalid(call, `a link points to another host (${url.host})`);
  }

  private parse(call: Call, response: AxiosResponse<unknown>): unknown {
    const text = typeof response.data === 'string' ? response.data : '';
    if (text.trim() === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      if (response.status >= 300) return text;
      throw this.invalid(call, `the body is not complete JSON (${text.length} characters)`);
    }
  }
}

const kindOf = ({ operation, method, repeatable }: Call): { operation: string; repeatable: boolean } => ({
  operation,
  repeatable: method === 'GET' || repeatable === true,
});

/** Fills `{company_id}` and `{id}` of a path template. */
export function fillPath(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const value = values[key];
    return value === undefined ? whole : encodeURIComponent(value);
  });
}
