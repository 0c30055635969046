import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosAdapter, AxiosError, AxiosInstance, AxiosProxyConfig, AxiosResponse } from 'axios';
import axios, { getAdapter, isAxiosError } from 'axios';
import axiosRetry from 'axios-retry';
import type { CallKind } from './failures';
import { hasErrorStatus, mayRetry } from './failures';
import { proxyCredentials, proxyFor } from './proxy';
import type { HeaderReader } from './rate-headers';
import type { Runtime } from './runtime';
import type { ProcoreSettings } from './settings';

/** What one attempt runs inside of, e.g. a permit of the limiter. */
export type Guard = (attempt: () => Promise<AxiosResponse>) => Promise<AxiosResponse>;

export interface TransportRequest extends CallKind {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | readonly number[]>>;
  readonly body?: string;
  /** Wraps every attempt, retries included. */
  readonly guard?: Guard;
}

/** Axios with connections that are kept, hard time-outs and short-term retries. Bodies are text; nothing is interpreted here. */
export class Transport {
  private readonly httpAgent = new HttpAgent({ keepAlive: true });
  private readonly httpsAgent = new HttpsAgent({ keepAlive: true });
  private readonly client: AxiosInstance;

  constructor(
    private readonly settings: ProcoreSettings,
    private readonly runtime: Runtime,
  ) {
    this.client = axios.create({
      httpAgent: this.httpAgent,
      httpsAgent: this.httpsAgent,
      timeout: settings.requestTimeoutMs,
      maxContentLength: settings.maxAnswerBytes,
      maxBodyLength: settings.maxAnswerBytes,
      // A redirect would carry the token to wherever it points.
      maxRedirects: 0,
      responseType: 'text',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
    });
    axiosRetry(this.client, {
      retries: settings.retry.retries,
      shouldResetTimeout: true,
      retryDelay: () => 0,
    });
  }

  /** Sends one request. Rejects with the AxiosError of the last attempt, or with whatever the guard throws. */
  async send(request: TransportRequest): Promise<AxiosResponse<unknown>> {
    return this.client.request({
      method: request.method,
      url: request.url,
      headers: { Accept: 'application/json', ...request.headers },
      ...(request.query === undefined ? {} : { params: request.query }),
      ...(request.body === undefined ? {} : { data: request.body }),
      adapter: this.adapter(request.guard ?? ((attempt) => attempt())),
      proxy: this.proxy(request.url),
      'axios-retry': {
        retryCondition: (error) => mayRetry(error, request),
        onRetry: (count, error) => this.backOff(count, error, request.operation),
      },
    });
  }

  close(): void {
    this.httpAgent.destroy();
    this.httpsAgent.destroy();
  }

  /** Axios' own time-out restarts with every byte; the signal ends an attempt for good. */
  private adapter(guard: Guard): AxiosAdapter {
    const http = getAdapter('http');
    return (config) =>
      guard(() => http({ ...config, signal: AbortSignal.timeout(this.settings.requestTimeoutMs) })).catch(
        (error: unknown) => {
          // Without the used-up signal, so that a retry starts afresh.
          if (isAxiosError(error)) error.config = config;
          throw error;
        },
      );
  }

  private async backOff(count: number, error: AxiosError, operation: string): Promise<void> {
    const status = error.response?.status;
    this.runtime.logger.debug('trying again', { operation, count, status, code: error.code });
    // How long to wait after a 429 or 503 is known to the limiter.
    if (hasErrorStatus(error) && (status === 429 || status === 503)) return;
    const ceiling = this.settings.retry.baseDelayMs * 2 ** (count - 1);
    await this.runtime.sleep(Math.round(ceiling * (0.5 + this.runtime.random() / 2)));
  }

  /** Said to axios, which would read the environment too: the doctor tells which proxy it is. */
  private proxy(url: string): AxiosProxyConfig | false {
    const proxy = this.settings.proxy === 'environment' ? proxyFor(url) : null;
    if (proxy === null) return false;
    const auth = proxyCredentials(proxy);
    return {
      protocol: proxy.protocol,
      host: proxy.hostname,
      port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
      ...(auth === null ? {} : { auth }),
    };
  }
}

/** Reads one header of an answer, whatever its case. */
export const headerReader =
  (response: Pick<AxiosResponse, 'headers'>): HeaderReader =>
  (name) => {
    const value: unknown = response.headers[name.toLowerCase()];
    return typeof value === 'string' ? value : undefined;
  };
