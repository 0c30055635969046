import { deserialize, serialize } from 'node:v8';
import { canAdvance, SystemClock, type Clock } from './clock';
import { ControlDoor } from './control-door';
import { ActionRefused } from './errors';
import { HttpDoor } from './http-door';
import { clone, type JsonObject } from './json';
import type { TokenAnswer } from './oauth';
import { COLLECTION_BY_PATH } from './records/collections';
import { recordState } from './records/store';
import { People, type PeopleParts } from './people/people';
import type { LogFilter } from './request-log';
import type { Company, StateDump } from './state';
import { stateView } from './state-view';
import type {
  ActiveFault,
  Addresses,
  ApproverOutcome,
  ApproverRule,
  CompanySeed,
  DeliveryView,
  EmitOptions,
  EmitResult,
  FaultRule,
  RawOptions,
  RequestLogEntry,
  SimulatorOptions,
  SimulatorState,
  StagedRecord,
  VendorState,
  Violation,
  WebhookOptions,
} from './types';
import type { ExportForm } from './vendor-actions';
import { vendorState } from './vendors';
import { buildWorld, type World } from './world';

/**
 * A stand-in of Procore: OAuth, REST, the ERP Integrations tool and webhooks as documented, with the people who use
 * them as methods. State is in memory; `/_sim/…` drives it from other processes.
 */
export class ProcoreSimulator extends People {
  private options: SimulatorOptions = {};
  private clock: Clock = new SystemClock();
  private world: World;
  private door: HttpDoor | null = null;

  constructor(options: SimulatorOptions = {}) {
    super();
    this.configure(options);
    this.world = buildWorld(this.clock, this.options);
  }

  async start(options: SimulatorOptions = {}): Promise<Addresses> {
    if (this.door) throw new Error('the simulator is already running');
    if (Object.keys(options).length > 0) {
      this.configure({ ...this.options, ...options });
      this.world = buildWorld(this.clock, this.options);
    }
    this.door = new HttpDoor(
      () => this.world,
      new ControlDoor(this),
      (line) => this.say(line),
    );
    const url = await this.door.listen(this.options.port ?? 0, this.options.host ?? '127.0.0.1');
    this.world.engine.start();
    return { apiUrl: url, loginUrl: url };
  }

  async stop(): Promise<void> {
    await this.door?.close();
    this.door = null;
    await this.world.engine.stop();
  }

  /** Back to the state after the start: no records, no tokens, no hooks, no faults, an empty log. */
  async reset(): Promise<void> {
    await this.world.engine.stop();
    this.world = buildWorld(this.clock, this.options);
    if (this.door) this.world.engine.start();
  }

  // ---- time and state -------------------------------------------------------------------------

  now(): number {
    return this.clock.now();
  }

  /** Move the clock; retries that have become due are sent when deliveries are automatic. */
  async advanceClock(ms: number): Promise<number> {
    if (!canAdvance(this.clock)) throw new ActionRefused('this clock cannot be moved', 409);
    if (ms < 0) throw new ActionRefused('time only moves forward', 400);
    this.clock.advance(ms);
    for (const company of this.world.state.companies.values()) this.world.requests.markStale(company);
    if (this.world.engine.options.delivery === 'auto') await this.world.engine.deliverNow();
    return this.clock.now();
  }

  state(): SimulatorState {
    const { state, requests, external, records, hooks, engine, faults } = this.world;
    return clone({
      now: this.clock.now(),
      companies: stateView(state, requests, external, records),
      hooks: hooks.views(),
      deliveries: engine.views(),
      faults: faults.list(),
    });
  }

  /** The records as bytes for a file, so that a later simulator can go on with them. */
  save(): Buffer {
    return serialize(this.world.state.dump());
  }

  /** Goes on with records that `save` wrote. */
  restore(saved: Buffer): void {
    this.world.state.load(deserialize(saved) as StateDump);
  }

  requestLog(filter: LogFilter = {}): RequestLogEntry[] {
    return this.world.log.list(filter);
  }

