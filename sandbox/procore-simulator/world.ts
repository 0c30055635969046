import { AccountingApprover } from './approver';
import { Catalogue } from './catalogue';
import { SystemClock, type Clock } from './clock';
import { ErpConnections } from './erp-connection';
import { ErpEvents } from './erp-events';
import { ErpRequests } from './erp-requests';
import { ExternalData } from './external-data';
import { Faults } from './faults';
import { GenericCollections } from './generic-collections';
import type { ServedWorld } from './http-door';
import { ok, type Handler } from './http-kit';
import type { JsonObject } from './json';
import { Asks } from './people/asks';
import { exportedKinds } from './people/export-kinds';
import { RecordExports } from './people/exports';
import { Imports } from './people/imports';
import { Payloads } from './people/payloads';
import type { PeopleParts } from './people/people';
import { Prerequisites } from './people/prerequisites';
import { Refreshes } from './people/refresh';
import { Seeds } from './people/seeds';
import { Support } from './people/support';
import { OAuth } from './oauth';
import { paginate } from './pagination';
import { DEFAULT_RATE_LIMIT, RateLimiter } from './rate-limit';
import { CompanyRoutes } from './records/company-routes';
import { Materializer } from './records/materialize';
import { RecordRoutes } from './records/routes';
import { Records } from './records/store';
import { Views } from './records/views';
import { RequestLog } from './request-log';
import { RestRouter } from './rest-router';
import { StagedRecords } from './staged-records';
import { State, type Company } from './state';
import type { ClientCredentials, CompanySeed, SimulatorOptions, WebhookOptions } from './types';
import { VendorActions } from './vendor-actions';
import { Vendors, type OriginTaken } from './vendors';
import { DEFAULT_WEBHOOKS, DeliveryEngine } from './webhooks/delivery';
import { HookStore } from './webhooks/hook-store';
import { HooksV1 } from './webhooks/hooks-v1';
import { HooksV2 } from './webhooks/hooks-v2';

export const DEFAULT_COMPANY: CompanySeed = { id: 4264807, name: 'Harbor & Stone Builders' };
export const DEFAULT_CLIENT: ClientCredentials = { id: 'tieback-demo', secret: 'demo-secret' };
export const DEFAULT_SERVICE_USER = 9001;

export interface World extends ServedWorld, PeopleParts {
  clients: ClientCredentials[];
  vendors: Vendors;
  external: ExternalData;
  staged: StagedRecords;
  requests: ErpRequests;
  events: ErpEvents;
  actions: VendorActions;
  /** Lets the records of an example event exist. */
  materialize(company: Company, requestName: string, payload: JsonObject): void;
  approver: AccountingApprover;
  hooks: HookStore;
  engine: DeliveryEngine;
}

