import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed JSON body; undefined when there was none. */
  readonly body: unknown;
}

export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What happens to a request: an answer, or something done to the connection. */
export type Outcome = Reply | ((response: ServerResponse) => void);
export type Script = (request: Received, count: number) => Outcome;

export const drop: Outcome = (response) => response.socket?.destroy();
export const never: Outcome = () => undefined;
/** Announces more than it sends. */
export const cut: Outcome = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"half":', () => response.destroy());
};

/** A real HTTP server that answers by script and keeps what it received. `/oauth/token` is answered by itself unless scripted. */
export class ScriptedServer {
  readonly received: Received[] = [];
  readonly tokens: string[] = [];
  onToken: Script = () => this.issueToken();
  script: Script = () => ({ body: {} });
  url = '';
  private server: Server | null = null;
  private tokenRequests = 0;

  /** Answers one after the other; the last one stays. */
  replies(...outcomes: Outcome[]): void {
    const start = this.received.length;
    this.script = (_, count) => outcomes[Math.min(count - start, outcomes.length) - 1] ?? { status: 500 };
  }

  issueToken(lifeSeconds = 5400): Reply {
    const token = `secret-token-${this.tokens.length + 1}`;
    this.tokens.push(token);
    return { body: { access_token: token, token_type: 'bearer', expires_in: lifeSeconds, created_at: 1 } };
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://localhost');
        const text = Buffer.concat(parts).toString('utf8');
        const received = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          text,
          body: parsed(text),
        };
        this.answer(received, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = null;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  private answer(request: Received, response: ServerResponse): void {
    const outcome =
      request.path === '/oauth/token'
        ? this.onToken(request, ++this.tokenRequests)
        : this.script(request, this.received.push(request));
    if (typeof outcome === 'function') return outcome(response);
    const { status = 200, body, headers = {} } = outcome;
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}