  /** Everything undocumented that clients sent. */
  violations(): (Violation & { seq: number; operationId: string | null })[] {
    return this.world.log.violations();
  }

  clearLog(): void {
    this.world.log.clear();
  }

  // ---- seeding --------------------------------------------------------------------------------

  addCompany(seed: CompanySeed): void {
    if (this.world.state.companies.has(seed.id)) throw new ActionRefused(`company ${seed.id} exists`, 409);
    this.world.state.addCompany(seed);
  }

  /** Install or remove the app in a company. */
  setConnected(companyId: number, connected: boolean): void {
    this.company(companyId).connected = connected;
  }

  /** Put vendors into the directory as people would have; `id` may be given. */
  seedVendors(vendors: JsonObject[], companyId?: number): VendorState[] {
    const company = this.company(companyId);
    return vendors.map((fields) => {
      const { id, ...rest } = fields;
      const wanted = typeof id === 'number' ? id : undefined;
      if (wanted !== undefined && company.vendors.has(wanted)) {
        throw new ActionRefused(`vendor ${wanted} exists`, 409);
      }
      if (wanted === undefined) return vendorState(this.world.vendors.create(company, rest, null));
      return vendorState(this.world.vendors.insert(company, rest, null, wanted));
    });
  }

  vendor(vendorId: number, companyId?: number): VendorState {
    return vendorState(this.company(companyId).vendor(vendorId));
  }

  /** Records of any documented collection, e.g. `/rest/v1.0/departments`, as they are given. */
  seedCollection(path: string, records: JsonObject[], companyId?: number): JsonObject[] {
    const company = this.company(companyId);
    const kind = COLLECTION_BY_PATH.get(path)?.kinds[0];
    if (kind !== undefined) {
      return records.map(({ id, ...fields }) => {
        const wanted = typeof id === 'number' ? id : undefined;
        return recordState(
          this.world.records,
          company,
          this.world.records.insert(company, kind, fields, wanted),
        );
      });
    }
    const { collections } = company;
    const known = collections.get(path) ?? new Map<number, JsonObject>();
    collections.set(path, known);
    return records.map((record) => {
      const id = typeof record['id'] === 'number' ? record['id'] : this.world.state.nextId('record');
      const stored = { ...record, id };
      known.set(id, stored);
      return stored;
    });
  }

  // ---- people in the ERP tool -----------------------------------------------------------------

  sendVendorToErp(vendorId: number, options: { userId?: number; companyId?: number } = {}): VendorState {
    const { company, userId } = this.actor(options);
    return vendorState(this.world.actions.sendVendorToErp(company, vendorId, userId));
  }

  retrieveVendor(vendorId: number, companyId?: number): VendorState {
    return vendorState(this.world.actions.retrieveVendor(this.company(companyId), vendorId));
  }

  exportVendor(vendorId: number, form: ExportForm & { companyId?: number } = {}): EmitResult {
    return this.world.actions.exportVendor(this.company(form.companyId), vendorId, form);
  }

  refreshVendors(options: { userId?: number; companyId?: number; force?: boolean } = {}): EmitResult {
    const { company, userId } = this.actor(options);
    return this.world.actions.refreshVendors(company, userId, options.force ?? false);
  }

  importVendor(
    stagedRecordId: number,
    options: { userId?: number; companyId?: number } = {},
  ): EmitResult & { vendorId: number } {
    const { company, userId } = this.actor(options);
    return this.world.actions.importVendor(company, stagedRecordId, userId);
  }

  linkVendor(
    stagedRecordId: number,
    vendorId: number,
    options: { userId?: number; companyId?: number } = {},
  ): EmitResult {
    const { company, userId } = this.actor(options);
    return this.world.actions.linkVendor(company, stagedRecordId, vendorId, userId);
  }

  linkAllVendors(
    options: { userId?: number; companyId?: number } = {},
  ): EmitResult & { vendorIds: number[] } {
    const { company, userId } = this.actor(options);
    return this.world.actions.linkAllVendors(company, userId);
  }