/** Wire one generation of the simulated world; nothing survives from an earlier one. */
export function buildWorld(clock: Clock, options: SimulatorOptions): World {
  const say = (line: string): void => options.onLine?.(line);
  const state = new State(clock, options.companies ?? [DEFAULT_COMPANY], options.seed ?? 1);
  const faults = new Faults();
  const limiter = new RateLimiter(
    options.rateLimit === false ? false : { ...DEFAULT_RATE_LIMIT, ...options.rateLimit },
    clock,
  );
  const clients = options.clients ?? [DEFAULT_CLIENT];
  const serviceUser = options.serviceUserId ?? DEFAULT_SERVICE_USER;
  const oauth = new OAuth(clients, serviceUser, clock, state.random);
  const engineOptions: WebhookOptions = {
    ...DEFAULT_WEBHOOKS,
    delivery: clock instanceof SystemClock ? 'auto' : 'manual',
    ...options.webhooks,
  };
  const hooks = new HookStore(state, () => engineOptions.requireHttps);
  const engine = new DeliveryEngine(state, hooks, faults, engineOptions, say);
  const unlinkBy = options.unlinkBy ?? 'either';
  const external = new ExternalData(
    state,
    options.originIdScope ?? 'company',
    unlinkBy !== 'status_management',
  );
  const taken: OriginTaken = (company, type, originId, except) =>
    external.isTaken(company, type, originId, except);
  const duplicateStatus = options.duplicateOriginIdStatus ?? 409;
  const vendors = new Vendors(state, taken, duplicateStatus);
  const records = new Records(state, taken);
  const views = new Views(records);
  external.use(vendors, records);
  const requests = new ErpRequests(state, {
    listAvailable: options.requestListAvailable ?? true,
    staleAfterHours: options.detailStaleAfterHours ?? null,
  });
  const events = new ErpEvents(state, requests, engine, options.requestDetailLocation ?? 'request_data', say);
  const staged = new StagedRecords(state, options.rejectUnknownStagedFields ?? false);
  const actions = new VendorActions({ vendors, external, staged, requests, events });
  const payloads = new Payloads(records, views);
  const people = { records, views, events, requests, payloads };
  const seeds = new Seeds(state, records, views);
  const recordExports = new RecordExports({
    ...people,
    prerequisites: new Prerequisites(records, views),
    allowUnsyncedVendor: options.allowUnsyncedVendor ?? false,
  });
  const materializer = new Materializer(records, taken);
  const materialize: World['materialize'] = (company, requestName, payload) => {
    actions.materialize(company, requestName, payload);
    materializer.materialize(company, payload, exportedKinds(requestName));
  };
  vendors.onChange((company, vendor, change, userId) => {
    engine.emit({
      companyId: company.id,
      projectId: null,
      userId,
      eventType: change,
      resourceName: 'Company Vendors',
      resourceId: vendor.id,
      applicationId: userId === serviceUser ? (clients[0]?.id ?? null) : null,
    });
  });
  const catalogue = new Catalogue(options.inferredPathPrefix);
  const handlers = new Map<string, Handler>(
    [
      coreHandlers(state),
      vendors.handlers(),
      external.handlers(),
      requests.handlers(),
      staged.handlers(),
      new ErpConnections(state, actions, unlinkBy !== 'external_data').handlers(),
      new CompanyRoutes(state, records, catalogue).handlers(),
      new HooksV1(hooks, engine).handlers(),
      new HooksV2(hooks, engine).handlers(),
    ].flatMap((part) => Object.entries(part)),
  );
  const recordRoutes = new RecordRoutes(state, records, views, catalogue, {
    duplicateOriginIdStatus: duplicateStatus,
    standardCodeSyncView: options.standardCodeSyncView ?? 'ids',
  });
  const collections = [recordRoutes, new GenericCollections(state)];
  const router = new RestRouter(state, oauth, limiter, catalogue, handlers, collections);
  return {
    state,
    oauth,
    catalogue,
    faults,
    router,
    clients,
    vendors,
    records,
    external,
    staged,
    requests,
    events,
    actions,
    materialize,
    seeds,
    exports: recordExports,
    asks: new Asks(people),
    imports: new Imports(people, staged, seeds),
    refreshes: new Refreshes(people),
    support: new Support(people),
    hooks,
    engine,
    log: new RequestLog(),
    approver: new AccountingApprover(actions),
  };
}

function coreHandlers(state: State): Record<string, Handler> {
  return {
    RestV10MeGet: ({ token }) =>
      ok({
        id: token.userId,
        login: token.person ? `user${token.userId}@example.com` : 'service-account@example.com',
        name: token.person ? `User ${token.userId}` : 'Service Account',
      }),
    RestV10CompaniesGet: (call) =>
      paginate(
        [...state.companies.values()].filter((c) => c.connected),
        call,
        (c) => ({
          id: c.id,
          name: c.name,
          is_active: true,
          logo_url: null,
          my_company: true,
          pcn_business_experience: false,
        }),
      ),
  };
}
