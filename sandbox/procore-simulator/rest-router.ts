import type { IncomingHttpHeaders } from 'node:http';
import type { Catalogue, Match } from './catalogue';
import { ApiError, notFound, refused } from './errors';
import type { Call, Handler, Query, Reply } from './http-kit';
import { asInt, isObject } from './json';
import type { OAuth, Token } from './oauth';
import type { RateLimiter } from './rate-limit';
import { unknownStagedFields } from './staged-fields';
import type { Company, State } from './state';
import type { RequestLogEntry, Violation } from './types';

export interface RestRequest {
  url: URL;
  query: Query;
  body: unknown;
  headers: IncomingHttpHeaders;
  match: Match | undefined;
  entry: RequestLogEntry;
}

export interface RouterParts {
  state: State;
  oauth: OAuth;
  limiter: RateLimiter;
  catalogue: Catalogue;
  /** By operation. */
  handlers: Map<string, Handler>;
  /** Asked in turn for what has no handler of its own. */
  collections: { handler(call: Call): Handler | undefined }[];
  companyHeader: 'required' | 'optional';
}

/** Operations a person may call without naming a company. */
const COMPANY_FREE = new Set(['RestV10MeGet', 'RestV10CompaniesGet']);

/** Token, limits, company, documentation, then the handler: in the order in which Procore turns callers away. */
export class RestRouter {
  /** Seconds for Retry-After while the platform is "under load". null: all is well. */
  unavailableForSeconds: number | null = null;

  constructor(private readonly parts: RouterParts) {}

  handle(request: RestRequest): Reply {
    let limits = this.parts.limiter.peek('');
    try {
      const token = this.parts.oauth.check(request.headers.authorization);
      limits = this.parts.limiter.peek(token.clientId);
      if (this.unavailableForSeconds !== null) {
        throw new ApiError(
          503,
          { errors: 'Service Unavailable' },
          { 'retry-after': String(this.unavailableForSeconds) },
        );
      }
      limits = this.parts.limiter.take(token.clientId);
      const reply = this.dispatch(request, token);
      return { ...reply, headers: { ...limits, ...reply.headers } };
    } catch (error) {
      if (error instanceof ApiError) {
        return { status: error.status, body: error.body, headers: { ...limits, ...error.headers } };
      }
      throw error;
    }
  }

  private dispatch(request: RestRequest, token: Token): Reply {
    const { match, entry } = request;
    const company = this.company(request, token);
    if (!match && this.parts.catalogue.isUnplayed(entry.method, entry.path)) {
      throw notPlayed(entry);
    }
    if (!match) {
      entry.violations.push({
        kind: 'unknown-operation',
        where: entry.path,
        message: `${entry.method} ${entry.path} is not documented`,
      });
      throw notFound(`No route matches [${entry.method}] "${entry.path}"`);
    }
    const { operation, params } = match;
    entry.violations.push(...this.parts.catalogue.violations(operation, request.query, request.body));
    entry.violations.push(...stagedDataViolations(operation.operationId, request.body));
    entry.violations.push(...closingViolations(operation.operationId, request.body));
    for (const parameter of operation.queryParams) {
      if (parameter.name === 'company_id' && parameter.required === true && !hasScope(request)) {
        throw refused(400, 'param is missing or the value is empty: company_id');
      }
    }
    const call: Call = {
      operation,
      params,
      query: request.query,
      body: request.body,
      company,
      token,
      url: request.url,
    };
    const handler =
      this.parts.handlers.get(operation.operationId) ??
      this.parts.collections.map((c) => c.handler(call)).find((found) => found !== undefined);
    if (!handler) throw notPlayed(entry);
    return handler(call);
  }

  /**
   * Procore guide "Multi-Zone headers": the header routes the call, it does not replace the company in path, query or
   * body.
   */
  private company(request: RestRequest, token: Token): Company {
    const { entry, headers, match } = request;
    const header = headers['procore-company-id'];
    const free = token.person && match !== undefined && COMPANY_FREE.has(match.operation.operationId);
    if (header === undefined && !free && this.parts.companyHeader === 'required') {
      entry.violations.push({
        kind: 'missing-header',
        where: 'Procore-Company-Id',
        message: 'Procore-Company-Id is required',
      });
      throw refused(400, 'Missing Procore-Company-Id header!');
    }
    const fromHeader = asInt(header);
    const named = namedCompany(request);
    if (named !== undefined && fromHeader !== undefined && named !== fromHeader) {
      entry.violations.push({
        kind: 'company-mismatch',
        where: 'Procore-Company-Id',
        message: `header names ${fromHeader}, the call ${named}`,
      });
    }
    if (header !== undefined) this.connected(fromHeader);
    const id = named ?? fromHeader ?? [...this.parts.state.companies.keys()][0];
    return this.connected(id);
  }

  private connected(id: number | undefined): Company {
    const company = id === undefined ? undefined : this.parts.state.companies.get(id);
    if (!company?.connected) throw refused(403, 'App is not connected to this company');
    return company;
  }
}

const notPlayed = ({ method, path }: RequestLogEntry): ApiError =>
  refused(501, `Procore has ${method} ${path}, but this simulator does not play it`);

function namedCompany(request: RestRequest): number | undefined {
  const body = isObject(request.body) ? request.body : {};
  return (
    asInt(request.match?.params['company_id']) ?? request.query.int('company_id') ?? asInt(body['company_id'])
  );
}

function hasScope(request: RestRequest): boolean {
  return request.query.has('company_id') || request.query.has('project_id');
}

/** People see messages as errors, in red: the samples close a success with none. */
function closingViolations(operationId: string, body: unknown): Violation[] {
  if (!/^requestDetail\.(update|replace|sync)$/.test(operationId)) return [];
  const root = isObject(body) ? body : { updates: body };
  const closings = [root['request_detail'], root['updates']].flat().filter(isObject);
  return closings
    .filter(({ status, messages }) => status === 'success' && Array.isArray(messages) && messages.length > 0)
    .map(() => ({ kind: 'wrong-value', where: 'messages', message: 'a success carries no messages' }));
}

function stagedDataViolations(operationId: string, body: unknown): Violation[] {
  if (!operationId.startsWith('stagedRecords.') || !isObject(body)) return [];
  const items: unknown[] = Array.isArray(body['updates']) ? body['updates'] : [body];
  return items.flatMap((item) => {
    if (!isObject(item) || !isObject(item['data'])) return [];
    const type = String(item['item_type']);
    return unknownStagedFields(type, item['data']).map((field): Violation => ({
      kind: 'unknown-body-field',
      where: `data.${field}`,
      message: `${field} is not documented for a staged ${type}`,
    }));
  });
}
