import { ActionRefused } from './errors';
import type { Query } from './http-kit';
import { asInt, asString, isObject, type JsonObject } from './json';
import { PEOPLE_ACTIONS } from './people/people';
import type { LogFilter } from './request-log';
import type { ProcoreSimulator } from './simulator';
import type { ApproverRule, CompanySeed, FaultRule } from './types';

interface ControlCall {
  ids: number[];
  query: Query;
  body: JsonObject;
  rawBody: unknown;
}

type ControlHandler = (call: ControlCall) => unknown;

const DONE = { ok: true };

/** `/_sim/…`: everything a test or the demo may do to the simulator from another process. Not a part of Procore. */
export class ControlDoor {
  private readonly routes: { method: string; pattern: RegExp; handler: ControlHandler }[] = [];

  constructor(private readonly simulator: ProcoreSimulator) {
    this.addWorld();
    this.addPeople();
    this.addActions();
    this.addTrouble();
  }

  async handle(method: string, path: string, query: Query, body: unknown): Promise<unknown> {
    for (const route of this.routes) {
      const found = route.method === method ? route.pattern.exec(path) : null;
      if (!found) continue;
      const call = {
        ids: found.slice(1).map(Number),
        query,
        body: isObject(body) ? body : {},
        rawBody: body,
      };
      return (await route.handler(call)) ?? DONE;
    }
    throw new ActionRefused(`no control operation ${method} ${path}`, 404);
  }

  private on(method: string, path: string, handler: ControlHandler): void {
    this.routes.push({ method, pattern: new RegExp(`^${path.replaceAll(':id', '(\\d+)')}$`), handler });
  }

  private addWorld(): void {
    const sim = this.simulator;
    this.on('GET', '/health', () => DONE);
    this.on('GET', '/state', () => sim.state());
    this.on('POST', '/reset', () => sim.reset());
    this.on('GET', '/clock', () => ({ now: sim.now() }));
    this.on('POST', '/clock/advance', async ({ body }) => ({
      now: await sim.advanceClock(number(body['ms'], 'ms')),
    }));
    this.on('GET', '/requests', ({ query }) => sim.requestLog(logFilter(query)));
    this.on('DELETE', '/requests', () => sim.clearLog());
    this.on('GET', '/violations', () => sim.violations());
    this.on('POST', '/companies', ({ body }) => sim.addCompany(body as unknown as CompanySeed));
    this.on('PUT', '/companies/:id/connected', ({ ids: [id], body }) =>
      sim.setConnected(id ?? 0, body['connected'] === true),
    );
    this.on('POST', '/vendors', ({ body }) =>
      sim.seedVendors(objects(body['vendors'], 'vendors'), companyId(body)),
    );
    this.on('GET', '/vendors/:id', ({ ids: [id], query }) => sim.vendor(id ?? 0, query.int('companyId')));
    this.on('POST', '/collections', ({ body }) =>
      sim.seedCollection(asString(body['path']) ?? '', objects(body['records'], 'records'), companyId(body)),
    );
    this.on('POST', '/user-token', ({ body }) => sim.issueUserToken(number(body['userId'], 'userId')));
  }

