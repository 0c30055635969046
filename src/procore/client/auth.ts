import { isAxiosError } from 'axios';
import { TiebackError } from '../../domain/base/errors';
import { errorLine } from './error-body';
import { hasErrorStatus, lossError, statusError } from './failures';
import { isObject } from './json';
import { readRateHeaders } from './rate-headers';
import type { Redactor } from './redactor';
import type { Runtime } from './runtime';
import type { ProcoreSettings } from './settings';
import type { Transport } from './transport';
import { headerReader } from './transport';

interface Token {
  readonly value: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

const CALL = { operation: 'oauth.token', repeatable: true };
const REFRESH_AT_PART_OF_LIFE = 0.8;

/** The access token of the app: client credentials grant ("OAuth 2.0 Client Credentials"), 90 minutes, no refresh token. */
export class TokenSource {
  private token: Token | null = null;
  private pending: Promise<Token> | null = null;

  constructor(
    private readonly settings: ProcoreSettings,
    private readonly transport: Transport,
    private readonly runtime: Runtime,
    private readonly redactor: Redactor,
  ) {
    redactor.add(settings.clientSecret);
  }

  /** A valid token; asks for a new one at 80 % of the life of the old one. Concurrent callers share one request. */
  async get(): Promise<string> {
    const token = this.token;
    if (token !== null && this.runtime.now() < token.refreshAt) return token.value;
    try {
      return (await this.renew()).value;
    } catch (error) {
      if (token === null || this.token !== token || this.runtime.now() >= token.expiresAt) throw error;
      this.runtime.logger.warn('keeping the old access token: no new one yet', { reason: String(error) });
      return token.value;
    }
  }

  /** Procore answered 401: this token must not be used again. A newer one stays. */
  invalidate(value: string): void {
    if (this.token?.value === value) this.token = null;
  }

  private renew(): Promise<Token> {
    this.pending ??= this.request().finally(() => {
      this.pending = null;
    });
    return this.pending;
  }

  private async request(): Promise<Token> {
    const { clientId, clientSecret, loginUrl } = this.settings;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const body = await this.ask(`${loginUrl}/oauth/token`, new URLSearchParams(form).toString());
    const token = this.read(body);
    if (this.token !== null) this.redactor.forget(this.token.value);
    this.redactor.add(token.value);
    this.token = token;
    this.runtime.logger.debug('got an access token', { expiresAt: new Date(token.expiresAt).toISOString() });
    return token;
  }

  private async ask(url: string, form: string): Promise<unknown> {
    const redact = (text: string): string => this.redactor.text(text);
    try {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const { data } = await this.transport.send({ ...CALL, method: 'POST', url, headers, body: form });
      return parsed(data);
    } catch (error) {
      if (!isAxiosError<unknown>(error)) throw error;
      if (!hasErrorStatus(error) || error.response === undefined) throw lossError(error, CALL, redact);
      const { status, data } = error.response;
      if (status === 400 || status === 401) {
        const reason = redact(errorLine(parsed(data), status));
        throw new TiebackError('PROCORE_UNAUTHORIZED', { operation: CALL.operation, reason });
      }
      const now = this.runtime.now();
      const { retryAt } = readRateHeaders(headerReader(error.response), 0, now);
      const retryAfterMs = retryAt === null ? this.settings.limiter.backoffMs : retryAt - now;
      throw statusError({ status, body: parsed(data), retryAfterMs }, CALL, redact);
    }
  }

  private read(body: unknown): Token {
    const value = isObject(body) ? body['access_token'] : undefined;
    const seconds = isObject(body) ? Number(body['expires_in']) : Number.NaN;
    if (typeof value !== 'string' || value === '' || !(seconds > 0)) {
      const reason = 'access_token or expires_in is missing';
      throw new TiebackError('PROCORE_ANSWER_INVALID', { operation: CALL.operation, reason });
    }
    const now = this.runtime.now();
    const lifeMs = seconds * 1000;
    return { value, refreshAt: now + lifeMs * REFRESH_AT_PART_OF_LIFE, expiresAt: now + lifeMs };
  }
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return text;
  }
}
