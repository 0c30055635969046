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
import { asInt } from './json';
import { followAnswers } from './people/answers';
import { RecordExports } from './people/exports';
import { Payloads } from './people/payloads';
import { Prerequisites } from './people/prerequisites';
import { OAuth } from './oauth';
import { paginate } from './pagination';
import { DEFAULT_RATE_LIMIT, RateLimiter } from './rate-limit';
import { CompanyRoutes } from './records/company-routes';
import { Materializer } from './records/materialize';
import { originTaken, type OriginTaken } from './records/origin';
import { KINDS } from './records/record';
import { RecordRoutes } from './records/routes';
import { Records } from './records/store';
import { Views } from './records/views';
import { RequestLog } from './request-log';
import { RestRouter } from './rest-router';
import { StagedRecords } from './staged-records';
import { State } from './state';
import { StatusManagement } from './status-management';
import { CompanyTimeRoutes } from './timekeeping/company-routes';
import { DirectoryRoutes } from './timekeeping/directory-routes';
import { EntryViews } from './timekeeping/entry-views';
import { People } from './timekeeping/people';
import { ProjectTimeRoutes } from './timekeeping/project-routes';
import { Timecards } from './timekeeping/timecards';
import { UserRoutes } from './timekeeping/user-routes';
import type { ClientCredentials, CompanySeed, SimulatorOptions, WebhookOptions } from './types';
import { DEFAULT_WEBHOOKS, DeliveryEngine } from './webhooks/delivery';
import { HookStore } from './webhooks/hook-store';
import { HooksV1 } from './webhooks/hooks-v1';
import { HooksV2 } from './webhooks/hooks-v2';

export const DEFAULT_COMPANY: CompanySeed = { id: 4264807, name: 'Harbor & Stone Builders' };
export const DEFAULT_CLIENT: ClientCredentials = { id: 'tieback-demo', secret: 'demo-secret' };
export const DEFAULT_SERVICE_USER = 9001;

/** One generation of the simulated world: what its people and its tests act on. */
export interface World extends ServedWorld {
  clients: ClientCredentials[];
  originTaken: OriginTaken;
  records: Records;
  views: Views;
  external: ExternalData;
  staged: StagedRecords;
  status: StatusManagement;
  requests: ErpRequests;
  events: ErpEvents;
  payloads: Payloads;
  exports: RecordExports;
  approver: AccountingApprover;
  /** Lets the records of an example event exist. */
  materializer: Materializer;
  timecards: Timecards;
  people: People;
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
  const engine = new DeliveryEngine(state, hooks, engineOptions, { faults, say });
  const unlinkBy = options.unlinkBy ?? 'either';
  const taken = originTaken(options.originIdScope ?? 'company');
  const records = new Records({
    state,
    originTaken: taken,
    onChange: ({ company, record, event, userId }) => {
      const { webhook } = KINDS[record.kind];
      if (webhook === undefined) return;
      engine.emit({
        companyId: company.id,
        projectId: null,
        userId,
        eventType: event,
        resourceName: webhook,
        resourceId: record.id,
        applicationId: userId === serviceUser ? (clients[0]?.id ?? null) : null,
      });
    },
  });
  const views = new Views(records);
  const external = new ExternalData(state, records, taken, unlinkBy !== 'status_management');
  const requests = new ErpRequests(state, {
    listAvailable: options.requestListAvailable ?? true,
    staleAfterHours: options.detailStaleAfterHours ?? null,
  });
  const events = new ErpEvents(state, requests, engine, {
    detailLocation: options.requestDetailLocation ?? 'request_data',
    say,
  });
  const staged = new StagedRecords(state, options.rejectUnknownStagedFields ?? false);
  const status = new StatusManagement(external, staged);
  const payloads = new Payloads(records, views);
  const recordExports = new RecordExports({
    records,
    views,
    events,
    payloads,
    prerequisites: new Prerequisites(records, views),
    allowUnsyncedVendor: options.allowUnsyncedVendor ?? false,
  });
  followAnswers(requests, records);
  const catalogue = new Catalogue(options.inferredPathPrefix);
  const duplicateOriginIdStatus = options.duplicateOriginIdStatus ?? 409;
  const timecards = new Timecards({
    state,
    records,
    onChange: ({ company, entry, event, userId }) =>
      engine.emit({
        companyId: company.id,
        projectId: asInt(entry.fields['project_id']) ?? null,
        userId,
        eventType: event,
        resourceName: 'Timecard Entries',
        resourceId: entry.id,
        applicationId: userId === serviceUser ? (clients[0]?.id ?? null) : null,
      }),
  });
  const people = new People(state);
  const timeParts = {
    state,
    catalogue,
    timecards,
    views: new EntryViews(records, views, timecards),
    timecardsWithoutDates: options.timecardsWithoutDates ?? 'all',
    lockedTimecards: options.lockedTimecards ?? 'leave_out',
    timecardPieces: options.timecardPieces ?? 'listed',
  };
  const handlers = new Map<string, Handler>(
    [
      coreHandlers(state),
      external.handlers(),
      requests.handlers(),
      staged.handlers(),
      new ErpConnections(state, unlinkBy === 'external_data' ? null : status).handlers(),
      new CompanyRoutes(state, records, catalogue).handlers(),
      new CompanyTimeRoutes(timeParts).handlers(),
      new ProjectTimeRoutes(timeParts, records).handlers(),
      new DirectoryRoutes({ state, records, catalogue, people, duplicateOriginIdStatus }).handlers(),
      new UserRoutes(state, people, duplicateOriginIdStatus).handlers(),
      new HooksV1(hooks, engine).handlers(),
      new HooksV2(hooks, engine).handlers(),
    ].flatMap((part) => Object.entries(part)),
  );
  const recordRoutes = new RecordRoutes({
    state,
    records,
    views,
    catalogue,
    duplicateOriginIdStatus,
    standardCodeSyncView: options.standardCodeSyncView ?? 'ids',
  });
  const collections = [recordRoutes, new GenericCollections(state)];
  const companyHeader = options.companyHeader ?? 'required';
  const router = new RestRouter({ state, oauth, limiter, catalogue, handlers, collections, companyHeader });
  return {
    state,
    oauth,
    catalogue,
    faults,
    router,
    clients,
    originTaken: taken,
    records,
    views,
    external,
    staged,
    status,
    requests,
    events,
    payloads,
    exports: recordExports,
    approver: new AccountingApprover(records, recordExports),
    materializer: new Materializer(records, taken),
    timecards,
    people,
    hooks,
    engine,
    log: new RequestLog(),
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
