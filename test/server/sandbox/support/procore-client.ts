import { ManualClock } from '../../../../sandbox/procore-simulator/clock';
import { SimulatorControl } from '../../../../sandbox/procore-simulator/control-client';
import { ProcoreSimulator } from '../../../../sandbox/procore-simulator/simulator';
import type { SimulatorOptions } from '../../../../sandbox/procore-simulator/types';

export const COMPANY = 4264807;
export const COMPANY_PATH = `/rest/v1.0/companies/${COMPANY}`;

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or the text when it is none. */
  body: unknown;
}

/** A started simulator with its clock in the hands of the test, and a plain HTTP client with a token. */
export class Bench {
  readonly clock = new ManualClock();
  readonly sim: ProcoreSimulator;
  apiUrl = '';
  token = '';
  control!: SimulatorControl;

  constructor(options: SimulatorOptions = {}) {
    this.sim = new ProcoreSimulator({ clock: this.clock, rateLimit: false, ...options });
  }

  async start(): Promise<this> {
    const { apiUrl } = await this.sim.start();
    this.apiUrl = apiUrl;
    this.control = new SimulatorControl(apiUrl);
    await this.login();
    return this;
  }

  stop(): Promise<void> {
    return this.sim.stop();
  }

  async login(): Promise<void> {
    const answer = await this.raw('POST', '/oauth/token', {
      grant_type: 'client_credentials',
      client_id: 'tieback-demo',
      client_secret: 'demo-secret',
    });
    this.token = (answer.body as { access_token: string }).access_token;
  }

  /** An authenticated REST call with the company header. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.raw(method, path, body, {
      authorization: `Bearer ${this.token}`,
      'procore-company-id': String(COMPANY),
      ...headers,
    });
  }

  async raw(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.apiUrl + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = text === '' ? undefined : (JSON.parse(text) as unknown);
    } catch {
      // Some answers are plain sentences.
    }
    return { status: response.status, headers: response.headers, body: parsed };
  }

  vendorSync(updates: unknown[]): Promise<Answer> {
    return this.call('PATCH', '/rest/v1.0/vendors/sync', { company_id: COMPANY, updates });
  }

  closeDetail(id: number | undefined, status: string, messages: string[] = []): Promise<Answer> {
    return this.call('PATCH', `${COMPANY_PATH}/erp_request_details/${id}`, {
      request_detail: { status, messages },
    });
  }
}

/** Runs the work against a simulator of its own. */
export async function withBench(
  options: SimulatorOptions,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = await new Bench(options).start();
  try {
    await work(bench);
  } finally {
    await bench.stop();
  }
}

export function sortedKeys(value: unknown): string[] {
  return Object.keys(value as object).sort();
}