  private addPeople(): void {
    const sim = this.simulator;
    this.on('POST', '/vendors/:id/send', ({ ids: [id], body }) => sim.sendVendorToErp(id ?? 0, who(body)));
    this.on('POST', '/vendors/:id/retrieve', ({ ids: [id], body }) =>
      sim.retrieveVendor(id ?? 0, companyId(body)),
    );
    this.on('POST', '/vendors/:id/export', ({ ids: [id], body }) =>
      sim.exportVendor(id ?? 0, {
        ...who(body),
        code: asString(body['code']),
        customFields: isObject(body['customFields']) ? body['customFields'] : undefined,
      }),
    );
    this.on('POST', '/vendors/:id/unlink', ({ ids: [id], body }) => sim.unlinkVendor(id ?? 0, who(body)));
    this.on('POST', '/vendors/:id/edit', ({ ids: [id], body }) =>
      sim.editVendor(id ?? 0, isObject(body['patch']) ? body['patch'] : {}, who(body)),
    );
    this.on('POST', '/vendors/:id/merge', ({ ids: [id], body }) =>
      sim.mergeVendors(id ?? 0, numbers(body['sourceIds'], 'sourceIds'), who(body)),
    );
    this.on('POST', '/vendors/refresh', ({ body }) =>
      sim.refreshVendors({ ...who(body), force: body['force'] === true }),
    );
    this.on('POST', '/vendors/link-all', ({ body }) => sim.linkAllVendors(who(body)));
    this.on('POST', '/staged/:id/import', ({ ids: [id], body }) => sim.importVendor(id ?? 0, who(body)));
    this.on('POST', '/staged/:id/link', ({ ids: [id], body }) =>
      sim.linkVendor(id ?? 0, number(body['vendorId'], 'vendorId'), who(body)),
    );
    this.on('POST', '/staged/:id/archive', ({ ids: [id], body }) =>
      sim.archiveStaged(id ?? 0, companyId(body)),
    );
    this.on('POST', '/events', ({ body }) => {
      const { requestName, ...options } = body;
      return sim.emitEvent(asString(requestName) ?? '', options);
    });
    this.on('POST', '/events/raw', ({ body }) =>
      sim.emitRaw(body['body'], isObject(body['options']) ? body['options'] : {}),
    );
    this.on('PUT', '/approver/rules', ({ body }) =>
      sim.setApproverRules(objects(body['rules'], 'rules') as unknown as ApproverRule[]),
    );
    this.on('POST', '/approver/run', ({ body }) => sim.runApprover(companyId(body)));
  }

  /** Every action of the people by its name, with its arguments as they are. */
  private addActions(): void {
    for (const action of PEOPLE_ACTIONS) {
      this.on('POST', `/people/${action}`, ({ body }) => {
        const args: unknown[] = Array.isArray(body['args']) ? body['args'] : [];
        const people = this.simulator as unknown as Record<string, (...args: unknown[]) => unknown>;
        return people[action]?.(...args.map((arg) => arg ?? undefined));
      });
    }
  }

  private addTrouble(): void {
    const sim = this.simulator;
    this.on('GET', '/faults', () => sim.faults());
    this.on('POST', '/faults', ({ body }) => sim.addFault(body as unknown as FaultRule));
    this.on('DELETE', '/faults', () => sim.clearFaults());
    this.on('PUT', '/unavailable', ({ body }) =>
      sim.setUnavailable(asInt(body['retryAfterSeconds']) ?? null),
    );
    this.on('POST', '/tokens/revoke-all', () => sim.revokeAllTokens());
    this.on('GET', '/webhooks/options', () => sim.webhookOptions());
    this.on('PUT', '/webhooks/options', ({ body }) => sim.setWebhookOptions(body));
    this.on('GET', '/webhooks/deliveries', () => sim.deliveries());
    this.on('POST', '/webhooks/deliver', async () => ({ attempts: await sim.deliverNow() }));
  }
}

function companyId(body: JsonObject): number | undefined {
  return asInt(body['companyId']);
}

function who(body: JsonObject): { userId?: number; companyId?: number } {
  const userId = asInt(body['userId']);
  const company = companyId(body);
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(company === undefined ? {} : { companyId: company }),
  };
}

function number(value: unknown, name: string): number {
  const result = asInt(value);
  if (result === undefined) throw new ActionRefused(`${name} must be an integer`, 400);
  return result;
}

function numbers(value: unknown, name: string): number[] {
  if (!Array.isArray(value)) throw new ActionRefused(`${name} must be an array`, 400);
  return value.map((item) => number(item, name));
}

function objects(value: unknown, name: string): JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new ActionRefused(`${name} must be an array of objects`, 400);
  }
  return value;
}

function logFilter(query: Query): LogFilter {
  const filter: LogFilter = {};
  const operationId = query.get('operationId');
  const method = query.get('method');
  const path = query.get('path');
  const since = query.int('since');
  if (operationId !== undefined) filter.operationId = operationId;
  if (method !== undefined) filter.method = method;
  if (path !== undefined) filter.path = path;
  if (since !== undefined) filter.since = since;
  return filter;
}