  mergeVendors(
    masterId: number,
    sourceIds: number[],
    options: { userId?: number; companyId?: number } = {},
  ): EmitResult {
    const { company, userId } = this.actor(options);
    return this.world.actions.mergeVendors(company, masterId, sourceIds, userId);
  }

  unlinkVendor(vendorId: number, options: { userId?: number; companyId?: number } = {}): EmitResult {
    const { company, userId } = this.actor(options);
    return this.world.actions.unlinkVendor(company, vendorId, userId);
  }

  editVendor(
    vendorId: number,
    patch: JsonObject,
    options: { userId?: number; companyId?: number } = {},
  ): VendorState {
    const { company, userId } = this.actor(options);
    return vendorState(this.world.actions.editVendor(company, vendorId, patch, userId));
  }

  archiveStaged(stagedRecordId: number, companyId?: number): StagedRecord {
    return clone(this.world.actions.archiveStaged(this.company(companyId), stagedRecordId));
  }

  /** Any of the documented ERP events, from its example payload with fresh ids. */
  emitEvent(requestName: string, options: EmitOptions = {}): EmitResult {
    const company = this.company(options.companyId);
    return clone(
      this.world.events.emitEvent(company, requestName, options, (payload) =>
        this.world.materialize(company, requestName, payload),
      ),
    );
  }

  /** Any JSON as the body of an ERP request. */
  emitRaw(body: unknown, options: RawOptions = {}): EmitResult {
    return this.world.events.emitRaw(this.company(options.companyId), body, options);
  }

  setApproverRules(rules: ApproverRule[]): void {
    this.world.approver.setRules(rules);
  }

  /** The accounting approver works through everything that was sent to the ERP. */
  runApprover(companyId?: number): ApproverOutcome[] {
    return this.world.approver.run(this.company(companyId));
  }

  // ---- trouble --------------------------------------------------------------------------------

  addFault(rule: FaultRule): ActiveFault {
    return this.world.faults.add(rule);
  }

  faults(): ActiveFault[] {
    return this.world.faults.list();
  }

  clearFaults(): void {
    this.world.faults.clear();
  }

  /** 503 with Retry-After on every REST call; null ends it. */
  setUnavailable(retryAfterSeconds: number | null): void {
    this.world.router.unavailableForSeconds = retryAfterSeconds;
  }

  /** Every token answers 401 from now on, as after a reinstallation of the app. */
  revokeAllTokens(): void {
    this.world.oauth.revokeAll();
  }

  /** The token pair a person gets at the end of the authorization code flow. */
  issueUserToken(userId: number, clientId: string = this.world.clients[0]?.id ?? ''): TokenAnswer {
    return this.world.oauth.issueForPerson(clientId, userId);
  }

  // ---- webhooks -------------------------------------------------------------------------------

  deliverNow(): Promise<number> {
    return this.world.engine.deliverNow();
  }

  deliveries(): DeliveryView[] {
    return this.world.engine.views();
  }

  webhookOptions(): WebhookOptions {
    return { ...this.world.engine.options };
  }

  setWebhookOptions(patch: Partial<WebhookOptions>): WebhookOptions {
    this.world.engine.setOptions(patch);
    return this.webhookOptions();
  }

  // ---------------------------------------------------------------------------------------------

  protected people(companyId?: number): { company: Company; parts: PeopleParts } {
    return { company: this.company(companyId), parts: this.world };
  }

  private configure(options: SimulatorOptions): void {
    this.options = options;
    this.clock = options.clock ?? this.clock;
  }

  private say(line: string): void {
    this.options.onLine?.(line);
  }

  private actor(options: { userId?: number; companyId?: number }): {
    company: Company;
    userId: number | undefined;
  } {
    return { company: this.company(options.companyId), userId: options.userId };
  }

  private company(id?: number): Company {
    const { companies } = this.world.state;
    const company = id === undefined ? [...companies.values()][0] : companies.get(id);
    if (!company) throw new ActionRefused(`no company ${id ?? ''}`, 404);
    return company;
  }
}
