import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { Catalogue } from './catalogue';
import type { ControlDoor } from './control-door';
import { ActionRefused, ApiError } from './errors';
import type { Faults } from './faults';
import { NO_CONTENT, parseBody, Query, readBody, type Reply } from './http-kit';
import { isObject } from './json';
import type { OAuth } from './oauth';
import type { RequestLog } from './request-log';
import type { RestRouter } from './rest-router';
import type { State } from './state';
import type { ActiveFault, RequestLogEntry } from './types';

/** What one generation of the simulated world consists of; replaced as a whole by a reset. */
export interface ServedWorld {
  state: State;
  oauth: OAuth;
  catalogue: Catalogue;
  faults: Faults;
  log: RequestLog;
  router: RestRouter;
}

export const CONTROL_PREFIX = '/_sim';

/** The one HTTP server behind both hosts, the API and the login host, and behind the control door. */
export class HttpDoor {
  private readonly server: Server;
  private requestCount = 0;

  constructor(
    private readonly world: () => ServedWorld,
    private readonly control: ControlDoor,
    private readonly say: (line: string) => void,
  ) {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        this.say(
          `simulator error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        if (!response.headersSent)
          this.send(response, { status: 500, body: { errors: 'Internal Server Error' } });
        else response.destroy();
      });
    });
    this.server.keepAliveTimeout = 5000;
  }

  async listen(port: number, host: string): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    const address = this.server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = request.headers.host ?? 'localhost';
    const url = new URL(request.url ?? '/', `http://${host}`);
    const method = request.method ?? 'GET';
    const query = new Query(url.search);
    let body: unknown;
    let unreadable: ApiError | null = null;
    try {
      body = await parseBody(await readBody(request), request.headers['content-type'] ?? '');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      unreadable = error;
    }
    if (url.pathname.startsWith(`${CONTROL_PREFIX}/`)) {
      if (unreadable) this.send(response, { status: 400, body: unreadable.body });
      else this.send(response, await this.controlReply(url, body));
      return;
    }
    const world = this.world();
    const match = world.catalogue.match(method, url.pathname);
    const entry = world.log.begin(
      {
        at: world.state.now(),
        method,
        path: url.pathname,
        query: query.toObject(),
        body: url.pathname.startsWith('/oauth/') ? withoutSecrets(body) : body,
        operationId: match?.operation.operationId ?? null,
      },
      request.headers,
    );
    const verdict = world.faults.forRequest(entry);
    if (verdict.delayMs > 0) await sleep(verdict.delayMs);
    const fault = verdict.fault;
    if (fault || verdict.delayMs > 0) entry.fault = fault?.kind ?? 'delay';
    if (fault?.kind === 'drop-before') {
      this.note(entry);
      request.socket.destroy();
      return;
    }
    const answer = (): Reply => {
      if (fault?.kind === 'status') return faultReply(fault);
      if (unreadable) return { status: unreadable.status, body: unreadable.body };
      if (url.pathname.startsWith('/oauth/')) return this.login(world.oauth, request, url, body);
      return world.router.handle({ url, query, body, headers: request.headers, match, entry });
    };
    const reply = answer();
    if (fault?.kind === 'drop-reply') {
      this.note(entry);
      request.socket.destroy();
      return;
    }
    entry.status = reply.status;
    this.note(entry);
    this.send(response, reply, fault?.kind === 'truncate');
  }

  private login(oauth: OAuth, request: IncomingMessage, url: URL, body: unknown): Reply {
    const { authorization } = request.headers;
    try {
      switch (`${request.method} ${url.pathname}`) {
        case 'POST /oauth/token':
          return { status: 200, body: oauth.token(body, authorization) };
        case 'POST /oauth/revoke':
          oauth.revoke(body, authorization);
          return { status: 200, body: {} };
        case 'GET /oauth/token/info':
          return { status: 200, body: oauth.info(oauth.check(authorization)) };
        case 'GET /oauth/authorize':
          return { status: 302, headers: { location: oauth.authorize(url.searchParams) } };
      }
      return { status: 404, body: { message: 'No route matches', exception: 'RoutingError' } };
    } catch (error) {
      if (error instanceof ApiError) {
        return { status: error.status, body: error.body, headers: error.headers };
      }
      throw error;
    }
  }

  private async controlReply(url: URL, body: unknown): Promise<Reply> {
    try {
      const result = await this.control.handle(url.pathname.slice(CONTROL_PREFIX.length + 1), body);
      return result === undefined ? NO_CONTENT : { status: 200, body: result };
    } catch (error) {
      if (error instanceof ActionRefused) return { status: error.status, body: { error: error.message } };
      if (error instanceof ApiError)
        return { status: error.status, body: { error: JSON.stringify(error.body) } };
      if (error instanceof SyntaxError) return { status: 400, body: { error: error.message } };
      throw error;
    }
  }

  private send(response: ServerResponse, reply: Reply, truncate = false): void {
    this.requestCount += 1;
    const text =
      reply.body === undefined
        ? ''
        : typeof reply.body === 'string'
          ? reply.body
          : JSON.stringify(reply.body);
    const payload = Buffer.from(text);
    response.writeHead(reply.status, {
      ...(reply.body === undefined
        ? {}
        : {
            'content-type': typeof reply.body === 'string' ? 'text/plain' : 'application/json; charset=utf-8',
          }),
      'content-length': String(payload.length),
      'x-request-id': `sim-${this.requestCount}`,
      date: new Date(this.world().state.clock.now()).toUTCString(),
      ...reply.headers,
    });
    if (!truncate) {
      response.end(payload);
      return;
    }
    response.write(payload.subarray(0, Math.floor(payload.length / 2)), () => response.destroy());
  }

  private note(entry: RequestLogEntry): void {
    const fault = entry.fault === null ? '' : ` [fault: ${entry.fault}]`;
    this.say(`${entry.method} ${entry.path} → ${entry.status ?? 'no answer'}${fault}`);
    for (const v of entry.violations) this.say(`  undocumented: ${v.kind} ${v.where}: ${v.message}`);
  }
}

function faultReply(fault: ActiveFault & { kind: 'status' }): Reply {
  const reply: Reply = { status: fault.status, body: fault.body ?? { errors: `Simulated ${fault.status}` } };
  return fault.headers ? { ...reply, headers: fault.headers } : reply;
}

function withoutSecrets(body: unknown): unknown {
  if (!isObject(body)) return body;
  const hidden = ['client_secret', 'refresh_token', 'token', 'code'];
  return Object.fromEntries(Object.entries(body).map(([k, v]) => [k, hidden.includes(k) ? '…' : v]));
}
