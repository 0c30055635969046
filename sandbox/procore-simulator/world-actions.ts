import { canAdvance } from './clock';
import { ActionRefused } from './errors';
import { asInt, clone, type JsonObject } from './json';
import type { TokenAnswer } from './oauth';
import { collectionAt, listPath } from './records/collections';
import type { LogFilter } from './request-log';
import { actions } from './stage';
import { stateView } from './state-view';
import type {
  ActiveFault,
  CompanySeed,
  DeliveryView,
  EmitOptions,
  EmitResult,
  FaultRule,
  LoggedViolation,
  RawOptions,
  RequestLogEntry,
  SimulatorState,
  WebhookOptions,
} from './types';

/** What nobody does in Procore itself: time, looking in, records from nowhere, trouble. */
export const WORLD_ACTIONS = actions({
  health(): { ok: true } {
    return { ok: true };
  },

  /** Back to the state after the start: no records, no tokens, no hooks, no faults, an empty log. */
  reset(): Promise<void> {
    return this.reset();
  },

  // ---- time and state -------------------------------------------------------------------------

  clock(): { now: number } {
    return { now: this.clock.now() };
  },

  /** Move the clock; retries that have become due are sent when deliveries are automatic. */
  async advanceClock(ms: number): Promise<{ now: number }> {
    const { clock, world } = this;
    if (!canAdvance(clock)) throw new ActionRefused('this clock cannot be moved', 409);
    if (!Number.isSafeInteger(ms)) throw new ActionRefused('ms must be an integer', 400);
    if (ms < 0) throw new ActionRefused('time only moves forward', 400);
    clock.advance(ms);
    for (const company of world.state.companies.values()) world.requests.markStale(company);
    if (world.engine.options.delivery === 'auto') await world.engine.deliverNow();
    return { now: clock.now() };
  },

  state(): SimulatorState {
    const { hooks, engine, faults } = this.world;
    return clone({
      now: this.clock.now(),
      companies: stateView(this.world),
      hooks: hooks.views(),
      deliveries: engine.views(),
      faults: faults.list(),
    });
  },

  requestLog(filter: LogFilter = {}): RequestLogEntry[] {
    return this.world.log.list(filter);
  },

  /** How many calls there were, without their bodies. */
  requestCount(filter: LogFilter = {}): number {
    return this.world.log.count(filter);
  },

  /** Everything undocumented that clients sent. */
  violations(): LoggedViolation[] {
    return this.world.log.violations();
  },

  clearLog(): void {
    this.world.log.clear();
  },

  // ---- companies and records from nowhere -----------------------------------------------------

  addCompany(seed: CompanySeed): void {
    const { state } = this.world;
    if (state.companies.has(seed.id)) throw new ActionRefused(`company ${seed.id} exists`, 409);
    state.addCompany(seed);
  },

  /** Install or remove the app in a company. */
  setConnected(companyId: number, connected: boolean): void {
    this.at(companyId).company.connected = connected;
  },

  /** Records of any documented collection, e.g. `/rest/v1.0/departments`, as they are given. */
  seedCollection(path: string, records: JsonObject[], companyId?: number): JsonObject[] {
    const { company, records: all, state, show } = this.at(companyId);
    const kind = collectionAt(path)?.kinds[0];
    if (kind !== undefined) {
      return records.map(({ id, ...fields }) => show(all.insert(company, kind, fields, asInt(id))));
    }
    const known = company.collections.get(listPath(path)) ?? new Map<number, JsonObject>();
    company.collections.set(listPath(path), known);
    return records.map((record) => {
      const stored = { ...record, id: asInt(record['id']) ?? state.nextId('record') };
      known.set(stored.id, stored);
      return stored;
    });
  },

  /** Any of the documented ERP events, from its example payload with fresh ids. */
  emitEvent(requestName: string, options: EmitOptions = {}): EmitResult {
    const { company, events, materializer } = this.at(options.companyId);
    const prepare = (payload: JsonObject): void => materializer.materialize(company, requestName, payload);
    return clone(events.emitEvent(company, requestName, options, prepare));
  },

  /** Any JSON as the body of an ERP request. */
  emitRaw(body: unknown, options: RawOptions = {}): EmitResult {
    const { company, events } = this.at(options.companyId);
    return events.emitRaw(company, body, options);
  },

  // ---- trouble --------------------------------------------------------------------------------

  addFault(rule: FaultRule): ActiveFault {
    return this.world.faults.add(rule);
  },

  faults(): ActiveFault[] {
    return this.world.faults.list();
  },

  clearFaults(): void {
    this.world.faults.clear();
  },

  /** 503 with Retry-After on every REST call; null ends it. */
  setUnavailable(retryAfterSeconds: number | null): void {
    this.world.router.unavailableForSeconds = retryAfterSeconds;
  },

  /** Every token answers 401 from now on, as after a reinstallation of the app. */
  revokeAllTokens(): void {
    this.world.oauth.revokeAll();
  },

  /** The token pair a person gets at the end of the authorization code flow. */
  issueUserToken(userId: number, clientId?: string): TokenAnswer {
    const { oauth, clients } = this.world;
    return oauth.issueForPerson(clientId ?? clients[0]?.id ?? '', userId);
  },

  // ---- webhooks -------------------------------------------------------------------------------

  /** Attempts everything that is due; answers how many attempts that were. */
  deliverNow(): Promise<number> {
    return this.world.engine.deliverNow();
  },

  deliveries(): DeliveryView[] {
    return this.world.engine.views();
  },

  webhookOptions(): WebhookOptions {
    return { ...this.world.engine.options };
  },

  setWebhookOptions(patch: Partial<WebhookOptions>): WebhookOptions {
    this.world.engine.setOptions(patch);
    return { ...this.world.engine.options };
  },
});
